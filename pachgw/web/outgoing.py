"""
Bytes from PFS to the client, no faster than the client takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from zope.interface import implementer

from pachgw.pfs.interfaces import Buffer, Content
from pachgw.web.request import Header, Request

PIECE = 1024 * 1024
"""
The most bytes that are handed to the socket at once.
"""


class Truncated(Exception):
    """
    PFS gave fewer bytes than the object has.
    """


class Stalled(Exception):
    """
    The client takes nothing any more.
    """


@implementer(IPushProducer)
class Gate:
    """
    Closed while the socket's buffer is full.
    """

    def __init__(self, clock: IReactorTime, timeout: float) -> None:
        """
        @param timeout: seconds that the gate may stay closed.
        """
        self.closed = False
        self._clock = clock
        self._timeout = timeout
        self._waiting: Optional[Deferred[None]] = None
        self._deadline: Optional[IDelayedCall] = None

    def pauseProducing(self) -> None:
        """The buffer is full."""
        self.closed = True

    def resumeProducing(self) -> None:
        """The buffer is empty."""
        self.closed = False
        self._fire()

    def stopProducing(self) -> None:
        """The connection is lost; the request is told as well, and cancels what waits here."""

    def wait(self) -> Deferred[None]:
        """
        Wait for the gate to open.

        @raise Stalled: (by the Deferred) it stayed closed for too long.
        """
        self._waiting = Deferred(self._forget)
        self._deadline = self._clock.callLater(self._timeout, self._stall)
        return self._waiting

    def _fire(self) -> None:
        waiting = self._end_wait()
        if waiting is not None:
            waiting.callback(None)

    def _stall(self) -> None:
        waiting = self._end_wait()
        if waiting is not None:
            waiting.errback(Stalled())

    def _forget(self, cancelled: Deferred[None]) -> None:
        self._end_wait()

    def _end_wait(self) -> Optional[Deferred[None]]:
        waiting, self._waiting = self._waiting, None
        deadline, self._deadline = self._deadline, None
        if deadline is not None and deadline.active():
            deadline.cancel()
        return waiting


async def send_content(request: Request, status: int, headers: Sequence[Header], content: Content, length: int) -> None:
    """
    Send an answer whose body comes from PFS. Nothing is sent before the first bytes are there, so that a failure up to then
    can still be answered; a failure after that is raised too, and the connection must then be cut.

    @raise Truncated: there were fewer than C{length} bytes.
    @raise Stalled: the client has stopped to read.
    """
    try:
        buffers = await content.read() if length else []
        if sum(map(len, buffers)) == length:
            # The common case of a small object: one write, and no producer to set up.
            request.start(status, headers, length, buffers)
            return
        request.start(status, headers, length)
        await _relay(request, content, buffers, length)
    finally:
        content.cancel()


async def _relay(request: Request, content: Content, buffers: list[Buffer], length: int) -> None:
    """
    Send buffer by buffer. Each leaves the list before it is sent, so that none is held for longer than it takes.
    """
    gate = Gate(request.site.clock, request.site.stall_timeout)
    request.registerProducer(gate, True)
    try:
        left = length
        while left > 0:
            if not buffers:
                raise Truncated(f"{left} of {length} bytes are missing")
            buffers.reverse()
            while buffers:
                for piece in _pieces(buffers.pop()):
                    left -= len(piece)
                    request.send((piece,))
                    if gate.closed:
                        await gate.wait()
                    del piece  # it holds the whole message, also while the next one is waited for
            if left > 0:
                buffers = await content.read()
    finally:
        if not request.disconnected:
            request.unregisterProducer()


def _pieces(buffer: Buffer) -> Iterator[Buffer]:
    if len(buffer) <= PIECE:
        yield buffer
    else:
        view = memoryview(buffer)
        yield from (view[at : at + PIECE] for at in range(0, len(view), PIECE))
