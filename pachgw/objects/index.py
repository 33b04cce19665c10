"""
The index of a commit: every file's path, size, hash and time, in order, compact, and sharing what it can with its parent's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Optional

from pachgw.objects.blocks import BLOCK, Block, Entry, pack

_SMALL = BLOCK // 4


class Index:
    """
    What a finished commit holds. Never changed, so any number of readers may use it.

    @ivar blocks: the entries.
    """

    __slots__ = ("_firsts", "blocks")

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self._firsts = [block.first for block in blocks]

    @property
    def overhead(self) -> int:
        """
        The memory that this index takes beside its blocks, in bytes.
        """
        return 16 * len(self.blocks) + 200

    def find(self, name: bytes) -> Optional[Entry]:
        """
        The file of that name.
        """
        entry = self.cursor(name).next()
        return entry if entry is not None and entry.name == name else None

    def is_file(self, path: str) -> bool:
        """
        Whether there is a file at a path.

        @param path: with its leading slash.
        """
        return self.find(path[1:].encode()) is not None

    def is_directory(self, path: str) -> bool:
        """
        Whether there is a file below a path.

        @param path: with its leading slash, with or without one at its end.
        """
        return self.count_below((path.rstrip("/") + "/")[1:].encode(), 1) > 0

    def count_below(self, prefix: bytes, limit: int) -> int:
        """
        How many names begin with C{prefix}; counting ends at C{limit}.
        """
        cursor = self.cursor(prefix)
        for count in range(limit):
            entry = cursor.next()
            if entry is None or not entry.name.startswith(prefix):
                return count
        return limit

    def cursor(self, start: bytes) -> IndexCursor:
        """
        A reader of the entries from C{start} on.
        """
        return IndexCursor(self.blocks, self._firsts, start)

    def changed(self, changes: Mapping[bytes, Optional[Entry]]) -> Index:
        """
        The index of a child commit.

        @param changes: by name what is now there, C{None} for what is gone. The blocks that have none of them are shared.
        """
        places: dict[int, dict[bytes, Optional[Entry]]] = {}
        for name, entry in changes.items():
            places.setdefault(max(0, bisect_right(self._firsts, name) - 1), {})[name] = entry
        blocks: list[Block] = []
        done = 0
        for place in sorted(places):
            blocks.extend(self.blocks[done:place])
            done = place + 1
            merged = _merged([entry for block in self.blocks[place:done] for entry in block.entries()], places[place])
            if blocks and len(merged) < _SMALL:
                merged = blocks.pop().entries() + merged
            blocks.extend(pack(merged))
        blocks.extend(self.blocks[done:])
        return Index(blocks)


def _merged(entries: Sequence[Entry], changes: Mapping[bytes, Optional[Entry]]) -> list[Entry]:
    """
    Entries in order, with changes applied.
    """
    merged: dict[bytes, Optional[Entry]] = {entry.name: entry for entry in entries}
    merged.update(changes)
    return [entry for _, entry in sorted(merged.items()) if entry is not None]


class IndexCursor:
    """
    Reads entries in order, and skips.
    """

    def __init__(self, blocks: Sequence[Block], firsts: Sequence[bytes], start: bytes) -> None:
        self._blocks = blocks
        self._firsts = firsts
        self._at = -1
        self._names: Sequence[bytes] = ()
        self._position = 0
        self.seek(start)

    def seek(self, name: bytes) -> None:
        """
        Go on at the first entry that is not before C{name}.
        """
        self._open(max(0, bisect_right(self._firsts, name) - 1))
        self._position = bisect_left(self._names, name)

    @property
    def ended(self) -> bool:
        """
        Whether nothing comes next.
        """
        return self._position >= len(self._names) and self._at + 1 >= len(self._blocks)

    def read(self, most: int) -> list[Entry]:
        """
        The entries that come next, at least one and up to C{most}; none at the end.
        """
        while self._position >= len(self._names):
            if self._at + 1 >= len(self._blocks):
                return []
            self._open(self._at + 1)
            self._position = 0
        start = self._position
        self._position = min(start + most, len(self._names))
        return self._blocks[self._at].slice(self._names, start, self._position)

    def next(self) -> Optional[Entry]:
        """
        The next entry, or C{None} at the end.
        """
        found = self.read(1)
        return found[0] if found else None

    def _open(self, at: int) -> None:
        if at != self._at and at < len(self._blocks):
            self._at = at
            self._names = self._blocks[at].names()
