"""
Bodies without framing: what the headers promise of them, and whether they keep it.
"""

from __future__ import annotations

from hashlib import md5, sha256
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.checksums import to_base64
from pachgw.s3.errors import (
    BadDigest,
    IncompleteBody,
    InvalidArgument,
    InvalidDigest,
    InvalidRequest,
    NotImplemented,
    S3Error,
    XAmzContentSHA256Mismatch,
)
from pachgw.s3.metadata import Checksum
from pachgw.s3.payload import PayloadCheck
from tests.s3.botocore_signer import PROPERTY
from tests.s3.chunk_encoder import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, VERIFIED, decode, put

BODY = b"some bytes"
SHA256 = sha256(BODY).hexdigest()
MD5 = to_base64(md5(BODY).digest())
CRC32 = to_base64(crc32(BODY).to_bytes(4, "big"))
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("content_md5", "content_length", "x_amz_decoded_content_length", "x_amz_trailer", "content_encoding"),
            *("x_amz_checksum_crc32", "x_amz_checksum_sha256", "x_amz_checksum_type", "x_amz_checksum_algorithm"),
            *("x_amz_sdk_checksum_algorithm", "x_amz_checksum_foo"),
        ]
    ),
    st.one_of(
        st.text(st.characters(max_codepoint=0xFF), max_size=12),
        st.sampled_from(["CRC32", "sha256", MD5, CRC32, "aws-chunked", "x-amz-checksum-crc32", "10", "0"]),
    ),
    max_size=4,
)


class KeptTests(SynchronousTestCase):
    """
    Bodies that are what they should be.
    """

    def test_unsigned(self) -> None:
        """
        Without a promise anything is right; content is handed on as it is, not copied.
        """
        for mode in (None, "UNSIGNED-PAYLOAD"):
            check = PayloadCheck(put(mode))
            self.assertIs(check.length, None)
            self.assertIs(check.feed(BODY)[0], BODY)
            check.finish()
            self.assertEqual((check.received, check.checksums()), (len(BODY), ()))

    def test_everything_at_once(self) -> None:
        """
        A hash in either case of letters, an MD5, a length and a checksum, of a body that comes in pieces.
        """
        for mode in (SHA256, SHA256.upper()):
            check = PayloadCheck(put(mode, content_md5=MD5, content_length="10", x_amz_checksum_crc32=CRC32))
            self.assertEqual(check.length, 10)
            self.assertEqual(decode(check, BODY, [1, 2, 3]), BODY)
            self.assertEqual(check.checksums(), (Checksum("CRC32", CRC32),))

    def test_hash_is_shared(self) -> None:
        """
        The hash of the signature and a SHA-256 checksum are one.
        """
        value = to_base64(sha256(BODY).digest())
        check = PayloadCheck(put(SHA256, x_amz_checksum_sha256=value))
        self.assertEqual(decode(check, BODY), BODY)
        self.assertEqual(check.checksums(), (Checksum("SHA256", value),))

    def test_hash_in_the_query(self) -> None:
        """
        A presigned URL may hold the hash.
        """
        target = f"/bucket/key?X-Amz-Content-Sha256={SHA256}"
        self.assertEqual(decode(PayloadCheck(put(None, target=target)), BODY), BODY)
        self.assertRaises(XAmzContentSHA256Mismatch, decode, PayloadCheck(put(None, target=target)), BODY + b"!")

    def test_asked_for(self) -> None:
        """
        A checksum that the client asks for without giving it.
        """
        check = PayloadCheck(put(None, x_amz_checksum_algorithm="crc32"))
        decode(check, BODY)
        self.assertEqual(check.checksums(), (Checksum("CRC32", CRC32),))

    def test_completed_upload(self) -> None:
        """
        The checksum headers of CompleteMultipartUpload are not of its body.
        """
        head = put(None, "POST", "/bucket/key?uploadId=1", x_amz_checksum_crc32="AAAAAA==")
        self.assertEqual(decode(PayloadCheck(head), BODY), BODY)
        self.assertRaises(BadDigest, decode, PayloadCheck(put(None, "POST", x_amz_checksum_crc32="AAAAAA==")), BODY)

    def test_aws_chunked_in_name_only(self) -> None:
        """
        A body whose hash is signed has no framing, nor has one of which only C{Content-Encoding} says so.
        """
        self.assertEqual(decode(PayloadCheck(put(SHA256, content_encoding="aws-chunked")), BODY), BODY)
        self.assertEqual(decode(PayloadCheck(put(None, content_encoding="aws-chunked")), BODY), BODY)


class RefusedTests(SynchronousTestCase):
    """
    Bodies that are not what they should be, and headers that no body can satisfy.
    """

    def refuse(self, error: type[S3Error], body: bytes, mode: str = "UNSIGNED-PAYLOAD", **headers: str) -> S3Error:
        """
        Assert that a body is refused at its end.
        """
        raised: S3Error = self.assertRaises(error, decode, PayloadCheck(put(mode, **headers)), body)
        return raised

    def refuse_headers(self, error: type[S3Error], mode: str = "UNSIGNED-PAYLOAD", **headers: str) -> None:
        """
        Assert that a request is refused before its body.
        """
        self.assertRaises(error, PayloadCheck, put(mode, **headers))

    def test_other_bytes(self) -> None:
        """
        Another body of the same length; the answer says what was found.
        """
        body = BODY.replace(b"s", b"S")
        error = self.refuse(XAmzContentSHA256Mismatch, body, SHA256)
        self.assertEqual(error.elements["ClientComputedContentSHA256"], SHA256)
        self.assertEqual(error.elements["S3ComputedContentSHA256"], sha256(body).hexdigest())
        error = self.refuse(BadDigest, body, content_md5=MD5)
        self.assertEqual(error.elements["ExpectedDigest"], MD5)
        self.assertEqual(error.elements["CalculatedDigest"], to_base64(md5(body).digest()))
        self.refuse(BadDigest, body, x_amz_checksum_crc32=CRC32)

    def test_length(self) -> None:
        """
        Fewer bytes than promised, or more.
        """
        self.refuse(IncompleteBody, BODY, content_length="11")
        self.refuse(IncompleteBody, BODY, content_length="9")

    def test_mode(self) -> None:
        """
        A mode that is none, or that we do not have.
        """
        for mode in ("nonsense", SHA256[1:], "STREAMING-UNSIGNED-PAYLOAD"):
            self.refuse_headers(InvalidArgument, mode)
        for mode in ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"):
            self.refuse_headers(NotImplemented, mode)

    def test_md5(self) -> None:
        """
        An MD5 that is none.
        """
        for value in ("", "nonsense", MD5[:-4], "YWJyYWNhZGFicmE=", "\xe9" * 24):
            self.refuse_headers(InvalidDigest, content_md5=value)

    def test_lengths(self) -> None:
        """
        A length that is none.
        """
        self.refuse_headers(InvalidArgument, content_length="-1")
        self.refuse_headers(InvalidArgument, SIGNED, x_amz_decoded_content_length="1e3")
        self.refuse_headers(InvalidArgument, SIGNED, x_amz_decoded_content_length="1" * 19)

    def test_trailer_without_framing(self) -> None:
        """
        A trailer is announced, but this kind of body has none.
        """
        for mode in ("UNSIGNED-PAYLOAD", SHA256, SIGNED):
            self.refuse_headers(InvalidRequest, mode, x_amz_trailer="x-amz-checksum-crc32")


class HostileTests(SynchronousTestCase):
    """
    Whatever a client sends, it gets an answer of S3.
    """

    @PROPERTY
    @given(
        st.one_of(st.sampled_from([None, SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, SHA256]), st.text(st.characters(max_codepoint=0xFF))),
        HEADERS,
        st.sampled_from([BODY, b"", b"0\r\n\r\n", b"a\r\nsome bytes\r\n0\r\n\r\n"]),
    )
    def test_any_headers(self, mode: str | None, headers: dict[str, str], body: bytes) -> None:
        """
        Any headers about the body, together.
        """
        try:
            content = decode(PayloadCheck(put(mode, **headers), VERIFIED), body)
        except S3Error as error:
            self.assertLess(error.status, 502)
        else:
            self.assertIn(content, (body, BODY, b""))
