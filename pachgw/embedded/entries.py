"""
What a tree maps: a file's key, and the content that the key stands for.

A key is the path, a zero byte, and the datum. Keys sort by their bytes, which is PFS's order: a directory counts with its trailing
slash, and is implied by the paths below it. The datum C{default} is left out.

A content is packed as one of four forms, told apart by their lengths (integers are little endian):

  - nothing: the empty file;
  - 40 bytes: the size (8) and the hash of the only chunk (32);
  - 76 bytes: the size (8), the file's hash (32), the number of chunks (4), and the id of the list of chunks (32), which is kept beside
    the nodes of the tree;
  - longer: the size (8), the file's hash (32), the number of chunks (4), and the list of chunks.

A list of chunks is 36 bytes for each: its hash (32) and its size (4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple, Optional

from pachgw.embedded.faults import Damaged

_ONE = struct.Struct("<Q32s")
_MANY = struct.Struct("<Q32sI")
_CHUNK = struct.Struct("<32sI")
_INLINE = 4
_DEFAULT = b"default"
MAX_KEY = 60_000
"""
The longest key, in bytes.
"""


def digest(data: bytes) -> bytes:
    """
    BLAKE2b-256, by which everything in the store is named.
    """
    return blake2b(data, digest_size=32).digest()


def make_key(path: str, datum: str = "") -> bytes:
    """
    The key of a file.

    @param path: with its leading slash and without a trailing one, for instance C{/a/b.txt}.
    @param datum: an empty one is C{default}.
    @raise ValueError: the path holds a zero byte or is longer than any that PFS takes.
    """
    tag = datum.encode()
    key = path.encode() + b"\0" + (b"" if tag == _DEFAULT else tag)
    if len(key) > MAX_KEY or key.count(b"\0") != 1:
        raise ValueError("not a path that a tree can hold")
    return key


def split_key(key: bytes) -> tuple[str, str]:
    """
    The path and the datum of a key; the datum is never empty.
    """
    path, _, datum = key.partition(b"\0")
    return path.decode(), (datum or _DEFAULT).decode()


def key_range(directory: str) -> tuple[bytes, bytes]:
    """
    The keys of all files below a directory.

    @param directory: with its trailing slash: C{/} is everything.
    @return: the first key that may be in it, and the first that is after it.
    """
    start = directory.encode()
    return start, start[:-1] + b"0"  # "0" follows "/"


def file_range(path: str) -> tuple[bytes, bytes]:
    """
    The keys of a file under all of its datums; the return value is as in L{key_range}.
    """
    return path.encode() + b"\0", path.encode() + b"\1"


class Chunk(NamedTuple):
    """
    A piece of a file.

    @ivar hash: BLAKE2b-256 of its bytes.
    @ivar size: in bytes, never zero.
    """

    hash: bytes
    size: int


class Content:
    """
    The content of a file, by reference. Immutable.

    @ivar packed: the form in which the tree keeps it.
    @ivar spilled: the list of chunks where it is not in C{packed} and may not be stored yet; empty otherwise.
    """

    __slots__ = ("packed", "spilled")

    def __init__(self, packed: bytes, spilled: bytes = b"") -> None:
        self.packed = packed
        self.spilled = spilled

    @classmethod
    def of(cls, chunks: Sequence[Chunk]) -> Content:
        """
        The content that consists of these chunks, in order.
        """
        if not chunks:
            return cls(b"")
        if len(chunks) == 1:
            return cls(_ONE.pack(chunks[0].size, chunks[0].hash))
        hashed = digest(b"".join(chunk.hash for chunk in chunks))
        listed = b"".join(_CHUNK.pack(*chunk) for chunk in chunks)
        head = _MANY.pack(sum(chunk.size for chunk in chunks), hashed, len(chunks))
        if len(chunks) <= _INLINE:
            return cls(head + listed)
        return cls(head + digest(listed), listed)

    @property
    def size(self) -> int:
        """
        In bytes.
        """
        return int.from_bytes(self.packed[:8], "little")

    @property
    def hash(self) -> bytes:
        """
        PFS's hash of a file: BLAKE2b-256 over the hashes of its chunks, one after the other.
        """
        return digest(self.packed[8:40]) if len(self.packed) <= 40 else self.packed[8:40]

    @property
    def list_id(self) -> Optional[bytes]:
        """
        The id of the list of chunks where it lies apart.
        """
        return self.packed[44:] if len(self.packed) == 76 else None

    @property
    def only_hash(self) -> Optional[bytes]:
        """
        The hash of the chunk, if there is exactly one.
        """
        return self.packed[8:] if len(self.packed) == 40 else None

    def inline_chunks(self) -> list[Chunk]:
        """
        The chunks, if they do not lie apart.
        """
        if len(self.packed) == 40:
            return [Chunk(self.packed[8:], self.size)]
        return unpack_chunks(self.packed[44:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and other.packed == self.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"<Content {self.size} bytes {self.hash.hex()[:12]}>"


def unpack_chunks(listed: bytes) -> list[Chunk]:
    """
    Read a list of chunks.

    @raise Damaged: it is none.
    """
    if len(listed) % _CHUNK.size:
        raise Damaged("a list of chunks has the wrong length")
    return [Chunk(*fields) for fields in _CHUNK.iter_unpack(listed)]


class Sums(NamedTuple):
    """
    What a range of a tree adds up to.

    @ivar files: how many there are, each datum of a path counted by itself.
    @ivar size: in bytes.
    @ivar print: the sum modulo 2**128 of a hash of each key with its content: two ranges with the same keys and contents have the same,
        others practically never.
    """

    files: int
    size: int
    print: int

    @property
    def hash(self) -> bytes:
        """
        32 bytes that change when anything in the range does; it stands in for PFS's hash of a directory, which is BLAKE2b-256 over
        the hashes of all files below it and would have to be computed from all of them.
        """
        return digest(struct.pack("<QQ", self.files, self.size) + self.print.to_bytes(16, "little"))


NOTHING = Sums(0, 0, 0)
_MODULUS = 1 << 128


def add(sums: Iterable[Sums]) -> Sums:
    """
    The sum of several.
    """
    files = size = prints = 0
    for one in sums:
        files += one.files
        size += one.size
        prints += one.print
    return Sums(files, size, prints % _MODULUS)


def subtract(total: Sums, part: Sums) -> Sums:
    """
    What is left of C{total} without C{part}.
    """
    return Sums(total.files - part.files, total.size - part.size, (total.print - part.print) % _MODULUS)


def weigh(key: bytes, packed: bytes) -> Sums:
    """
    What one file adds to its directory.
    """
    marked = blake2b(len(key).to_bytes(2, "little") + key + packed, digest_size=16).digest()
    return Sums(1, int.from_bytes(packed[:8], "little"), int.from_bytes(marked, "little"))
