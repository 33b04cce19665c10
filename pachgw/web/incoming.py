"""
A request's body between the socket and whoever takes it: a queue with a mark at which the socket waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure

HIGH = 1024 * 1024
"""
From this many bytes on the socket is not read, until they have been taken.
"""


class Incoming:
    """
    The bytes of one body as they came, before anything has been decoded.

    @ivar complete: whether all of it has arrived.
    """

    __slots__ = ("_chunks", "_failure", "_hold", "_holding", "_least", "_release", "_size", "_waiting", "_want", "complete")

    def __init__(self, want: Callable[[], None], hold: Callable[[], None], release: Callable[[], None]) -> None:
        """
        @param want: called at every read that finds nothing; the first such call is when the client's body is needed.
        @param hold: asks the connection to read no more.
        @param release: asks it to read on.
        """
        self.complete = False
        self._want = want
        self._hold = hold
        self._release = release
        self._holding = False
        self._chunks: list[bytes] = []
        self._size = 0
        self._least = 0
        self._waiting: Optional[Deferred[list[bytes]]] = None
        self._failure: Optional[Failure] = None

    def read(self, least: int = 1) -> Deferred[list[bytes]]:
        """
        Take what is there, once it is C{least} bytes or the rest. At most one read may be outstanding.

        @param least: not more than L{HIGH}.
        @return: fires with the chunks as they arrived, or with none at the end.
        """
        if self._failure is not None:
            return fail(self._failure)
        if self._size >= least or self.complete:
            return succeed(self._take())
        self._least = least
        self._waiting = Deferred(self._forget)
        self._want()
        return self._waiting

    def received(self, data: bytes) -> None:
        """
        More has come.
        """
        self._chunks.append(data)
        self._size += len(data)
        if self._waiting is not None and self._size >= self._least:
            self._answer()
        elif self._size >= HIGH and not self._holding:
            self._holding = True
            self._hold()

    def ended(self) -> None:
        """
        That was all.
        """
        self.complete = True
        if self._waiting is not None:
            self._answer()

    def failed(self, failure: Failure) -> None:
        """
        No more will come, and what came is of no use.
        """
        self._failure = failure
        self._chunks.clear()
        self._size = 0
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.errback(failure)

    def detach(self) -> None:
        """
        Nobody will read any more, and the connection need hear no more: let go of it. Without this each request would be garbage that
        only a collection finds.
        """
        self._want = self._hold = self._release = _nothing

    def _take(self) -> list[bytes]:
        chunks, self._chunks = self._chunks, []
        self._size = 0
        if self._holding:
            self._holding = False
            self._release()
        return chunks

    def _answer(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(self._take())

    def _forget(self, cancelled: Deferred[list[bytes]]) -> None:
        self._waiting = None


def _nothing() -> None:
    """
    What a detached body asks of its connection.
    """
