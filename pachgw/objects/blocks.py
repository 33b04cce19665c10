"""
The index's entries, and the compact blocks in which they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import NamedTuple

from pachgw.pfs.messages import seconds
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.keys import MARKER_NAME

BLOCK = 128
"""
About how many entries a block has: small ones cost memory for themselves, large ones time to look into.
"""

_FACTS = Struct("<Qd32s")
_SEPARATOR = b"\xff"
_OVERHEAD = 240
_MARKER = f"/{MARKER_NAME}".encode()


class Entry(NamedTuple):
    """
    A file of a commit.

    @ivar name: its path without the leading slash, in UTF-8.
    @ivar size: in bytes.
    @ivar modified: in seconds since the epoch.
    @ivar hash: PFS's hash, 32 bytes.
    """

    name: bytes
    size: int
    modified: float
    hash: bytes

    @property
    def marker(self) -> bool:
        """
        Whether this is the empty file that keeps an otherwise empty directory.
        """
        return self.size == 0 and self.name.endswith(_MARKER)


def entry_of(info: pfs.FileInfo, otherwise: float) -> Entry:
    """
    From what PFS says of a file.

    @param otherwise: the time for a file in an open commit, which has none yet.
    """
    modified = seconds(info.committed) if info.HasField("committed") else otherwise
    return Entry(info.file.path[1:].encode(), info.size_bytes, modified, info.hash)


class Block:
    """
    Some entries in order, packed: the names joined by a byte that UTF-8 does not know, the rest in 48 bytes an entry. Never changed.

    @ivar first: the first name.
    @ivar size: about the memory that it takes, in bytes.
    @ivar owners: how many indexes hold it, for L{Indexes<pachgw.objects.indexes.Indexes>}'s account.
    """

    __slots__ = ("_facts", "_names", "first", "owners", "size")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.first = entries[0].name
        self._names = _SEPARATOR.join([entry.name for entry in entries])
        self._facts = b"".join([_FACTS.pack(entry.size, entry.modified, entry.hash) for entry in entries])
        self.size = len(self._names) + len(self._facts) + len(self.first) + _OVERHEAD
        self.owners = 0

    def names(self) -> list[bytes]:
        """
        The names, in order.
        """
        return self._names.split(_SEPARATOR)

    def slice(self, names: Sequence[bytes], start: int, stop: int) -> list[Entry]:
        """
        The entries from one position to another; C{names} is what L{names} gives.
        """
        facts = _FACTS.iter_unpack(memoryview(self._facts)[start * _FACTS.size : stop * _FACTS.size])
        return [Entry(name, size, modified, hash) for name, (size, modified, hash) in zip(names[start:stop], facts, strict=True)]

    def holds(self, part: bytes) -> bool:
        """
        Whether C{part} is in one of the names.
        """
        return part in self._names

    def entries(self) -> list[Entry]:
        """
        All entries, in order.
        """
        names = self.names()
        return self.slice(names, 0, len(names))


def pack(entries: Sequence[Entry]) -> Iterable[Block]:
    """
    Blocks of about equal length for some entries in order.
    """
    count = -(-len(entries) // BLOCK)
    for at in range(count):
        yield Block(entries[at * len(entries) // count : (at + 1) * len(entries) // count])
