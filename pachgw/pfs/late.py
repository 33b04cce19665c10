"""
Streams that begin when something else is known first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Optional, TypeVar

from google.protobuf.message import Message
from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred

Item = TypeVar("Item")
Sent = TypeVar("Sent", bound=Message)
Answered = TypeVar("Answered", bound=Message)


class LateReader(Generic[Item]):
    """
    A stream that begins when the server's version is known, some of whose items are dropped or changed.
    """

    def __init__(self, begin: Callable[[], Deferred[Any]], keep: Callable[[list[Item]], tuple[list[Item], bool]]) -> None:
        """
        @param begin: opens the stream itself.
        @param keep: what to hand on of a batch, and whether more is wanted.
        """
        self._begin = begin
        self._keep = keep
        self._stream: Any = None
        self._reading: Optional[Deferred[list[Item]]] = None
        self._ended: Optional[BaseException] = None
        self._over = False

    def read(self) -> Deferred[list[Item]]:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>}.
        """
        if self._ended is not None:
            return defer.fail(self._ended)
        self._reading = Deferred.fromCoroutine(self._read())
        return self._reading.addErrback(self._failed)

    def cancel(self) -> None:
        """
        See L{Messages<pachgw.pfs.interfaces.Messages>}.
        """
        if self._ended is None:
            self._ended = CancelledError()
        if self._stream is not None:
            self._stream.cancel()
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self) -> list[Item]:
        if self._stream is None:
            self._stream = await self._begin()
        while not self._over:
            batch = await self._stream.read()
            kept, more = self._keep(batch)
            if not batch:
                self._over = True
            elif not more:
                self._over = True
                self._stream.cancel()
            if kept:
                return kept
        return []

    def _failed(self, failure: Any) -> Any:
        self._ended = failure.value
        return failure


class LateWriter(Generic[Sent, Answered]):
    """
    A client stream that begins when the server's version is known.
    """

    def __init__(self, begin: Callable[[], Deferred[tuple[Any, Callable[[Sent], Sent]]]]) -> None:
        """
        @param begin: gives the sink itself, and what becomes of each message on its way there.
        """
        self._begin = begin
        self._adapt: Callable[[Sent], Sent]
        self._sink: Any = None
        self._waiting: Optional[Deferred[Any]] = None
        self._ended: Optional[BaseException] = None

    def write(self, message: Sent) -> Deferred[None]:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """
        return self._do(lambda: self._sink.write(self._adapt(message)))

    def finish(self) -> Deferred[Answered]:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """
        return self._do(lambda: self._sink.finish())

    def cancel(self) -> None:
        """
        See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}.
        """
        if self._ended is None:
            self._ended = CancelledError()
        if self._sink is not None:
            self._sink.cancel()
        if self._waiting is not None:
            self._waiting.cancel()

    def _do(self, step: Callable[[], Deferred[Any]]) -> Deferred[Any]:
        if self._ended is not None:
            return defer.fail(self._ended)

        async def work() -> Any:
            if self._sink is None:
                self._sink, self._adapt = await self._begin()
            return await step()

        self._waiting = Deferred.fromCoroutine(work())
        return self._waiting.addErrback(self._failed)

    def _failed(self, failure: Any) -> Any:
        if self._ended is None:
            self._ended = failure.value
            if self._sink is not None:
                self._sink.cancel()
        return failure


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
