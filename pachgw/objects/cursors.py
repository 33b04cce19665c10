"""
Reading a commit's files in the order of their names, wherever they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pachgw.objects.blocks import Entry
from pachgw.objects.index import Index

LAST = b"\xff"
"""
After a prefix: behind everything that begins with it, since no UTF-8 holds this byte.
"""

NEXT = b"\x00"
"""
After a name: the place just behind it.
"""


class Cursor(Protocol):
    """
    Reads files in order, and skips.

    @cvar markers: whether an empty file that keeps a directory stands for the directory's marker.
    """

    markers: bool

    async def seek(self, name: bytes) -> None:
        """
        Go on at the first file that is not before C{name}, which may end in L{LAST} or L{NEXT}. It is never behind where one is.
        """

    async def read(self, most: int) -> Sequence[Entry]:
        """
        The files that come next, at least one and up to C{most}; none at the end.
        """

    async def alone(self, directory: bytes) -> bool:
        """
        Whether a directory, with its trailing slash, has no more than one file below it. Does not move the cursor.
        """

    def close(self) -> None:
        """
        Free what the cursor holds.
        """


class IndexReader:
    """
    Reads from an index. Nothing in it waits.
    """

    markers = True

    def __init__(self, index: Index) -> None:
        self._index = index
        self._cursor = index.cursor(b"")

    async def seek(self, name: bytes) -> None:
        """See L{Cursor}."""
        self._cursor.seek(name)

    async def read(self, most: int) -> Sequence[Entry]:
        """See L{Cursor}."""
        return self._cursor.read(most)

    async def alone(self, directory: bytes) -> bool:
        """See L{Cursor}."""
        return self._index.count_below(directory, 2) < 2

    def close(self) -> None:
        """See L{Cursor}."""
