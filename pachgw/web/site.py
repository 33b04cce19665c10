"""
The site: what all connections share.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from email.utils import formatdate
from os import urandom
from typing import Optional, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.web.server import Site

from pachgw import __version__
from pachgw.web.channel import Channel
from pachgw.web.request import Request
from pachgw.web.resource import GatewayResource

SERVER = f"pachgw/{__version__}"

IDLE_TIMEOUT = 60.0
"""
Seconds without a byte from the client after which a connection ends; also the time that a header section may take.
"""

STALL_TIMEOUT = 120.0
"""
Seconds that a client may leave what the socket's buffer holds. The buffer is filled by at most
L{pachgw.web.outgoing.PIECE} at once, so a client that takes some KiB a second is never too slow.
"""


class S3Site(Site):
    """
    Serves a L{GatewayResource} over HTTP/1.1. To be given to any stream server endpoint.

    @ivar stall_timeout: see L{STALL_TIMEOUT}.
    @ivar clock: the time, for dates, durations and timeouts.
    @ivar channels: the connections that there are.
    @ivar tell_connections: is called with their number when it changes.
    @ivar host_id: names this process in C{x-amz-id-2} and in error documents.
    """

    protocol = Channel  # type: ignore[assignment]
    requestFactory = Request  # type: ignore[assignment]
    resource: GatewayResource
    noisy = False

    def __init__(
        self,
        resource: GatewayResource,
        clock: IReactorTime,
        timeout: float = IDLE_TIMEOUT,
        stall_timeout: float = STALL_TIMEOUT,
        random: Callable[[int], bytes] = urandom,
    ) -> None:
        """
        @param timeout: in seconds; see L{IDLE_TIMEOUT}.
        @param stall_timeout: in seconds; see L{STALL_TIMEOUT}.
        @param random: gives so many random bytes.
        """
        Site.__init__(self, resource, timeout=timeout, reactor=clock, parsePOSTFormSubmission=False)
        self.clock = clock
        self.stall_timeout = stall_timeout
        self.host_id = b64encode(random(24)).decode("ascii")
        self._id_prefix = random(4).hex().upper()
        self._id_count = 0
        self._fixed_second = -1
        self._fixed = b""
        self.channels: set[Channel] = set()
        self.tell_connections: Callable[[int], None] = lambda _: None
        self._last: Optional[Deferred[None]] = None

    def new_request_id(self) -> str:
        """
        An id that no other request of this process has, nor, in all likelihood, of any other.
        """
        self._id_count = (self._id_count + 1) & 0xFFFFFFFF
        return f"{self._id_prefix}{self._id_count:08X}"

    def fixed_headers(self) -> bytes:
        """
        The header lines that every response has, up to the value of C{x-amz-request-id}; made once a second.
        """
        second = int(self.clock.seconds())
        if second != self._fixed_second:
            self._fixed_second = second
            lines = f"Server: {SERVER}\r\nDate: {formatdate(second, usegmt=True)}\r\nx-amz-id-2: {self.host_id}\r\nx-amz-request-id: "
            self._fixed = lines.encode("ascii")
        return self._fixed

    def buildProtocol(self, addr: Optional[IAddress]) -> Channel:  # type: ignore[override]
        """
        A channel for a new connection.
        """
        return cast(Channel, Site.buildProtocol(self, addr))

    def finish(self, grace: float) -> Deferred[None]:
        """
        End all connections: the idle ones at once, the others after their request, and what is left after a while.

        @param grace: how long that may take, in seconds.
        @return: fires when there is none left.
        """
        for channel in list(self.channels):
            channel.finish()
        self._last = Deferred()
        deadline = self.clock.callLater(grace, self._abort)
        if not self.channels:
            self._last.callback(None)

        def ended(_: None) -> None:
            if deadline.active():
                deadline.cancel()
            self.resource.close()

        return self._last.addCallback(ended)

    def _abort(self) -> None:
        for channel in list(self.channels):
            channel.abort()

    def opened(self, channel: Channel) -> None:
        """
        A channel has its connection.
        """
        self.channels.add(channel)
        self.tell_connections(len(self.channels))

    def closed(self, channel: Channel) -> None:
        """
        A channel has lost its connection.
        """
        self.channels.discard(channel)
        self.tell_connections(len(self.channels))
        if self._last is not None and not self.channels and not self._last.called:
            self._last.callback(None)

    def startFactory(self) -> None:
        """
        Nothing: the responder writes the access log, so Twisted's log file and the clock that it winds each second are not needed.
        """

    def stopFactory(self) -> None:
        """
        Nothing, as in L{startFactory}.
        """

    def log(self, request: object) -> None:
        """
        Nothing: see L{startFactory}.
        """

    def acceptableProtocols(self) -> list[bytes]:
        """
        What TLS may negotiate. HTTP/2 has no place for our channel, and no S3 client asks for it.
        """
        return [b"http/1.1"]
