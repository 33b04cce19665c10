"""
A request's body as the operations read it: decoded, hashed and checked, off the reactor's thread when there is much of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Optional, Protocol, TypeVar

from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.python.failure import Failure

from pachgw.s3.metadata import Checksum
from pachgw.s3.payload import PayloadCheck
from pachgw.web.incoming import Incoming

INLINE = 16 * 1024
"""
Up to this many bytes are hashed at once, in the reactor's thread: that takes some ten microseconds, where going to another
thread and back takes some hundred.
"""

PIECE = 256 * 1024
"""
How much is gathered before it goes to a thread, so that a thread's turn is worth the way.
"""

Result = TypeVar("Result")


class Offload(Protocol):
    """
    Runs a function in another thread.
    """

    def __call__(self, function: Callable[[], Result], /) -> Deferred[Result]:
        """
        @return: fires with the function's result, or fails as it did.
        """


class RequestBody:
    """
    Implements L{Body<pachgw.objects.interfaces.Body>}. While a piece is being used, the next is being checked.

    @ivar length: how many bytes of content there will be, if the request says.
    """

    def __init__(self, incoming: Incoming, check: PayloadCheck, offload: Offload) -> None:
        """
        @param incoming: the bytes as they arrive.
        @param check: takes off the framing, and knows what the request promised.
        """
        self.length = check.length
        self._incoming = incoming
        self._check = check
        self._offload = offload
        self._next: Optional[Deferred[bytes]] = None
        self._outstanding: Optional[Deferred[bytes]] = None
        self._cancelled = False

    def read(self) -> Deferred[bytes]:
        """
        What comes next; see the interface.
        """
        if self._cancelled:
            return fail(CancelledError())
        reading, self._next = self._next, None
        if reading is None:
            reading = Deferred.fromCoroutine(self._fetch())
        self._outstanding = reading
        return reading.addCallback(self._read_ahead)

    def checksums(self) -> tuple[Checksum, ...]:
        """
        The checksums of the content; see the interface.
        """
        return self._check.checksums()

    def cancel(self) -> None:
        """
        Say that no more is wanted; see the interface.
        """
        self._cancelled = True
        outstanding, self._outstanding = self._outstanding, None
        if outstanding is not None:
            outstanding.cancel()
        ahead, self._next = self._next, None
        if ahead is not None:
            ahead.addErrback(_swallow)
            ahead.cancel()

    def _read_ahead(self, data: bytes) -> bytes:
        self._outstanding = None
        if data and not self._cancelled and not (self.length is not None and self.length <= INLINE):
            self._next = Deferred.fromCoroutine(self._fetch())
        return data

    async def _fetch(self) -> bytes:
        """
        The next content, or nothing once all has come and has been found right.
        """
        while True:
            chunks = await self._incoming.read(PIECE)
            if not chunks:
                self._check.finish()
                return b""
            if sum(map(len, chunks)) <= INLINE:
                content = self._decode(chunks)
            else:
                content = await self._offload(lambda chunks=chunks: self._decode(chunks))  # type: ignore[misc]
            if content:
                return content

    def _decode(self, chunks: Sequence[bytes]) -> bytes:
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        pieces = self._check.feed(data)
        if len(pieces) == 1:
            return bytes(pieces[0])
        return b"".join(pieces)


def _swallow(failure: Failure) -> None:
    """
    A read-ahead that nobody will look at any more.
    """
