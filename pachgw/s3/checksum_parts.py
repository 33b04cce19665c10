"""
The checksum of a multipart upload, from those of its parts.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Optional

from awscrt import checksums as crt

from pachgw.s3.checksums import HASHES, hasher, to_base64
from pachgw.s3.errors import InvalidRequest
from pachgw.s3.metadata import Checksum, ChecksumType

_COMBINE: Mapping[str, Callable[[int, int, int], int]] = {
    "CRC32": crt.combine_crc32,
    "CRC32C": crt.combine_crc32c,
    "CRC64NVME": crt.combine_crc64nvme,
}


def multipart_type(algorithm: str, asked: Optional[str] = None) -> ChecksumType:
    """
    Which type of checksum a multipart upload has.

    @param algorithm: one of L{ALGORITHMS<pachgw.s3.checksums.ALGORITHMS>}.
    @param asked: C{x-amz-checksum-type}, if it was given. Without it a CRC64NVME is of the full object, any other a composite.
    @raise InvalidRequest: there is no such type, or not of this algorithm.
    """
    if not asked:
        return ChecksumType.FULL_OBJECT if algorithm == "CRC64NVME" else ChecksumType.COMPOSITE
    name = asked.strip().upper()
    if name not in ChecksumType.__members__:
        raise InvalidRequest("Value for x-amz-checksum-type header is invalid.")
    impossible = algorithm == "CRC64NVME" if name == "COMPOSITE" else algorithm in HASHES
    if impossible:
        raise InvalidRequest(f"The {name} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.")
    return ChecksumType[name]


def composite(algorithm: str, digests: Iterable[bytes]) -> Checksum:
    """
    The checksum of the checksums of the parts.

    @param digests: those of the parts, raw, in their order.
    """
    total = hasher(algorithm)
    count = 0
    for digest in digests:
        total.update(digest)
        count += 1
    return Checksum(algorithm, f"{to_base64(total.digest())}-{count}", ChecksumType.COMPOSITE)


def combine(algorithm: str, parts: Iterable[tuple[bytes, int]]) -> Checksum:
    """
    The checksum of the whole object, without its bytes.

    @param algorithm: a CRC; hashes cannot be combined.
    @param parts: for each the raw digest and the length in bytes, in order.
    @raise InvalidRequest: the algorithm is no CRC.
    """
    multipart_type(algorithm, ChecksumType.FULL_OBJECT.value)
    total = 0
    size = len(hasher(algorithm).digest())
    for digest, length in parts:
        total = _COMBINE[algorithm](total, int.from_bytes(digest, "big"), length)
    return Checksum(algorithm, to_base64(total.to_bytes(size, "big")))
