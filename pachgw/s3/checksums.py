"""
The checksums that S3 knows, of bytes as they pass.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html}.
"""

from __future__ import annotations

import binascii
import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import partial
from typing import Optional, Protocol, Union

from awscrt import checksums as crt

from pachgw.s3.errors import BadDigest, InvalidRequest

Piece = Union[bytes, bytearray, memoryview]
"""
Some bytes, or a view of some.
"""


class Hasher(Protocol):
    """
    Takes bytes and gives a digest, as those of C{hashlib}.
    """

    def update(self, data: Piece, /) -> None:
        """
        @param data: the next bytes.
        """

    def digest(self) -> bytes:
        """
        The digest of what came so far.
        """


class Crc:
    """
    A CRC as a L{Hasher}.

    @ivar value: the CRC so far.
    """

    def __init__(self, function: Callable[[Piece, int], int], width: int) -> None:
        """
        @param function: given bytes and the CRC before them, the CRC after them.
        @param width: in bytes.
        """
        self._function = function
        self._width = width
        self.value = 0

    def update(self, data: Piece, /) -> None:
        """
        @param data: the next bytes.
        """
        self.value = self._function(data, self.value)

    def digest(self) -> bytes:
        """
        The CRC in network byte order, as S3 writes it.
        """
        return self.value.to_bytes(self._width, "big")


_HASHERS: Mapping[str, Callable[[], Hasher]] = {
    "CRC32": partial(Crc, zlib.crc32, 4),
    "CRC32C": partial(Crc, crt.crc32c, 4),
    "CRC64NVME": partial(Crc, crt.crc64nvme, 8),
    "SHA1": partial(hashlib.sha1, usedforsecurity=False),
    "SHA256": hashlib.sha256,
    "MD5": partial(hashlib.md5, usedforsecurity=False),
}

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
"""
What may stand in C{x-amz-checksum-algorithm}.
"""

HASHES = ("SHA1", "SHA256")
"""
Those of L{ALGORITHMS} that cannot be combined from parts.
"""

_SIZES = {name: len(make().digest()) for name, make in _HASHERS.items()}

PREFIX = "x-amz-checksum-"
"""
How the headers and trailers begin that hold a checksum.
"""


def hasher(algorithm: str) -> Hasher:
    """
    Something that computes a checksum of bytes as they come. It may be used in any thread, by one at a time.

    @param algorithm: one of L{ALGORITHMS}, or C{MD5}.
    """
    return _HASHERS[algorithm]()


def to_base64(digest: bytes) -> str:
    """
    A digest as S3 writes it.
    """
    return b64encode(digest).decode("ascii")


def from_base64(algorithm: str, text: str) -> Optional[bytes]:
    """
    Read a digest.

    @return: C{None} if it is none of this algorithm.
    """
    try:
        digest = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == _SIZES[algorithm] else None


def parse_algorithm(text: str) -> str:
    """
    Read the name of an algorithm in any case.

    @raise InvalidRequest: for one that is not known.
    """
    name = text.strip().upper()
    if name not in ALGORITHMS:
        raise InvalidRequest(
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{', '.join(ALGORITHMS)}]"
        )
    return name


def parse_value(algorithm: str, text: str) -> bytes:
    """
    Read the value of an C{x-amz-checksum-*} header or trailer.

    @raise BadDigest: it is none, so that it is not that of any bytes.
    """
    value = from_base64(algorithm, text.strip())
    if value is None:
        raise BadDigest(f"Value for {PREFIX}{algorithm.lower()} header is invalid.")
    return value
