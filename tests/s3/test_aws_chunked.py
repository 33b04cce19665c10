"""
The framing C{aws-chunked}: AWS's own examples, every form under every cut, and what is refused.
"""

from __future__ import annotations

from zlib import crc32

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.aws_chunked import MAX_LINE
from pachgw.s3.checksums import to_base64
from pachgw.s3.chunk_signature import ChunkSigner
from pachgw.s3.credentials import Verified
from pachgw.s3.errors import (
    BadDigest,
    IncompleteBody,
    InvalidChunkSizeError,
    MalformedTrailerError,
    S3Error,
    SignatureDoesNotMatch,
)
from pachgw.s3.payload import PayloadCheck
from pachgw.s3.signature_v4 import Scope
from tests.s3.botocore_signer import PROPERTY
from tests.s3.chunk_encoder import SIGNED, SIGNED_TRAILER, SIGNER, UNSIGNED_TRAILER, VERIFIED, decode, encode, put

CHUNKS = st.lists(st.binary(min_size=1, max_size=6000), max_size=5)
SIZES = st.lists(st.integers(1, 3000), max_size=20)
SIGNATURE = "0" * 64


def checksum_line(content: bytes) -> tuple[str, str]:
    """
    The trailer with the CRC32 of some content.
    """
    return "x-amz-checksum-crc32", to_base64(crc32(content).to_bytes(4, "big"))


class ExampleTests(SynchronousTestCase):
    """
    The examples in AWS's documentation: 65 KiB of C{a}, in chunks of 64 KiB.
    """

    def signer(self, seed: str) -> Verified:
        """
        The documentation's keys and time, and the signature of the example's request.
        """
        scope = Scope("20130524", "us-east-1")
        return Verified("", ChunkSigner(scope.key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "20130524T000000Z", str(scope), seed))

    def body(self, *signatures: str) -> bytes:
        """
        The chunks with their signatures.
        """
        pieces = (b"a" * 65536, b"a" * 1024, b"")
        headers = [f"{len(piece):x};chunk-signature={signature}\r\n" for piece, signature in zip(pieces, signatures, strict=True)]
        return b"".join(header.encode() + piece + b"\r\n" * bool(piece) for header, piece in zip(headers, pieces, strict=True))

    def test_chunks(self) -> None:
        """
        "Signature calculations for the Authorization header: transferring payload in multiple chunks".
        """
        body = self.body(
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        )
        verified = self.signer("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
        check = PayloadCheck(put(SIGNED, x_amz_decoded_content_length="66560"), verified)
        self.assertEqual(check.length, 66560)
        self.assertEqual(decode(check, body + b"\r\n"), b"a" * 66560)

    def test_trailer(self) -> None:
        """
        "… including trailing headers".
        """
        body = self.body(
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        )
        body += b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
        body += b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
        verified = self.signer("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
        head = put(SIGNED_TRAILER, x_amz_decoded_content_length="66560", x_amz_trailer="x-amz-checksum-crc32c")
        check = PayloadCheck(head, verified)
        self.assertEqual(decode(check, body), b"a" * 66560)
        self.assertEqual([(each.algorithm, each.value) for each in check.checksums()], [("CRC32C", "sOO8/Q==")])


class FormTests(SynchronousTestCase):
    """
    Every form, cut anywhere.
    """

    @PROPERTY
    @given(CHUNKS, SIZES)
    def test_signed(self, chunks: list[bytes], sizes: list[int]) -> None:
        """
        Signed chunks without a trailer.
        """
        content = b"".join(chunks)
        check = PayloadCheck(put(SIGNED, x_amz_decoded_content_length=str(len(content))), VERIFIED)
        self.assertEqual(decode(check, encode(chunks, SIGNER), sizes), content)
        self.assertEqual(check.received, len(content))

    @PROPERTY
    @given(CHUNKS, SIZES, st.booleans())
    @example([], [], True)
    def test_signed_trailer(self, chunks: list[bytes], sizes: list[int], like_minio: bool) -> None:
        """
        Signed chunks with a signed trailer, in both ways to end its lines.
        """
        content = b"".join(chunks)
        body = encode(chunks, SIGNER, [checksum_line(content)], like_minio)
        check = PayloadCheck(put(SIGNED_TRAILER, x_amz_trailer="x-amz-checksum-crc32"), VERIFIED)
        self.assertEqual(decode(check, body, sizes), content)
        self.assertEqual(check.checksums()[0].value, checksum_line(content)[1])

    @PROPERTY
    @given(CHUNKS, SIZES, st.booleans())
    def test_unsigned_trailer(self, chunks: list[bytes], sizes: list[int], like_minio: bool) -> None:
        """
        Chunks without signatures, with a trailer.
        """
        content = b"".join(chunks)
        body = encode(chunks, None, [checksum_line(content)], like_minio)
        check = PayloadCheck(put(UNSIGNED_TRAILER, x_amz_trailer="x-amz-checksum-crc32"), VERIFIED)
        self.assertEqual(decode(check, body, sizes), content)

    def test_signatures_are_not_looked_at_without_a_secret(self) -> None:
        """
        With auth off the framing is taken off, whatever its signatures; the checksum still counts.
        """
        head = put(SIGNED_TRAILER, x_amz_trailer="x-amz-checksum-crc32")
        body = encode([b"abc"], SIGNER, [checksum_line(b"abc")]).replace(b"signature=", b"signature=x")
        self.assertEqual(decode(PayloadCheck(head), body), b"abc")
        self.assertRaises(BadDigest, decode, PayloadCheck(head), body.replace(b"abc", b"abd"))

    def test_no_mode(self) -> None:
        """
        An SDK that does not sign, or signs with version 2, sends the framing without a mode.
        """
        head = put(None, content_encoding="gzip, aws-chunked", x_amz_trailer="x-amz-checksum-crc32")
        self.assertEqual(decode(PayloadCheck(head), encode([b"abc"], None, [checksum_line(b"abc")])), b"abc")

    def test_end_of_the_body_is_the_end_of_the_line(self) -> None:
        """
        A client may leave out the last line ends.
        """
        head = put(UNSIGNED_TRAILER, x_amz_trailer="x-amz-checksum-crc32")
        body = encode([b"abc"], None, [checksum_line(b"abc")]).rstrip(b"\r\n")
        self.assertEqual(decode(PayloadCheck(head), body), b"abc")
        self.assertEqual(decode(PayloadCheck(put(SIGNED), VERIFIED), encode([b"abc"], SIGNER).removesuffix(b"\r\n")), b"abc")

    def test_large_pieces_are_views(self) -> None:
        """
        Content is handed on before its chunk is complete, and large pieces are not copied.
        """
        data = b"100000\r\n" + bytes(50000)
        [piece] = PayloadCheck(put(UNSIGNED_TRAILER)).feed(data)
        self.assertIs(memoryview(piece).obj, data)
        self.assertEqual(len(piece), 50000)

    def test_small_pieces_are_gathered(self) -> None:
        """
        A body of one-byte chunks does not become as many objects.
        """
        pieces = PayloadCheck(put(UNSIGNED_TRAILER)).feed(b"1\r\na\r\n" * 10000)
        self.assertEqual([bytes(piece) for piece in pieces], [b"a" * 10000])


class RefusedTests(SynchronousTestCase):
    """
    What is wrong with a body, and when it is found.
    """

    def refuse(self, error: type[S3Error], body: bytes, mode: str = UNSIGNED_TRAILER, **headers: str) -> S3Error:
        """
        Assert that a body is refused, whether it comes at once or byte by byte.
        """
        verified = None if mode == UNSIGNED_TRAILER else VERIFIED
        self.assertRaises(error, decode, PayloadCheck(put(mode, **headers), verified), body, [1] * len(body))
        raised: S3Error = self.assertRaises(error, decode, PayloadCheck(put(mode, **headers), verified), body)
        return raised

    def test_changed_bytes(self) -> None:
        """
        A signed chunk of which one byte is another.
        """
        body = encode([b"abc", b"def"], SIGNER)
        for old, new in ((b"abc", b"abd"), (b"def", b"deg"), (b"0;chunk-signature=", b"0;chunk-signature=0")):
            self.refuse(SignatureDoesNotMatch, body.replace(old, new), SIGNED)

    def test_changed_chain(self) -> None:
        """
        Signed chunks in another order, or one too few.
        """
        first, second, last = (encode([chunk], SIGNER).partition(b"0;")[0] for chunk in (b"abc", b"def", b"ghi"))
        body = encode([b"abc", b"def"], SIGNER)
        self.assertTrue(body.startswith(first))
        self.refuse(SignatureDoesNotMatch, second + first, SIGNED)
        self.refuse(SignatureDoesNotMatch, body.removeprefix(first), SIGNED)
        self.refuse(SignatureDoesNotMatch, first + last, SIGNED)

    def test_chunk_is_refused_at_its_end(self) -> None:
        """
        A chunk's signature is checked when the chunk is complete, before the body is.
        """
        check = PayloadCheck(put(SIGNED), VERIFIED)
        header = f"3;chunk-signature={SIGNATURE}\r\n".encode()
        self.assertEqual(b"".join(check.feed(header + b"ab")), b"ab")
        self.assertRaises(SignatureDoesNotMatch, check.feed, b"c")

    def test_no_signature(self) -> None:
        """
        A chunk without a signature where there should be one.
        """
        self.refuse(SignatureDoesNotMatch, encode([b"abc"]), SIGNED)

    def test_trailer_signature(self) -> None:
        """
        A trailer that is changed, not signed, or signed as something else.
        """
        content = b"abc"
        body = encode([content], SIGNER, [checksum_line(content)])
        headers = {"x_amz_trailer": "x-amz-checksum-crc32"}
        self.refuse(SignatureDoesNotMatch, body.replace(checksum_line(content)[1].encode(), b"AAAAAA=="), SIGNED_TRAILER, **headers)
        self.refuse(SignatureDoesNotMatch, body.replace(b"-signature:", b"-signature:0"), SIGNED_TRAILER, **headers)
        unsigned = body.partition(b"x-amz-trailer-signature")[0]
        self.refuse(MalformedTrailerError, unsigned, SIGNED_TRAILER, **headers)

    def test_trailer_that_was_not_declared(self) -> None:
        """
        A trailer that the headers do not announce, has no colon, comes twice, or behind the signature.
        """
        line = b"x-amz-checksum-crc32:AAAAAA==\r\n"
        self.refuse(MalformedTrailerError, b"0\r\n" + line + b"\r\n")
        self.refuse(MalformedTrailerError, b"0\r\nnonsense\r\n\r\n")
        self.refuse(MalformedTrailerError, b"0\r\n" + line + line + b"\r\n", x_amz_trailer="x-amz-checksum-crc32")
        self.refuse(MalformedTrailerError, b"0\r\n" + line + b"x-foo: bar\r\n\r\n", x_amz_trailer="x-amz-checksum-crc32")
        signed = encode([b"abc"], SIGNER)
        self.refuse(MalformedTrailerError, signed + line, SIGNED)
        self.refuse(MalformedTrailerError, signed + b"x-amz-trailer-signature:1\r\n" + line, SIGNED_TRAILER)

    def test_trailer_that_did_not_come(self) -> None:
        """
        A declared trailer must be there, and be a checksum.
        """
        self.refuse(MalformedTrailerError, encode([b"abc"]), x_amz_trailer="x-amz-checksum-crc32")
        body = encode([b"abc"], None, [("x-amz-checksum-crc32", "nonsense")])
        self.refuse(BadDigest, body, x_amz_trailer="x-amz-checksum-crc32")

    def test_wrong_checksum(self) -> None:
        """
        The trailer's checksum is another than that of the content.
        """
        error = self.refuse(BadDigest, encode([b"abc"], None, [checksum_line(b"abd")]), x_amz_trailer="x-amz-checksum-crc32")
        self.assertIn("CRC32", error.message)

    def test_too_short(self) -> None:
        """
        A body that ends before its last chunk, wherever, or holds less than was promised.
        """
        body = encode([b"abc"], SIGNER)
        for end in range(len(body) - 3):
            self.assertRaises(IncompleteBody, decode, PayloadCheck(put(SIGNED), VERIFIED), body[:end])
        self.refuse(IncompleteBody, body, SIGNED, x_amz_decoded_content_length="4")

    def test_too_long(self) -> None:
        """
        A chunk that would hold more than was promised is refused by its header.
        """
        check = PayloadCheck(put(UNSIGNED_TRAILER, x_amz_decoded_content_length="5"))
        check.feed(b"3\r\nabc\r\n")
        self.assertRaises(IncompleteBody, check.feed, b"3\r\n")

    def test_chunk_header(self) -> None:
        """
        A chunk whose header is no size, or lies.
        """
        for body in (
            b"x\r\n",
            b"\r\n",
            b"-1\r\na",
            b"+1\r\na",
            b"0x1\r\na",
            b"1 a\r\na",
            b"1_0\r\n",
            b"\xff\r\n",
            b"11111111111111111\r\na",
            b"1\r\nab\r\n",
            b"1;" + b"x" * MAX_LINE,
            b"\n" * 3,
        ):
            self.refuse(InvalidChunkSizeError, body)

    def test_endless_lines(self) -> None:
        """
        Neither a line nor the trailer grows without bound.
        """
        self.refuse(InvalidChunkSizeError, b"1" * MAX_LINE)
        self.refuse(MalformedTrailerError, b"0\r\nx-amz-checksum-crc32:" + b"A" * MAX_LINE)
        self.refuse(MalformedTrailerError, b"0\r\n" + b"\r\n" * 17)

    @PROPERTY
    @given(
        st.sampled_from([SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER]),
        st.lists(
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from(
                    [b"\r\n", b"\n", b"0", b"0\r\n", b"5\r\n", b";chunk-signature=", b"x-amz-checksum-crc32:", b"x-amz-trailer-signature:"]
                ),
            ),
            max_size=12,
        ),
        SIZES,
    )
    def test_anything(self, mode: str, pieces: list[bytes], sizes: list[int]) -> None:
        """
        Whatever comes, the answer is content or an error of S3, and the same however the body is cut.
        """
        body = b"".join(pieces)
        outcomes = []
        for cuts in (sizes, [], [1] * len(body)):
            try:
                outcomes.append(
                    decode(
                        PayloadCheck(put(mode, x_amz_trailer="x-amz-checksum-crc32") if mode != SIGNED else put(mode), VERIFIED), body, cuts
                    )
                )
            except S3Error as error:
                outcomes.append(type(error))
        self.assertEqual(outcomes[0], outcomes[1])
        self.assertEqual(outcomes[0], outcomes[2])
