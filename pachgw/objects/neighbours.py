"""
Ranges of one object that are read at the same time, or soon after each other.

PFS has no end of a range: a read of 1 MiB from the middle brings the first message, which may hold 19 MiB, and is cancelled. Readers of
columns ask for many small ranges near each other. So what a message holds beyond its range is kept for a moment, and a range
that the message under way is likely to hold waits for it. Both by the content's hash, as in L{pachgw.objects.small}.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pachgw.objects.exact import cut
from pachgw.pfs.interfaces import IPFS, Buffer, Content
from pachgw.pfs.proto import pfs_pb2 as pfs

LARGEST = 8 * 1024 * 1024
"""
The longest range, in bytes, for which this is worth while: longer ones use what they get.
"""

LIMIT = 64 * 1024 * 1024
"""
The most memory for what is kept, in bytes, when nothing else is set.
"""

_SPAN = 16 * 1024 * 1024
_LINGER = 3.0
_AT_ONCE = 3


class Place(NamedTuple):
    """
    A place in a content.

    @ivar hash: PFS's hash of it.
    @ivar size: of the whole, in bytes.
    @ivar start: the first byte.
    """

    hash: bytes
    size: int
    start: int


class Fetch:
    """
    A first message under way.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._waiting: list[Deferred[None]] = []

    def over(self) -> Deferred[None]:
        """
        Wait until it has come, or has failed.
        """
        waiter: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(waiter)
        return waiter

    def end(self) -> None:
        """
        Say that it has.
        """
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(None)


class _Kept(NamedTuple):
    buffer: memoryview
    until: float


class Neighbours:
    """
    What ranges share.

    @ivar permits: for first messages under way, each of which may be large.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, limit: int = LIMIT) -> None:
        """
        @param limit: the most memory for what is kept, in bytes.
        """
        self._pfs = ipfs
        self._clock = clock
        self._limit = limit
        self._kept: OrderedDict[Place, _Kept] = OrderedDict()
        self._fetches: list[Fetch] = []
        self._span = _SPAN
        self._sweep: Optional[IDelayedCall] = None
        self.size = 0
        self.permits = DeferredSemaphore(_AT_ONCE)

    def content(self, request: pfs.GetFileRequest, token: Optional[str], hash: bytes, size: int, length: int) -> Content:
        """
        A range of a file.

        @param request: with the offset of the range.
        @param length: of the range, at least 1 and at most L{LARGEST}.
        """
        return _Range(self, self._pfs, request, token, Place(hash, size, request.offset), length)

    def find(self, place: Place, length: int) -> Optional[memoryview]:
        """
        What is kept of a range: its beginning at least.
        """
        for kept_place, kept in self._kept.items():
            offset = place.start - kept_place.start
            if kept_place[:2] == place[:2] and 0 <= offset < len(kept.buffer):
                return kept.buffer[offset : offset + length]
        return None

    def under_way(self, place: Place) -> Optional[Fetch]:
        """
        A fetch that is likely to bring a place.
        """
        for fetch in self._fetches:
            if fetch.place[:2] == place[:2] and 0 <= place.start - fetch.place.start < self._span:
                return fetch
        return None

    def begin(self, place: Place) -> Fetch:
        """
        Note that a first message is under way.
        """
        fetch = Fetch(place)
        self._fetches.append(fetch)
        return fetch

    def end(self, fetch: Fetch, buffers: list[Buffer], wanted: int) -> None:
        """
        Note that it has come, or with no buffers that it has not, and keep what goes beyond C{wanted}.
        """
        self._fetches.remove(fetch)
        received = sum(len(buffer) for buffer in buffers)
        if fetch.place.start + received < fetch.place.size:
            self._span = received or self._span
        if received > wanted:
            self._keep(fetch.place, buffers)
        fetch.end()

    def close(self) -> None:
        """
        Forget everything.
        """
        self._kept.clear()
        self.size = 0
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def _keep(self, place: Place, buffers: list[Buffer]) -> None:
        until = self._clock.seconds() + _LINGER
        start = place.start
        for buffer in buffers:
            at = place._replace(start=start)
            self._drop(at)
            self._kept[at] = _Kept(memoryview(buffer), until)
            self.size += len(buffer)
            start += len(buffer)
        while self.size > self._limit:
            self._drop(next(iter(self._kept)))
        if self._sweep is None and self._kept:
            self._sweep = self._clock.callLater(_LINGER, self._expire)

    def _drop(self, place: Place) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            self.size -= len(kept.buffer)

    def _expire(self) -> None:
        """
        Let go what was kept long enough.
        """
        self._sweep = None
        now = self._clock.seconds()
        for place in [place for place, kept in self._kept.items() if kept.until <= now]:
            self._drop(place)
        if self._kept:
            self._sweep = self._clock.callLater(_LINGER, self._expire)


class _Range:
    """
    One range as it is read.
    """

    def __init__(
        self, neighbours: Neighbours, ipfs: IPFS, request: pfs.GetFileRequest, token: Optional[str], place: Place, length: int
    ) -> None:
        self._neighbours = neighbours
        self._pfs = ipfs
        self._request = request
        self._token = token
        self._place = place
        self._left = length
        self._stream: Optional[Content] = None
        self._reading: Optional[Deferred[list[Buffer]]] = None

    def read(self) -> Deferred[list[Buffer]]:
        """
        See L{Content}.

        @raise PFSError: (by the Deferred) of status C{DATA_LOSS} when PFS gives less than the range.
        """
        self._reading = Deferred.fromCoroutine(self._read())
        return self._reading

    def cancel(self) -> None:
        """
        See L{Content}.
        """
        if self._stream is not None:
            self._stream.cancel()
        if self._reading is not None:
            self._reading.cancel()
        self._left = 0

    async def _read(self) -> list[Buffer]:
        if self._left == 0:
            return []
        if self._stream is not None:
            return self._take(await self._stream.read())
        kept = self._neighbours.find(self._place, self._left)
        if kept is None:
            fetch = self._neighbours.under_way(self._place)
            if fetch is not None:
                await fetch.over()
                kept = self._neighbours.find(self._place, self._left)
        return self._take([kept] if kept is not None else await self._fetch())

    async def _fetch(self) -> list[Buffer]:
        """
        The first message from here on, for oneself and the neighbours.
        """
        fetch = self._neighbours.begin(self._place)
        buffers: list[Buffer] = []
        try:
            await self._neighbours.permits.acquire()
            try:
                self._request.offset = self._place.start
                self._stream = self._pfs.content(self._request, self._token)
                buffers = await self._stream.read()
            finally:
                self._neighbours.permits.release()
        finally:
            self._neighbours.end(fetch, buffers, self._left)
        return buffers

    def _take(self, buffers: list[Buffer]) -> list[Buffer]:
        """
        As much as belongs to the range.
        """
        taken, self._left = cut(buffers, self._left)
        if self._left == 0 and self._stream is not None:
            self._stream.cancel()
        self._place = self._place._replace(start=self._place.start + sum(map(len, taken)))
        return taken
