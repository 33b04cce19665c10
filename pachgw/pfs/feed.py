"""
Client streams: messages written as Deferreds, read by an iterator that blocks, with backpressure.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, Optional, TypeVar

from google.protobuf.message import Message
from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred

from pachgw.pfs.pending import Pending, Switchboard

Sent = TypeVar("Sent", bound=Message)
Answered = TypeVar("Answered", bound=Message)

FULL = 4 << 20
"""
How many bytes of messages may wait to be taken.
"""

START = 1 << 20
"""
With how many bytes waiting the call begins. Until then an upload that is slow to arrive holds no thread.
"""


class Feed(Generic[Sent]):
    """
    The messages on their way, as the iterator that PFS takes them from. C{next} blocks until there is one; it is the only method that
    runs outside the reactor's thread.

    @ivar size: how many bytes wait.
    """

    def __init__(self, taken: Callable[[], object]) -> None:
        """
        @param taken: called in the thread that iterates when a writer that found no room may go on.
        """
        self._taken = taken
        self._changed = threading.Condition(threading.Lock())
        self._messages: deque[tuple[Sent, int]] = deque()
        self._ended = False
        self._broken: Optional[BaseException] = None
        self._blocked = False
        self.size = 0

    def put(self, message: Sent) -> bool:
        """
        Add a message. It must not be changed afterwards.

        @return: whether there is room for more; if not, C{taken} will be called.
        """
        size = message.ByteSize()
        with self._changed:
            self._messages.append((message, size))
            self.size += size
            self._blocked = self.size >= FULL
            self._changed.notify()
            return not self._blocked

    def end(self) -> None:
        """
        The last message has been added.
        """
        with self._changed:
            self._ended = True
            self._changed.notify()

    def stop(self, reason: BaseException) -> None:
        """
        Drop what waits, and end the iteration with C{reason}, now or at its next step.
        """
        with self._changed:
            self._messages.clear()
            self._broken = reason
            self._changed.notify()

    def __iter__(self) -> Feed[Sent]:
        return self

    def __next__(self) -> Sent:
        with self._changed:
            while not self._messages:
                if self._broken is not None:
                    raise self._broken
                if self._ended:
                    raise StopIteration
                self._changed.wait()
            message, size = self._messages.popleft()
            self.size -= size
            freed = self._blocked and self.size <= FULL // 2
            if freed:
                self._blocked = False
        if freed:
            self._taken()
        return message


class Sink(Generic[Sent, Answered]):
    """
    One client stream, in the reactor's thread. See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
    """

    def __init__(
        self,
        start: Callable[[Sink[Sent, Answered], Feed[Sent]], Callable[[], object]],
        interruption: Callable[[], BaseException],
        board: Switchboard,
        timeout: Optional[float],
    ) -> None:
        """
        @param start: begins the call, which is to end with L{settle} in the reactor's thread; gives what abandons it.
        @param interruption: what a feed that is abandoned raises in the one who iterates.
        """
        self._start = start
        self._interruption = interruption
        self._board = board
        self._timeout = timeout
        self._feed: Feed[Sent] = Feed(lambda: board.bell.post(self._room))
        self._stop: Optional[Callable[[], object]] = None
        self._finished = False
        self._answer: Optional[Answered] = None
        self._writing: Optional[Pending[None]] = None
        self._asking: Optional[Pending[Answered]] = None
        self._error: Optional[Exception] = board.begin(self)

    def write(self, message: Sent) -> Deferred[None]:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}. The message must not be changed afterwards.
        """
        assert not self._finished and self._writing is None, "one write at a time, and none after the end"
        if self._error is not None:
            return defer.fail(self._error)
        if self._answer is not None:
            return defer.succeed(None)
        room = self._feed.put(message)
        if self._feed.size >= START:
            self._begin()
        if room:
            return defer.succeed(None)
        self._writing = Pending(self._board.clock, self._timeout, self._abandon)
        return self._writing.deferred

    def finish(self) -> Deferred[Answered]:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """
        assert not self._finished, "a stream ends once"
        self._finished = True
        if self._error is not None:
            return defer.fail(self._error)
        if self._answer is not None:
            return defer.succeed(self._answer)
        self._feed.end()
        self._asking = Pending(self._board.clock, self._timeout, self._abandon)
        deferred = self._asking.deferred
        self._begin()
        return deferred

    def cancel(self) -> None:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """
        self.end(CancelledError())

    def end(self, error: Exception) -> None:
        """
        See L{Endable<pachgw.pfs.pending.Endable>}.
        """
        if self._answer is None:
            self._abandon(error)
            self._report(error)

    def settle(self, answer: Optional[Answered], error: Optional[Exception]) -> None:
        """
        PFS has answered, or refused; also before everything was written, if it needs no more.
        """
        if self._error is not None or self._answer is not None:
            return
        self._answer, self._error = answer, error
        self._close()
        if error is not None:
            self._report(error)
        else:
            self._room()
            if self._asking is not None and answer is not None:
                self._asking.succeed(answer)

    def _begin(self) -> None:
        if self._stop is None:
            self._stop = self._start(self, self._feed)

    def _room(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.succeed(None)

    def _abandon(self, error: Exception) -> None:
        if self._error is None and self._answer is None:
            self._error = error
            if self._stop is not None:
                self._stop()
            self._close()

    def _close(self) -> None:
        self._feed.stop(self._interruption())
        self._board.over(self)

    def _report(self, error: Exception) -> None:
        for pending in (self._writing, self._asking):
            if pending is not None:
                pending.fail(error)
        self._writing = self._asking = None
