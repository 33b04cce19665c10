"""
Speaking HTTP to a site without a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

from twisted.internet.defer import maybeDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from pachgw.admin.metrics import Metrics
from pachgw.web.budget import Budget
from pachgw.web.channel import Channel
from pachgw.web.resource import GatewayResource
from pachgw.web.site import S3Site
from tests.web.fake_objects import FakeObjects

NOW = 1_700_000_000.0


class Response(NamedTuple):
    """A response as read from the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class StrictTransport(StringTransport):
    """
    A C{StringTransport} that takes only what a socket's takes.
    """

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Bytes, and nothing like them."""
        for each in data:
            self.write(each)

    def write(self, data: bytes) -> None:
        """Bytes, and nothing like them."""
        assert type(data) is bytes, data
        super().write(data)


class Wire:
    """
    One connection to a site.
    """

    def __init__(self, objects: Optional[FakeObjects] = None, budget: Optional[Budget] = None, now: float = NOW, **settings: Any) -> None:
        self.objects = objects or FakeObjects()
        self.clock = Clock()
        self.clock.advance(now)
        self.metrics = Metrics()
        self.budget = budget or Budget(100, 1 << 30)
        self.resource = GatewayResource(self.objects, maybeDeferred, self.budget, self.metrics, **settings)
        self.site = S3Site(self.resource, self.clock, random=lambda size: b"\x01" * size)
        self.connect()

    def connect(self) -> None:
        """A new connection to the same site."""
        self.transport = StrictTransport()
        self.channel: Channel = self.site.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes, at_once: int = 1 << 30) -> None:
        """The client sends, at most C{at_once} bytes in a packet."""
        for at in range(0, len(data), at_once):
            self.channel.dataReceived(data[at : at + at_once])

    def close(self) -> None:
        """The client goes away."""
        self.channel.connectionLost(Failure(ConnectionDone()))

    def received(self) -> bytes:
        """What the client has been sent since it last looked."""
        data = self.transport.value()
        self.transport.clear()
        return data

    def request(self, line: str, body: bytes = b"", **headers: str) -> Response:
        """Send a whole request and read the whole answer."""
        self.send(head(line, body, **headers) + body)
        responses = parse(self.received(), line.split(" ")[0])
        assert len(responses) == 1, responses
        return responses[0]


def head(line: str, body: Optional[bytes] = None, **headers: str) -> bytes:
    """The head of a request of HTTP/1.1; C{_} in a header's name stands for C{-}."""
    lines = [f"{line} HTTP/1.1", "Host: localhost"]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def parse(data: bytes, method: str = "GET") -> list[Response]:
    """All responses in what came over the wire."""
    responses = []
    while data:
        block, separator, data = data.partition(b"\r\n\r\n")
        assert separator, block
        first, *lines = block.decode("utf-8").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d\d\d) .*", first)
        assert match, first
        status = int(match.group(1))
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if method == "HEAD" or status in (100, 204, 304):
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body, data = _dechunk(data)
        else:
            length = int(headers["content-length"])
            body, data = data[:length], data[length:]
            assert len(body) == length, (length, body)
        responses.append(Response(status, headers, body))
    return responses


def _dechunk(data: bytes) -> tuple[bytes, bytes]:
    pieces = []
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        pieces.append(data[:length])
        assert data[length : length + 2] == b"\r\n"
        data = data[length + 2 :]
        if not length:
            return b"".join(pieces), data
