"""
Waiting for PFS, and what all the waits of one door to PFS share.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, Optional, Protocol, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.threads import Bell

Answer = TypeVar("Answer")


class Endable(Protocol):
    """
    A call that is under way.
    """

    def end(self, error: Exception) -> None:
        """
        Abandon the call and tell whoever waits for it C{error}.
        """


class Switchboard:
    """
    The calls under way through one door, so that closing the door ends them.

    @ivar bell: the way to the reactor's thread.
    @ivar clock: measures the timeouts.
    @ivar timeout: of a wait for which the caller gave none, in seconds.
    @ivar busy: called when the first call begins.
    @ivar idle: called when the last call has ended.
    """

    def __init__(self, bell: Bell, clock: IReactorTime, timeout: float) -> None:
        self.bell = bell
        self.clock = clock
        self.timeout = timeout
        self.busy: Optional[Callable[[], None]] = None
        self.idle: Optional[Callable[[], None]] = None
        self._calls: set[Endable] = set()
        self._closed = False

    def begin(self, call: Endable) -> Optional[PFSError]:
        """
        Note that a call is under way.

        @return: why it must not begin: the door is closed.
        """
        if self._closed:
            return PFSError(Status.CANCELLED, "the connection to PFS has been closed")
        if self.busy is not None and not self._calls:
            self.busy()
        self._calls.add(call)
        return None

    def over(self, call: Endable) -> None:
        """
        Note that a call has ended; it may be said twice.
        """
        if call in self._calls:
            self._calls.remove(call)
            if self.idle is not None and not self._calls:
                self.idle()

    def limit(self, timeout: Optional[float]) -> float:
        """
        The timeout of a call for which its caller gave this one, or none.
        """
        return self.timeout if timeout is None else timeout

    def close(self) -> None:
        """
        End all calls, and refuse new ones.
        """
        self._closed = True
        self.end(PFSError(Status.CANCELLED, "the connection to PFS was closed"))

    def end(self, error: Exception) -> None:
        """
        End all calls with an error.
        """
        for call in list(self._calls):
            call.end(error)

    def __len__(self) -> int:
        return len(self._calls)


class Pending(Generic[Answer]):
    """
    One wait, in the reactor's thread: ended by its answer, its timeout, its waiter's cancel, or the end of the call, whichever is first.

    @ivar deferred: what the waiter gets.
    """

    __slots__ = ("_abandon", "_done", "_timeout", "_timer", "deferred")

    def __init__(self, clock: IReactorTime, timeout: Optional[float], abandon: Callable[[Exception], None]) -> None:
        """
        @param timeout: in seconds; C{None} for no limit.
        @param abandon: ends the call when its waiter has had enough. It must not come back to this wait.
        """
        self.deferred: Deferred[Answer] = Deferred(self._cancelled)
        self._abandon = abandon
        self._done = False
        self._timeout = timeout
        self._timer: Optional[IDelayedCall] = None if timeout is None else clock.callLater(timeout, self._expired)

    def succeed(self, answer: Answer) -> None:
        """
        Give the answer, if it is still waited for.
        """
        if self._finish():
            self.deferred.callback(answer)

    def fail(self, error: Exception) -> None:
        """
        Give an error, if an answer is still waited for.
        """
        if self._finish():
            self.deferred.errback(error)

    def _finish(self) -> bool:
        if self._done:
            return False
        self._done = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        return True

    def _cancelled(self, _: Deferred[Answer]) -> None:
        self._give_up(CancelledError())

    def _expired(self) -> None:
        self._give_up(PFSError(Status.DEADLINE_EXCEEDED, f"PFS did not answer within {self._timeout} seconds"))

    def _give_up(self, error: Exception) -> None:
        if self._finish():
            self._abandon(error)
            self.deferred.errback(error)


class UnaryCall(ABC):
    """
    A unary call under way, in the reactor's thread.

    @ivar pending: the wait for its answer.
    """

    __slots__ = ("board", "pending")

    def __init__(self, board: Switchboard, timeout: float) -> None:
        self.board = board
        self.pending: Pending[Any] = Pending(board.clock, timeout, self._abandon)

    @abstractmethod
    def stop(self) -> object:
        """
        Tell PFS that nobody waits any more.
        """

    def end(self, error: Exception) -> None:
        """
        See L{Endable}.
        """
        self._abandon(error)
        self.pending.fail(error)

    def finish(self, answer: Any, error: Optional[PFSError]) -> None:
        """
        Pass on what PFS has answered, or why it has not.
        """
        self.board.over(self)
        if error is None:
            self.pending.succeed(answer)
        else:
            self.pending.fail(error)

    def _abandon(self, _: Exception) -> None:
        self.board.over(self)
        self.stop()
