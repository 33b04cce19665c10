"""
Streams that begin when something else is known first.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Generic, Optional, TypeVar

from google.protobuf.message import Message
from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

Item = TypeVar("Item")
Sent = TypeVar("Sent", bound=Message)
Answered = TypeVar("Answered", bound=Message)


class _Late:
    """
    What is common to both directions: the stream itself, which comes later, and its end.
    """

    def __init__(self) -> None:
        self._inner: Any = None
        self._waiting: Optional[Deferred[Any]] = None
        self._ended: Optional[BaseException] = None

    def cancel(self) -> None:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>} and L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """
        self._end(CancelledError())
        if self._waiting is not None:
            self._waiting.cancel()

    def _do(self, work: Callable[[], Coroutine[Deferred[Any], Any, Any]]) -> Deferred[Any]:
        """
        Take a step, unless the stream has ended badly.
        """
        if self._ended is not None:
            return defer.fail(self._ended)
        self._waiting = Deferred.fromCoroutine(work())
        return self._waiting.addErrback(self._failed)

    def _end(self, error: BaseException) -> None:
        if self._ended is None:
            self._ended = error
            if self._inner is not None:
                self._inner.cancel()

    def _failed(self, failure: Failure) -> Failure:
        self._end(failure.value or CancelledError())
        return failure


class LateReader(_Late, Generic[Item]):
    """
    A stream that begins with its first read, when the server's version is known, and some of whose items are dropped or changed.
    """

    def __init__(self, begin: Callable[[], Deferred[Any]], keep: Callable[[list[Item]], tuple[list[Item], bool]]) -> None:
        """
        @param begin: opens the stream itself.
        @param keep: what to hand on of a batch, and whether more is wanted.
        """
        super().__init__()
        self._begin = begin
        self._keep = keep
        self._over = False

    def read(self) -> Deferred[list[Item]]:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>}.
        """
        return self._do(self._read)

    async def _read(self) -> list[Item]:
        if self._inner is None:
            self._inner = await self._begin()
        while not self._over:
            batch = await self._inner.read()
            kept, more = self._keep(batch)
            if not batch or not more:
                self._over = True
                self._inner.cancel()
            if kept:
                return kept
        return []


class LateWriter(_Late, Generic[Sent, Answered]):
    """
    A client stream that begins with its first message, when the server's version is known.
    """

    def __init__(self, begin: Callable[[], Deferred[tuple[Any, Callable[[Sent], Sent]]]]) -> None:
        """
        @param begin: gives the sink itself, and what becomes of each message on its way there.
        """
        super().__init__()
        self._begin = begin
        self._adapt: Callable[[Sent], Sent]

    def write(self, message: Sent) -> Deferred[None]:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """

        async def write() -> None:
            await (await self._sink()).write(self._adapt(message))

        return self._do(write)

    def finish(self) -> Deferred[Answered]:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """

        async def finish() -> Any:
            return await (await self._sink()).finish()

        return self._do(finish)

    async def _sink(self) -> Any:
        if self._inner is None:
            self._inner, self._adapt = await self._begin()
        return self._inner


class Fixed(Generic[Item]):
    """
    A stream whose content is known.
    """

    def __init__(self, items: list[Item]) -> None:
        self._items = items

    def read(self) -> Deferred[list[Item]]:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>}.
        """
        items, self._items = self._items, []
        return defer.succeed(items)

    def cancel(self) -> None:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>}.
        """
