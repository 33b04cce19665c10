"""
The checksums that S3 knows, of bytes as they pass, and of parts that make a whole.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html}.
"""

from __future__ import annotations

import binascii
import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Optional, Protocol, Union

from awscrt import checksums as crt

from pachgw.s3.errors import InvalidRequest
from pachgw.s3.metadata import Checksum, ChecksumType
from pachgw.s3.request_head import RequestHead

Piece = Union[bytes, memoryview]
"""
Some bytes, or a view of some.
"""


class Hasher(Protocol):
    """
    Takes bytes and gives a digest, as those of L{hashlib}.
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

_COMBINE: Mapping[str, Callable[[int, int, int], int]] = {
    "CRC32": crt.combine_crc32,
    "CRC32C": crt.combine_crc32c,
    "CRC64NVME": crt.combine_crc64nvme,
}

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
"""
What may stand in C{x-amz-checksum-algorithm}.
"""

_SIZES = {name: len(make().digest()) for name, make in _HASHERS.items()}


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


@dataclass(frozen=True)
class Declared:
    """
    What a request says of the checksum of its body.

    @ivar value: the digest, when a header gives it.
    @ivar trailer: whether the digest comes behind the body. With neither, the checksum is asked for but not given.
    """

    algorithm: str
    value: Optional[bytes] = None
    trailer: bool = False


_NOT_VALUES = ("x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode")
_PREFIX = "x-amz-checksum-"


def parse_declared(head: RequestHead) -> Optional[Declared]:
    """
    Read C{x-amz-checksum-*}, C{x-amz-trailer}, C{x-amz-sdk-checksum-algorithm} and C{x-amz-checksum-algorithm}.

    @return: C{None} if the request says nothing of a checksum.
    @raise InvalidRequest: several checksums, an unknown algorithm, a value that is none, headers that contradict each other.
    """
    given = [name for name in head.headers if name.startswith(_PREFIX) and name not in _NOT_VALUES]
    trailer = (head.header("x-amz-trailer") or "").strip().lower()
    if len(given) + bool(trailer) > 1 or "," in trailer:
        raise InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    if given:
        algorithm = parse_algorithm(given[0].removeprefix(_PREFIX))
        value = parse_value(algorithm, head.header(given[0]) or "")
        return _agreeing(head, Declared(algorithm, value))
    if trailer:
        if not trailer.startswith(_PREFIX):
            raise InvalidRequest("The value specified in the x-amz-trailer header is not supported")
        return _agreeing(head, Declared(parse_algorithm(trailer.removeprefix(_PREFIX)), trailer=True))
    if head.header("x-amz-sdk-checksum-algorithm"):
        raise InvalidRequest(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
        )
    asked = head.header("x-amz-checksum-algorithm")
    return Declared(parse_algorithm(asked)) if asked else None


def parse_value(algorithm: str, text: str) -> bytes:
    """
    Read the value of an C{x-amz-checksum-*} header or trailer.

    @raise InvalidRequest: it is none.
    """
    value = from_base64(algorithm, text.strip())
    if value is None:
        raise InvalidRequest(f"Value for {_PREFIX}{algorithm.lower()} header is invalid.")
    return value


def _agreeing(head: RequestHead, declared: Declared) -> Declared:
    for name in ("x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"):
        said = head.header(name)
        if said and parse_algorithm(said) != declared.algorithm:
            raise InvalidRequest(f"Value for {name} header is invalid.")
    return declared


def composite(algorithm: str, digests: Iterable[bytes]) -> Checksum:
    """
    The checksum of a multipart upload's parts' checksums.

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
    The checksum of a whole from those of its parts, without the bytes.

    @param algorithm: a CRC; hashes cannot be combined.
    @param parts: for each the raw digest and the length in bytes, in order.
    @raise InvalidRequest: the algorithm is no CRC.
    """
    if algorithm not in _COMBINE:
        raise InvalidRequest(f"The FULL_OBJECT checksum type cannot be used with the {algorithm.lower()} checksum algorithm.")
    total = 0
    for digest, length in parts:
        total = _COMBINE[algorithm](total, int.from_bytes(digest, "big"), length)
    return Checksum(algorithm, to_base64(total.to_bytes(_SIZES[algorithm], "big")))
