"""
Whatever a client sends, it gets an answer or is cut off: no failure of ours, nothing that waits for ever, nothing that is done by mistake.
"""

from __future__ import annotations

import re
from collections import defaultdict

from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import NoSuchKey
from pachgw.s3.operations import OPERATIONS
from pachgw.web.site import IDLE_TIMEOUT
from tests.web.wire import Wire

HOSTILE = settings(derandomize=True, deadline=None, max_examples=100)

METHODS = st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "get", "\xff"])
TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=30)
WORDS = st.sampled_from(
    sorted({word for operation in OPERATIONS for word in (*operation.needs, *operation.takes)} | {"AWSAccessKeyId", "X-Amz-Signature"})
)
HEADERS = st.sampled_from(
    [
        *("authorization", "range", "if-match", "if-range", "if-modified-since", "content-md5", "content-encoding", "content-type"),
        *("content-length", "transfer-encoding", "expect", "host", "x-amz-acl", "x-amz-date", "x-amz-content-sha256"),
        *("x-amz-copy-source", "x-amz-copy-source-range", "x-amz-checksum-crc32", "x-amz-trailer", "x-amz-decoded-content-length"),
        *("x-amz-meta-a", "x-amz-object-attributes", "x-amz-metadata-directive", "x-amz-mp-object-size"),
    ]
)
QUERY = st.lists(st.tuples(WORDS, TEXT), max_size=3)
LINES = st.lists(st.tuples(HEADERS, TEXT), max_size=4)


def statuses(data: bytes) -> list[int]:
    """The statuses in what was answered, bodies aside."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d) ", data)]


class HostileTests(SynchronousTestCase):
    """
    A site under fire.
    """

    def setUp(self) -> None:
        """No site yet: each example has its own."""
        self.wire = Wire()

    def fire(self, data: bytes, auth: bool) -> None:
        """Send it, and wait until the connection has nothing more to say."""
        wire = Wire()
        wire.objects.auth = auth
        wire.objects.answers = defaultdict(lambda: lambda *_, **__: fail(NoSuchKey()))
        wire.send(data)
        for _ in range(3):
            wire.clock.advance(IDLE_TIMEOUT + 1)
        answered = statuses(wire.received())
        self.assertFalse([status for status in answered if status == 500], data)
        self.assertTrue(wire.transport.disconnecting or wire.transport.disconnected, data)
        self.assertEqual((wire.metrics.in_flight, wire.budget.requests), (0, 0), data)
        if auth:
            self.assertEqual(wire.objects.stored, {})

    @HOSTILE
    @given(st.binary(max_size=200), st.booleans())
    @example(b"GET / HTTP/1.1\r\n\r\n", False)
    @example(b"GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n", False)
    def test_bytes(self, data: bytes, auth: bool) -> None:
        """Any bytes at all."""
        self.fire(data, auth)

    @HOSTILE
    @given(
        METHODS, TEXT, st.lists(st.tuples(WORDS, TEXT), max_size=3), st.lists(st.tuples(HEADERS, TEXT), max_size=4), st.binary(max_size=50)
    )
    def test_requests(self, method: str, path: str, query: list[tuple[str, str]], headers: list[tuple[str, str]], body: bytes) -> None:
        """Requests whose form is nearly right, signed by nobody."""
        target = f"/bucket/{path}?" + "&".join(f"{name}={value}" for name, value in query)
        lines = [f"{method} {target} HTTP/1.1", "host: h", *(f"{name}: {value}" for name, value in headers)]
        data = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        for auth in (False, True):
            self.fire(data, auth)
