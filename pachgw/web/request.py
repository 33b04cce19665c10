"""
One request: its head, its body as it arrives, and the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Optional

from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.http import NO_BODY_CODES, RESPONSES

from pachgw.s3.errors import S3Error
from pachgw.web.incoming import Incoming

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from pachgw.pfs.interfaces import Buffer
    from pachgw.web.channel import Channel
    from pachgw.web.site import S3Site

Header = tuple[str, str]

_STATUS_LINES = {code: b"HTTP/1.1 %d %s\r\n" % (code, reason) for code, reason in RESPONSES.items()}


class Request(http.Request):
    """
    A request of a L{Channel<pachgw.web.channel.Channel>}. It is processed once its head is in, while its body arrives.

    @ivar id: what names this request in the log, in C{x-amz-request-id} and in an error document.
    @ivar began: when its head was in, by the site's clock.
    @ivar length: how long the body will be, C{None} if it is chunked.
    @ivar incoming: the body.
    @ivar received: how many bytes of body have arrived.
    @ivar sent: how many bytes of body have been written.
    @ivar operation: what is being done for it; cancelled when the client goes away.
    """

    channel: Channel
    site: S3Site

    id = ""
    began = 0.0
    length: Optional[int] = 0
    received = 0
    sent = 0
    operation: Optional[Deferred[None]] = None

    _expects_continue = False
    _processed = False

    def __init__(self, channel: Channel, queued: object = 0) -> None:
        http.Request.__init__(self, channel, queued=False, parsePOSTFormSubmission=False)
        self.site = channel.site
        self.id = self.site.new_request_id()
        self.began = self.site.clock.seconds()
        self.incoming = Incoming(self._want_body, channel.hold, channel.release)

    @property
    def complete(self) -> bool:
        """
        Whether the whole body has arrived.
        """
        return self.incoming.complete

    @property
    def disconnected(self) -> bool:
        """
        Whether the client has gone.
        """
        return self._disconnected

    @property
    def secure(self) -> bool:
        """
        Whether it came over TLS.
        """
        return bool(self.isSecure())

    # What the channel calls

    def parseCookies(self) -> None:
        """
        S3 knows no cookies.
        """

    def gotHead(self, method: bytes, target: bytes, version: bytes, length: Optional[int]) -> None:
        """
        The request line and the headers are in.

        @param target: as on the wire: signatures are over these very bytes.
        """
        self.method, self.uri, self.clientproto, self.length = method, target, version, length
        if length != 0 and version == b"HTTP/1.1":
            expect = self.requestHeaders.getRawHeaders(b"expect")
            self._expects_continue = expect is not None and expect[0].lower() == b"100-continue"

    def handleContentChunk(self, data: bytes) -> None:
        """
        A piece of the body.
        """
        self.received += len(data)
        if self.finished:
            self.channel.discard(data)
        else:
            self._expects_continue = False
            self.incoming.received(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """
        The body has ended.
        """
        answered = self.finished
        self.incoming.ended()
        if answered:
            self._cleanup()
        elif not self._processed:
            self.process()

    def process(self) -> None:
        """
        Give the request to the site's resource.
        """
        self._processed = True
        self.site.resource.render(self)

    def refuse(self, error: S3Error) -> None:
        """
        What the client sends is not HTTP, or stopped. Before an answer has begun the client is told; after that there is
        nothing left but to cut the connection.
        """
        if self.startedWriting:
            self.channel.abort()
        elif self._processed:
            self.incoming.failed(Failure(error))
        else:
            self._processed = True
            self.site.resource.refuse(self, error)

    def connectionLost(self, reason: Failure) -> None:
        """
        The client has gone: what was being done for it is no longer wanted.
        """
        http.Request.connectionLost(self, reason)
        self.incoming.failed(Failure(ConnectionLost()))
        self.incoming.detach()
        operation, self.operation = self.operation, None
        if operation is not None:
            operation.cancel()

    def _cleanup(self) -> None:
        """
        Answered, and the body has ended: Twisted's part, and letting go of the connection.
        """
        self.incoming.detach()
        http.Request._cleanup(self)

    # What the responder calls

    @property
    def sends_body(self) -> bool:
        """
        Whether an answer with a body has one on the wire.
        """
        return self.method != b"HEAD"

    def start(self, status: int, headers: Iterable[Header], length: Optional[int], first: Sequence[Buffer] = ()) -> None:
        """
        Send the status line and the headers, in one packet with what there is of the body.

        @param length: of the body, in bytes; C{None} if it is not known.
        @raise ValueError: a header would break the message.
        """
        if self._disconnected or self.startedWriting:
            return
        lines = encode_headers(headers)
        self.startedWriting = 1
        self.code = status
        head = [_STATUS_LINES[status], self.site.fixed_headers(), self.id.encode("ascii"), b"\r\n", lines]
        if not self.complete:
            self._decide_persistence()
        if status in NO_BODY_CODES:
            first = ()
        elif length is not None:
            head.append(b"Content-Length: %d\r\n" % length)
        elif self.clientproto == b"HTTP/1.1" and self.sends_body:
            self.chunked = 1
            head.append(b"Transfer-Encoding: chunked\r\n")
        else:
            self.channel.persistent = False
        head.append(b"\r\n" if self.channel.persistent else b"Connection: close\r\n\r\n")
        if first and self.sends_body:
            self.channel.writeSequence([b"".join(head), *self._framed(first)])
        else:
            self.channel.write(b"".join(head))

    def send(self, buffers: Sequence[Buffer]) -> None:
        """
        Send more of the body.
        """
        if buffers and self.sends_body and not self._disconnected:
            self.channel.writeSequence(self._framed(buffers))

    def finish(self) -> None:
        """
        The answer is complete. The connection goes on to the next request when the body of this one has ended as well.
        """
        if self._disconnected or self.finished:
            return
        if self.chunked:
            self.channel.write(b"0\r\n\r\n")
        self.finished = 1
        self.operation = None
        if self.complete:
            self._cleanup()
        elif self._expects_continue or self.channel.refused:
            self.channel.loseConnection()
        else:
            self.channel.drain()

    def abort(self) -> None:
        """
        Cut the connection, so that the client cannot take what it has for the whole answer.
        """
        if not (self._disconnected or self.finished):
            self.channel.abort()

    def _framed(self, buffers: Sequence[Buffer]) -> list[bytes]:
        """
        The buffers as they go on the wire; as bytes, since Twisted's transports take nothing else.
        """
        whole = [buffer if type(buffer) is bytes else bytes(buffer) for buffer in buffers]
        size = sum(map(len, whole))
        self.sent += size
        return [b"%x\r\n" % size, *whole, b"\r\n"] if self.chunked else whole

    def _want_body(self) -> None:
        if self._expects_continue:
            self._expects_continue = False
            self.channel.send_continue()

    def _decide_persistence(self) -> None:
        """
        The answer comes before the body's end. A body that has not been sent, or is long, is not worth waiting for.
        """
        if self._expects_continue or self.length is None or self.length - self.received > self.channel.drain_bytes:
            self.channel.persistent = False


def encode_headers(headers: Iterable[Header]) -> bytes:
    """
    Header lines as they go on the wire: each character is a latin-1 byte, as in the headers of requests.

    @raise ValueError: if a name or value has a line break or NUL in it (RFC 9110, section 5.5), or a character that is no byte.
        One look at the whole is cheaper than one at each.
    """
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    block = "".join(lines)
    if block.count("\n") != len(lines) or block.count("\r") != len(lines) or "\0" in block:
        raise ValueError("a line break in a header")
    return block.encode("latin-1")
