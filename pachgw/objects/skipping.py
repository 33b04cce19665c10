"""
Reading little of a commit that has no index: from PFS while there are few skips, from the index under construction when there are many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Optional

from pachgw.objects.blocks import Entry
from pachgw.objects.cursors import Cursor
from pachgw.objects.walking import WalkReader

PATIENCE = 16
"""
So many calls of PFS are made for a page. Each costs about as much as walking some thousand files, so what skips more often does better
to wait for the index.
"""


class SkippingReader:
    """
    Skips by calls of PFS, and changes over to the index when there have been too many.
    """

    markers = True

    def __init__(self, walk: WalkReader, change: Callable[[], Optional[Cursor]]) -> None:
        """
        @param change: makes the cursor to go on with; C{None} if there is no other.
        """
        self._walk = walk
        self._change: Optional[Callable[[], Optional[Cursor]]] = change
        self._cursor: Cursor = walk

    async def seek(self, name: bytes) -> None:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        if self._change is not None and self._walk.calls >= PATIENCE:
            cursor, self._change = self._change(), None
            if cursor is not None:
                self._walk.close()
                self._cursor = cursor
        await self._cursor.seek(name)

    async def read(self, most: int) -> Sequence[Entry]:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        return await self._cursor.read(most)

    async def alone(self, directory: bytes) -> bool:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        return await self._cursor.alone(directory)

    def close(self) -> None:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        self._cursor.close()
