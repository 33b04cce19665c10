"""
The arithmetic of a listing's page: prefixes, delimiters, markers and limits over files in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from pachgw.objects.blocks import Entry
from pachgw.objects.cursors import LAST, NEXT, Cursor

_MOST = 128


@dataclass
class Page:
    """
    What a page holds.

    @ivar entries: the keys, each with its file.
    @ivar prefixes: the common prefixes.
    @ivar last: the last of either, in order; empty for none.
    @ivar truncated: whether more follows.
    """

    entries: list[tuple[bytes, Entry]] = field(default_factory=list)
    prefixes: list[bytes] = field(default_factory=list)
    last: bytes = b""
    truncated: bool = False

    def has_room(self, limit: int) -> bool:
        """
        Whether one more fits; if not, the page is truncated.
        """
        self.truncated = len(self.entries) + len(self.prefixes) >= limit
        return not self.truncated

    def add_entry(self, key: bytes, entry: Entry) -> None:
        """
        Add a key.
        """
        self.entries.append((key, entry))
        self.last = key

    def add_prefix(self, prefix: bytes) -> None:
        """
        Add a common prefix.
        """
        self.prefixes.append(prefix)
        self.last = prefix


async def read_page(cursor: Cursor, prefix: bytes, delimiter: bytes, after: bytes, limit: int) -> Page:
    """
    Read one page. What lies below a common prefix is skipped, not read.

    @param after: begin behind this key or common prefix. A key within a common prefix does not hide the prefix if it has more.
    @param limit: the most keys and common prefixes.
    """
    page = Page()
    if limit == 0:
        return page
    place = max(prefix, after + NEXT if after else b"")
    await cursor.seek(place)
    most = 2 if delimiter else _MOST
    while entries := await cursor.read(most):
        most = min(2 * most, _MOST)
        for entry in entries:
            if entry.name < place:
                continue
            if not entry.name.startswith(prefix):
                return page
            key = await _kept_directory(cursor, entry.name) if entry.marker and cursor.markers else entry.name
            if key is None or key <= after or not key.startswith(prefix):
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                if not page.has_room(limit):
                    return page
                page.add_entry(key, entry)
                continue
            group = key[: cut + len(delimiter)]
            place = group + LAST
            if group != after:
                if not page.has_room(limit):
                    return page
                page.add_prefix(group)
        if entries[-1].name < place:
            await cursor.seek(place)
            most = 2
    return page


async def _kept_directory(cursor: Cursor, name: bytes) -> Optional[bytes]:
    """
    The key under which the empty file that keeps a directory is seen, C{None} if it is not seen.

    It stands for the directory's marker while nothing else is there. Being alone, it sorts where the marker does.
    """
    directory = name[: name.rindex(b"/") + 1]
    return directory if await cursor.alone(directory) else None
