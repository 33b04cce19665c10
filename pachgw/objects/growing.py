"""
Building the index of a commit while it is already read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Optional

from twisted.internet.defer import Deferred, succeed

from pachgw.objects.blocks import BLOCK, Block, Entry
from pachgw.objects.cursors import NEXT, Cursor
from pachgw.objects.index import Index, IndexCursor


class State(Enum):
    """
    How far an index is.
    """

    GROWING = "growing"
    COMPLETE = "complete"
    ABANDONED = "abandoned"


class Growth:
    """
    An index that is being built, in the order of names.

    @ivar state: as it is.
    @ivar size: about the memory that it takes so far, in bytes.
    @ivar reached: every file up to this name is in it.
    @ivar streams: whether files arrive one after the other, so that a reader at the front gets on; otherwise all come at the end.
    """

    def __init__(self) -> None:
        self.state = State.GROWING
        self.size = 0
        self.reached = b""
        self.streams = False
        self._blocks: list[Block] = []
        self._firsts: list[bytes] = []
        self._loose: list[Entry] = []
        self._waiting: list[Deferred[None]] = []

    def add(self, entries: Iterable[Entry]) -> None:
        """
        Take in the files that come next.

        @raise ValueError: they are not in order.
        """
        for entry in entries:
            if entry.name <= self.reached:
                raise ValueError(f"{entry.name!r} comes after {self.reached!r}")
            self.reached = entry.name
            self._loose.append(entry)
            if len(self._loose) == BLOCK:
                self._pack()
        self._wake()

    def serves(self, start: bytes) -> bool:
        """
        Whether a reader that begins at C{start}, and does not skip, does best to read here.
        """
        return self.state is State.COMPLETE or (self.streams and start <= self.reached)

    def grown(self) -> Index:
        """
        All that has been added.
        """
        if self._loose:
            self._pack()
        return Index(self._blocks[:])

    def complete(self, index: Optional[Index] = None) -> Index:
        """
        Say that nothing follows.

        @param index: the index, if it was made in another way.
        """
        index = index or self.grown()
        self._blocks[:] = index.blocks
        self._firsts[:] = [block.first for block in index.blocks]
        self.state = State.COMPLETE
        self._wake()
        return index

    def abandon(self) -> None:
        """
        Say that there will be no index.
        """
        self.state = State.ABANDONED
        self._wake()

    def cursor(self, start: bytes) -> IndexCursor:
        """
        A reader of what is there and of what will come: its C{next} gives C{None} while there is no more.
        """
        return IndexCursor(self._blocks, self._firsts, start)

    def more(self) -> Deferred[None]:
        """
        Wait until there is more to see, or the state has changed.
        """
        if self.state is not State.GROWING:
            return succeed(None)
        waiter: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(waiter)
        return waiter

    def _pack(self) -> None:
        block = Block(self._loose)
        self.size += block.size
        self._blocks.append(block)
        self._firsts.append(block.first)
        self._loose = []

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(None)


class GrowingReader:
    """
    Reads from an index that is being built, at the builder's pace.
    """

    markers = True

    def __init__(self, growth: Growth, otherwise: Callable[[], Cursor]) -> None:
        """
        @param otherwise: makes the cursor to go on with when the building is abandoned.
        """
        self._growth = growth
        self._make = otherwise
        self._otherwise: Optional[Cursor] = None
        self._cursor = growth.cursor(b"")
        self._place = b""

    async def seek(self, name: bytes) -> None:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        self._place = name
        self._cursor.seek(name)
        if self._otherwise is not None:
            await self._otherwise.seek(name)

    async def read(self, most: int) -> Sequence[Entry]:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        while self._otherwise is None:
            entries = [entry for entry in self._cursor.read(most) if entry.name >= self._place]
            if entries:
                self._place = entries[-1].name + NEXT
                return entries
            if self._cursor.ended:
                if self._growth.state is State.COMPLETE:
                    return ()
                if self._growth.state is State.GROWING:
                    await self._growth.more()
                else:
                    await self._other().seek(self._place)
        return await self._otherwise.read(most)

    async def alone(self, directory: bytes) -> bool:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        return await (self._otherwise or self._make()).alone(directory)

    def close(self) -> None:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        if self._otherwise is not None:
            self._otherwise.close()

    def _other(self) -> Cursor:
        if self._otherwise is None:
            self._otherwise = self._make()
        return self._otherwise
