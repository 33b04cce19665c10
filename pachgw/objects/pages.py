"""
The arithmetic of a listing's page: prefixes, delimiters, markers and limits over files in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from pachgw.objects.blocks import Entry
from pachgw.objects.cursors import LAST, NEXT, Cursor


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


async def read_page(cursor: Cursor, prefix: bytes, delimiter: bytes, after: bytes, limit: int) -> Page:
    """
    Read one page. What lies below a common prefix is skipped, not read.

    @param after: begin behind this key or common prefix. A key within a common prefix does not hide the prefix if it has more.
    @param limit: the most keys and common prefixes.
    """
    page = Page()
    if limit == 0:
        return page
    await cursor.seek(max(prefix, after + NEXT if after else b""))
    while (entry := await cursor.next()) is not None and entry.name.startswith(prefix):
        key = await _key(cursor, entry)
        if key is None or key <= after or not key.startswith(prefix):
            continue
        group = _group(key, prefix, delimiter)
        if group is not None and group == after:
            await cursor.seek(group + LAST)
            continue
        if len(page.entries) + len(page.prefixes) == limit:
            page.truncated = True
            break
        page.last = group or key
        if group is None:
            page.entries.append((key, entry))
        else:
            page.prefixes.append(group)
            await cursor.seek(group + LAST)
    return page


async def _key(cursor: Cursor, entry: Entry) -> Optional[bytes]:
    """
    The key under which a file is seen, C{None} if it is not seen.

    The empty file that keeps a directory stands for the directory's marker, and is seen only while nothing else is there. Being
    alone, it sorts where the marker does.
    """
    if not entry.marker:
        return entry.name
    directory = entry.name[: entry.name.rindex(b"/") + 1]
    return directory if await cursor.alone(directory) else None


def _group(key: bytes, prefix: bytes, delimiter: bytes) -> Optional[bytes]:
    """
    The common prefix to which a key belongs.
    """
    if not delimiter:
        return None
    found = key.find(delimiter, len(prefix))
    return None if found < 0 else key[: found + len(delimiter)]
