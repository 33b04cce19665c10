"""
One connection. Twisted parses HTTP; here is when a request begins, how its body is held back, and how a connection ends.

Twisted's channel collects the whole body before it tells the request, and says C{100 Continue} before anybody has looked at the
headers. This one starts the request when the headers are in, and leaves C{100 Continue} to the first who wants the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol, ITCPTransport
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from zope.interface import implementer

from pachgw.s3.errors import IncompleteBody, InvalidRequest, RequestHeaderSectionTooLarge, RequestTimeout, S3Error
from pachgw.web.request import Request

if TYPE_CHECKING:
    from pachgw.web.site import S3Site

DRAIN_BYTES = 16 * 1024 * 1024
"""
How much of a body that nobody wants is read and thrown away, so that a client that reads the answer only after it has sent
everything gets it.
"""

DRAIN_SECONDS = 10.0
"""
How long such a body may take.
"""


@implementer(IHalfCloseableProtocol)
class Channel(HTTPChannel):
    """
    An HTTP/1.1 connection whose requests see their bodies arrive.

    @ivar site: who made the connection.
    @ivar draining: whether the request in hand has been answered before its body ended.
    @ivar refused: whether the client sent what cannot be understood; nothing more is read.
    @ivar drain_bytes: see L{DRAIN_BYTES}.
    """

    maxHeaders = 200
    totalHeadersSize = 32 * 1024
    requestFactory = Request  # type: ignore[assignment]

    site: S3Site
    requests: list[Request]
    draining = False
    refused = False
    drain_bytes = DRAIN_BYTES

    _discarded = 0
    _peer: Optional[IAddress] = None
    _own: Optional[IAddress] = None
    _held = False

    def connectionMade(self) -> None:
        """
        The connection is there.
        """
        HTTPChannel.connectionMade(self)
        self.site.opened(self)

    def getPeer(self) -> IAddress:
        """
        The client's address, which is asked for at each request.
        """
        if self._peer is None:
            self._peer = HTTPChannel.getPeer(self)
        return self._peer

    def getHost(self) -> IAddress:
        """
        Our own address, likewise.
        """
        if self._own is None:
            self._own = HTTPChannel.getHost(self)
        return self._own

    def finish(self) -> None:
        """
        Take no more requests: close after the one in hand, at once if there is none.
        """
        self.persistent = False
        if not self.requests:
            self.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """
        Bytes from the client. A header section has one deadline for the whole of it, and so has a body that is thrown away;
        everything else may take as long as it moves.
        """
        if self.draining or (self.line_mode and self.requests):
            LineReceiver.dataReceived(self, data)
        else:
            HTTPChannel.dataReceived(self, data)

    def headerReceived(self, line: bytes) -> bool:
        """
        A line of the header section.

        @return: whether it was one. A C{Content-Length} of more digits than Python reads is none.
        """
        try:
            return bool(HTTPChannel.headerReceived(self, line))
        except ValueError:
            self._respondToBadRequestAndDisconnect()
            return False

    def allHeadersReceived(self) -> None:
        """
        Start a request that has a body. One without is started when Twisted says that it is complete, at once.
        """
        request = self.requests[-1]
        self.persistent = self.checkPersistence(request, self._version)
        request.gotHead(self._command, self._path, self._version, self.length)
        if self.length != 0:
            request.process()

    def send_continue(self) -> None:
        """
        Ask the client for the body that it holds back (RFC 9110, section 10.1.1).
        """
        self._send100Continue()

    def hold(self) -> None:
        """
        Read no more for now: whoever takes the body is behind. Waiting for us is not the client's idleness.
        """
        if not self._held:
            self._held = True
            self.setTimeout(None)
            self._networkProducer.pauseProducing()

    def release(self) -> None:
        """
        Read on.
        """
        if self._held:
            self._held = False
            if not self._handlingRequest:
                self.setTimeout(self.site.timeOut)
            if not self._waitingForTransport:
                self._networkProducer.resumeProducing()

    def drain(self) -> None:
        """
        Read the rest of a body that nobody wants, within bounds.
        """
        self.draining = True
        self.release()
        self.setTimeout(DRAIN_SECONDS)

    def discard(self, data: bytes) -> None:
        """
        A piece of such a body.
        """
        self._discarded += len(data)
        if self._discarded > self.drain_bytes:
            self.loseConnection()

    def abort(self) -> None:
        """
        Cut the connection at once, without sending what is still to be sent.
        """
        cast(ITCPTransport, self.transport).abortConnection()

    def requestDone(self, request: Request) -> None:
        """
        A request has been answered and its body has ended; the next may come.
        """
        self.draining = self._held = False
        self._discarded = 0
        self._savedTimeOut = self.site.timeOut
        HTTPChannel.requestDone(self, request)

    def lineLengthExceeded(self, line: bytes) -> None:
        """
        A line of more than C{MAX_LENGTH} bytes in the header section.
        """
        self._refuse(RequestHeaderSectionTooLarge())

    def timeoutConnection(self) -> None:
        """
        Nothing has come for too long. A client that stopped in the middle is told so.
        """
        if self.requests and not self.draining:
            self._refuse(RequestTimeout())
        else:
            HTTPChannel.timeoutConnection(self)

    def readConnectionLost(self) -> None:
        """
        The client will send no more. If it owes us a body it is told so; otherwise it has gone.
        """
        if self.requests and not self.requests[0].complete and not self.draining:
            self._refuse(IncompleteBody())
        else:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """
        Never happens: we do not half-close.
        """

    def connectionLost(self, reason: Optional[Failure] = None) -> None:
        """
        The connection has gone, and with it whatever its request was doing.
        """
        self._held = False
        HTTPChannel.connectionLost(self, reason)
        self._transferDecoder = None
        self.requests.clear()
        self.site.closed(self)

    def _respondToBadRequestAndDisconnect(self) -> None:
        if self._receivedHeaderSize > self.totalHeadersSize or self._receivedHeaderCount > self.maxHeaders:
            self._refuse(RequestHeaderSectionTooLarge())
        else:
            self._refuse(InvalidRequest("This is not a request of HTTP/1.1."))

    def _refuse(self, error: S3Error) -> None:
        """
        Answer with an error and close. Twisted's parser goes on with the next header line after a bad one: it is made deaf.
        """
        if self.refused:
            return
        self.refused = True
        self.persistent = False
        self.lineReceived = self.rawDataReceived = _ignore  # type: ignore[method-assign]
        if not self.requests:
            self.requests.append(self.requestFactory(self, 0))
        self.requests[0].refuse(error)


def _ignore(data: bytes) -> None:
    """
    Nothing more is read from a connection that has been refused.
    """
