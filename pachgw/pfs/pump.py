"""
Server streams: an iterator that blocks, read as Deferreds, with backpressure.

A worker thread takes from the iterator until the queue is full, and is then free for others: a reader that does not read holds
some memory, but no thread. So an iterator may go on in another thread than it began in, though never in two at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Optional, TypeVar

import txaio
from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred

from pachgw.pfs.errors import PFSError, Status, carried
from pachgw.pfs.interfaces import Buffer
from pachgw.pfs.pending import Pending, Switchboard
from pachgw.pfs.threads import Workers

log = txaio.make_logger()

Item = TypeVar("Item")


def _one(_: object) -> int:
    return 1


def _bytes(message: BytesValue) -> int:
    return message.ByteSize()


@dataclass(frozen=True)
class Bound(Generic[Item]):
    """
    How much of a stream may wait for its reader.

    @ivar full: the weight at which the pump pauses. What has been read and what waits may be in memory together: twice this.
    @ivar notable: the weight at which a waiting reader is told; before, only the end of the stream is worth telling.
    @ivar weight: how much an item weighs.
    """

    full: int
    notable: int
    weight: Callable[[Item], int]


MESSAGES: Bound[object] = Bound(256, 1, _one)
"""
For messages of some hundred bytes.
"""

CONTENT: Bound[Buffer] = Bound(2 << 20, 1 << 16, len)
"""
For the content of files, in bytes. A small file reaches its reader together with its end.
"""

RAW: Bound[Buffer] = Bound(2 << 20, 1, len)
"""
For content that comes over a network, and should not wait there for more.
"""

BYTES: Bound[BytesValue] = Bound(2 << 20, 1, _bytes)
"""
For content that comes in messages.
"""


class Pump(Generic[Item]):
    """
    One server stream. Public methods are for the reactor's thread; those that run in a worker say so.

    @ivar _lock: guards what both threads touch: C{_items}, C{_weight}, C{_running}, C{_wanted}, C{_over}, C{_stopped}.
    @ivar _running: whether a worker has the iterator, or will have it.
    @ivar _wanted: whether the reader is to be told.
    @ivar _over: the end of the stream, seen by the worker: C{True}, or its error.
    @ivar _stopped: why nobody reads any more.
    """

    def __init__(
        self,
        source: Callable[[], Iterator[Item]],
        stop: Callable[[], None],
        bound: Bound[Item],
        workers: Workers,
        board: Switchboard,
        timeout: Optional[float],
    ) -> None:
        """
        @param source: begins the stream; called in a worker.
        @param stop: makes the iterator give up, also in the middle of waiting; called in the reactor's thread.
        @param timeout: for each wait of the reader, in seconds.
        """
        self._source = source
        self._stop = stop
        self._bound = bound
        self._workers = workers
        self._board = board
        self._timeout = timeout
        self._lock = threading.Lock()
        self._iterator: Optional[Iterator[Item]] = None
        self._items: list[Item] = []
        self._weight = 0
        self._wanted = False
        self._over: Optional[object] = None
        self._pending: Optional[Pending[list[Item]]] = None
        self._stopped: Optional[Exception] = board.begin(self)
        self._running = self._stopped is None
        if self._running:
            workers.submit(self._run)

    def read(self) -> Deferred[list[Item]]:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>} and L{Content<pachgw.pfs.interfaces.Content>}.
        """
        if self._stopped is not None:
            return defer.fail(self._stopped)
        assert self._pending is None, "one read at a time"
        with self._lock:
            items, over = self._take()
            self._wanted = not items and over is None
        if over is not None:
            self._board.over(self)
        if items:
            return defer.succeed(items)
        if over is not None:
            return defer.fail(over) if isinstance(over, Exception) else defer.succeed([])
        self._pending = Pending(self._board.clock, self._timeout, self._abandon)
        return self._pending.deferred

    def cancel(self) -> None:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>}.
        """
        self.end(CancelledError())

    def end(self, error: Exception) -> None:
        """
        See L{Endable<pachgw.pfs.pending.Endable>}.
        """
        pending = self._pending
        self._abandon(error)
        if pending is not None:
            pending.fail(error)

    def _abandon(self, error: Exception) -> None:
        self._pending = None
        if self._stopped is not None:
            return
        with self._lock:
            self._stopped = error
            self._items = []
            finished = self._over is not None
            paused = not self._running and not finished
            self._running = self._running or paused
        self._board.over(self)
        if not finished:
            self._stop()
        if paused:
            self._workers.submit(self._leave)

    def _take(self) -> tuple[list[Item], Optional[object]]:
        """
        Take what there is and let the pump go on. To be called with the lock held.
        """
        items, self._items, self._weight = self._items, [], 0
        if not self._running and self._over is None:
            self._running = True
            self._workers.submit(self._run)
        return items, self._over

    def _tell(self) -> None:
        pending = self._pending
        if pending is None:
            return
        with self._lock:
            items, over = self._take()
        self._pending = None
        if over is not None:
            self._board.over(self)
        if not items and isinstance(over, Exception):
            pending.fail(over)
        else:
            pending.succeed(items)

    def _run(self) -> None:
        """
        In a worker: take from the iterator while there is room.
        """
        if self._stopped is not None:
            self._leave()
            return
        try:
            if self._iterator is None:
                self._iterator = self._source()
            for item in self._iterator:
                if not self._put(item):
                    return
        except Exception as error:
            self._finish(carried(error) or PFSError(Status.INTERNAL, f"{type(error).__name__} in a stream of PFS"))
        else:
            self._finish(True)

    def _put(self, item: Item) -> bool:
        """
        In a worker: queue an item.

        @return: whether to go on.
        """
        weight = self._bound.weight(item)
        with self._lock:
            stopped = self._stopped is not None
            if not stopped and weight:
                self._items.append(item)
                self._weight += weight
            room = self._weight < self._bound.full
            tell = self._wanted and self._weight >= self._bound.notable
            if tell:
                self._wanted = False
            if not room and not stopped:
                self._running = False
        if tell:
            self._board.bell.post(self._tell)
        if stopped:
            self._leave()
            return False
        return room

    def _leave(self) -> None:
        """
        In a worker: let the iterator clean up. One that is no generator is told by C{stop} alone.
        """
        close = getattr(self._iterator, "close", None)
        if close is not None:
            try:
                close()
            except Exception:
                log.failure("a stream did not clean up")
        self._finish(True)

    def _finish(self, over: object) -> None:
        with self._lock:
            self._over = over
            self._iterator = None
            tell, self._wanted = self._wanted, False
        if tell:
            self._board.bell.post(self._tell)
