"""
Checksums of bytes, of parts, and in headers.
"""

from __future__ import annotations

import hashlib
import zlib

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.checksum_headers import Declared, parse_declared, parse_object_checksum, parse_upload_checksum
from pachgw.s3.checksum_parts import combine, composite, multipart_type
from pachgw.s3.checksums import ALGORITHMS, HASHES, from_base64, hasher, parse_algorithm, to_base64
from pachgw.s3.errors import BadDigest, InvalidRequest
from pachgw.s3.metadata import Checksum, ChecksumType
from tests.s3.botocore_signer import PROPERTY
from tests.s3.chunk_encoder import put

CHECK = b"123456789"
"""
The bytes of which catalogues of CRCs give the value.
"""

CRCS = [name for name in ALGORITHMS if name not in HASHES]


def digest(algorithm: str, data: bytes) -> bytes:
    """
    The checksum of some bytes.
    """
    each = hasher(algorithm)
    each.update(data)
    return each.digest()


class HasherTests(SynchronousTestCase):
    """
    Each algorithm.
    """

    def test_known_values(self) -> None:
        """
        The values of the catalogue of CRCs (C{reveng}), of hashlib and zlib.
        """
        for algorithm, value in (
            ("CRC32", bytes.fromhex("cbf43926")),
            ("CRC32C", bytes.fromhex("e3069283")),
            ("CRC64NVME", bytes.fromhex("ae8b14860a799888")),
            ("SHA1", hashlib.sha1(CHECK).digest()),
            ("SHA256", hashlib.sha256(CHECK).digest()),
            ("MD5", hashlib.md5(CHECK).digest()),
        ):
            self.assertEqual(digest(algorithm, CHECK), value, algorithm)

    def test_pieces(self) -> None:
        """
        The pieces in which bytes come do not matter, nor whether they are views.
        """
        for algorithm in (*ALGORITHMS, "MD5"):
            pieces = hasher(algorithm)
            for piece in (b"1234", b"", memoryview(b"x5678x")[1:-1], bytearray(b"9")):
                pieces.update(piece)
            self.assertEqual(pieces.digest(), digest(algorithm, CHECK), algorithm)

    def test_base64(self) -> None:
        """
        Only base64 of the right number of bytes is a digest.
        """
        self.assertEqual(from_base64("CRC32", to_base64(b"abcd")), b"abcd")
        for text in ("", "YWJj", "YWJjZGU=", "YWJjZA", "YWJjZ*==", "YWJj ZA==", "é"):
            self.assertIs(from_base64("CRC32", text), None)

    def test_algorithm(self) -> None:
        """
        An algorithm's name in any case of letters; an unknown one is refused with those that there are.
        """
        self.assertEqual(parse_algorithm(" crc64nvme"), "CRC64NVME")
        for name in ("", "MD5", "XXHASH64", "CRC"):
            self.assertIn("CRC64NVME", self.assertRaises(InvalidRequest, parse_algorithm, name).message)


class PartsTests(SynchronousTestCase):
    """
    The checksum of a multipart upload.
    """

    def test_composite(self) -> None:
        """
        The checksum of the raw checksums, and their number.
        """
        parts = [digest("CRC32", b"abc"), digest("CRC32", b"def")]
        value = to_base64(zlib.crc32(b"".join(parts)).to_bytes(4, "big"))
        self.assertEqual(composite("CRC32", parts), Checksum("CRC32", f"{value}-2", ChecksumType.COMPOSITE))

    @PROPERTY
    @given(st.sampled_from(CRCS), st.lists(st.binary(max_size=40), max_size=6))
    def test_combine(self, algorithm: str, parts: list[bytes]) -> None:
        """
        The CRC of the whole from those of its parts, some of which may be empty.
        """
        whole = combine(algorithm, [(digest(algorithm, part), len(part)) for part in parts])
        self.assertEqual(whole, Checksum(algorithm, to_base64(digest(algorithm, b"".join(parts)))))

    def test_combine_large(self) -> None:
        """
        Parts may be longer than 4 GiB: a CRC is not changed by what a zero register makes of zeros.
        """
        for algorithm in CRCS:
            size = len(digest(algorithm, b""))
            once = combine(algorithm, [(digest(algorithm, b"a"), 1), (bytes(size), 5 << 30)])
            twice = combine(algorithm, [(digest(algorithm, b"a"), 1), (bytes(size), 5 << 29), (bytes(size), 5 << 29)])
            self.assertEqual(once, twice)
            self.assertNotEqual(once, combine(algorithm, [(digest(algorithm, b"a"), 1), (bytes(size), 1 << 30)]))

    def test_hashes_do_not_combine(self) -> None:
        """
        The SHA family has no full-object checksum of a multipart upload.
        """
        for algorithm in HASHES:
            self.assertIn("FULL_OBJECT", self.assertRaises(InvalidRequest, combine, algorithm, []).message)

    def test_type(self) -> None:
        """
        The type that is asked for, the one that there is without asking, and those that there are not.
        """
        for algorithm, asked, found in (
            ("CRC64NVME", None, "FULL_OBJECT"),
            ("CRC32", None, "COMPOSITE"),
            ("CRC32C", "full_object", "FULL_OBJECT"),
            ("SHA256", "", "COMPOSITE"),
            ("SHA1", "COMPOSITE", "COMPOSITE"),
        ):
            self.assertIs(multipart_type(algorithm, asked), ChecksumType[found])
        for algorithm, asked in (("CRC64NVME", "COMPOSITE"), ("SHA1", "FULL_OBJECT"), ("CRC32", "HALF")):
            self.assertRaises(InvalidRequest, multipart_type, algorithm, asked)


class HeaderTests(SynchronousTestCase):
    """
    What headers say of checksums.
    """

    def test_declared(self) -> None:
        """
        A value, a trailer, a wish, or nothing.
        """
        value = digest("CRC32C", b"abc")
        for headers, found in (
            ({}, None),
            ({"x_amz_checksum_mode": "ENABLED"}, None),
            ({"x_amz_checksum_crc32c": to_base64(value)}, Declared("CRC32C", value)),
            ({"x_amz_checksum_crc32c": to_base64(value), "x_amz_sdk_checksum_algorithm": "CRC32C"}, Declared("CRC32C", value)),
            ({"x_amz_trailer": "X-Amz-Checksum-SHA256"}, Declared("SHA256", trailer=True)),
            ({"x_amz_checksum_algorithm": "SHA1", "x_amz_checksum_type": "COMPOSITE"}, Declared("SHA1")),
        ):
            self.assertEqual(parse_declared(put(None, **headers)), found)

    def test_refused(self) -> None:
        """
        Several checksums, unknown ones, values that are none, and headers that contradict each other.
        """
        value = "AAAAAA=="
        for headers in (
            {"x_amz_checksum_crc32": value, "x_amz_checksum_crc32c": value},
            {"x_amz_checksum_crc32": value, "x_amz_trailer": "x-amz-checksum-crc32"},
            {"x_amz_trailer": "x-amz-checksum-crc32,x-amz-checksum-sha1"},
            {"x_amz_trailer": "x-amz-meta-a"},
            {"x_amz_trailer": "x-amz-checksum-foo"},
            {"x_amz_checksum_foo": value},
            {"x_amz_checksum_crc32": value, "x_amz_sdk_checksum_algorithm": "SHA1"},
            {"x_amz_checksum_crc32": value, "x_amz_checksum_algorithm": "SHA1"},
            {"x_amz_sdk_checksum_algorithm": "CRC32"},
            {"x_amz_checksum_algorithm": "foo"},
        ):
            self.assertRaises(InvalidRequest, parse_declared, put(None, **headers))

    def test_no_digest(self) -> None:
        """
        A value that is none of its algorithm is that of no body.
        """
        for name, value in (("crc32", "bad"), ("sha256", "AAAAAA=="), ("crc32", "AAAAAA==-1")):
            self.assertRaises(BadDigest, parse_declared, put(None, **{f"x_amz_checksum_{name}": value}))
        self.assertRaises(BadDigest, parse_object_checksum, {"x-amz-checksum-sha256": "bad"})

    def test_object_checksum(self) -> None:
        """
        The checksum of the object that CompleteMultipartUpload gives.
        """
        crc, crc64, sha1 = (to_base64(digest(name, b"")) for name in ("CRC32", "CRC64NVME", "SHA1"))
        full, of_parts = ChecksumType.FULL_OBJECT, ChecksumType.COMPOSITE
        for headers, found in (
            ({}, None),
            ({"x-amz-checksum-crc32": crc}, Checksum("CRC32", crc, full)),
            ({"x-amz-checksum-crc32": crc, "x-amz-checksum-type": "COMPOSITE"}, Checksum("CRC32", crc, of_parts)),
            ({"x-amz-checksum-crc32": crc + "-3"}, Checksum("CRC32", crc + "-3", of_parts)),
            ({"x-amz-checksum-crc64nvme": crc64}, Checksum("CRC64NVME", crc64, full)),
            ({"x-amz-checksum-sha1": sha1}, Checksum("SHA1", sha1, of_parts)),
        ):
            self.assertEqual(parse_object_checksum(headers), found)
        for headers in (
            {"x-amz-checksum-crc32": crc + "-3", "x-amz-checksum-type": "FULL_OBJECT"},
            {"x-amz-checksum-crc64nvme": crc64 + "-3"},
            {"x-amz-checksum-crc32": crc + "-"},
            {"x-amz-checksum-crc32": crc + "-x"},
            {"x-amz-checksum-sha1": sha1, "x-amz-checksum-type": "FULL_OBJECT"},
            {"x-amz-checksum-crc32": crc, "x-amz-checksum-sha1": sha1},
        ):
            self.assertRaises(InvalidRequest, parse_object_checksum, headers)

    def test_upload_checksum(self) -> None:
        """
        The checksum that CreateMultipartUpload asks for.
        """
        for headers, found in (
            ({}, (None, None)),
            ({"x-amz-checksum-algorithm": "crc32c"}, ("CRC32C", ChecksumType.COMPOSITE)),
            ({"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT"}, ("CRC32", ChecksumType.FULL_OBJECT)),
            ({"x-amz-checksum-algorithm": "CRC64NVME"}, ("CRC64NVME", ChecksumType.FULL_OBJECT)),
        ):
            self.assertEqual(parse_upload_checksum(headers), found)
        for headers in (
            {"x-amz-checksum-type": "COMPOSITE"},
            {"x-amz-checksum-algorithm": "foo"},
            {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT"},
        ):
            self.assertRaises(InvalidRequest, parse_upload_checksum, headers)
