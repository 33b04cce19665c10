"""
Bodies: decoded and checked before anything is believed, in a thread when they are large.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import IncompleteBody
from pachgw.s3.payload import PayloadCheck
from pachgw.s3.request_head import RequestHead
from pachgw.web.body import INLINE, PIECE, RequestBody
from pachgw.web.incoming import HIGH, Incoming
from tests.web.wire import Wire


class OffloadLater:
    """
    Keeps what it is given until the test runs it.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []

    def __call__(self, function: Callable[[], Any]) -> Deferred[Any]:
        """Keep it."""
        result: Deferred[Any] = Deferred()
        self.waiting.append((function, result))
        return result

    def run(self) -> None:
        """Run what has waited longest."""
        function, result = self.waiting.pop(0)
        maybeDeferred(function).chainDeferred(result)


class BodyTests(SynchronousTestCase):
    """
    L{RequestBody}.
    """

    def make(self, **headers: str) -> RequestBody:
        """A body whose bytes the test gives to C{self.incoming}."""
        self.offload = OffloadLater()
        self.incoming = Incoming(lambda: None, lambda: None, lambda: None)
        head = RequestHead("PUT", "/b/k", {name.replace("_", "-"): [value] for name, value in headers.items()})
        return RequestBody(self.incoming, PayloadCheck(head), self.offload)

    def test_small_body_stays_in_this_thread(self) -> None:
        """A small body is checked at once."""
        body = self.make(content_length="5")
        reading = body.read()
        self.assertNoResult(reading)
        self.incoming.received(b"hello")
        self.incoming.ended()
        self.assertEqual(self.successResultOf(reading), b"hello")
        self.assertEqual(self.successResultOf(body.read()), b"")
        self.assertEqual(self.offload.waiting, [])

    def test_large_body_goes_to_a_thread(self) -> None:
        """A large body is gathered, and checked elsewhere; the next piece is checked while this one is being used."""
        body = self.make(content_length=str(2 * PIECE))
        reading = body.read()
        for _ in range(PIECE // 65536):
            self.assertEqual(self.offload.waiting, [])
            self.incoming.received(b"x" * 65536)
        self.assertNoResult(reading)
        self.offload.run()
        self.assertEqual(len(self.successResultOf(reading)), PIECE)
        self.incoming.received(b"x" * PIECE)
        self.assertEqual(len(self.offload.waiting), 1)

    def test_end_is_believed_only_when_all_holds(self) -> None:
        """The end comes after the last check, which here fails."""
        body = self.make(content_length="10")
        self.incoming.received(b"hello")
        self.assertEqual(len(self.offload.waiting), 0)
        self.incoming.ended()
        self.assertEqual(self.successResultOf(body.read()), b"hello")
        self.failureResultOf(body.read(), IncompleteBody)

    def test_framing_is_taken_off(self) -> None:
        """C{aws-chunked} framing is no content, however it is cut."""
        body = self.make(x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER", x_amz_decoded_content_length="5")
        for byte in b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n":
            self.incoming.received(bytes([byte]))
        self.incoming.ended()
        self.assertEqual(self.successResultOf(body.read()), b"hello")
        self.assertEqual(self.successResultOf(body.read()), b"")
        self.assertEqual(body.length, 5)

    def test_cancelled(self) -> None:
        """After C{cancel} an outstanding read fails, and so do later ones; a piece that comes back from a thread is forgotten."""
        body = self.make(content_length=str(4 * PIECE))
        self.incoming.received(b"x" * PIECE)
        reading = body.read()
        self.offload.run()
        self.successResultOf(reading)
        self.incoming.received(b"x" * PIECE)
        ahead = body.read()
        body.cancel()
        self.failureResultOf(ahead, CancelledError)
        self.failureResultOf(body.read(), CancelledError)
        self.offload.run()

    def test_bounds_fit(self) -> None:
        """A read never waits for more than the socket is read for."""
        self.assertLess(PIECE, HIGH)
        self.assertLess(INLINE, PIECE)


class WireTests(SynchronousTestCase):
    """
    Bodies over HTTP.
    """

    def setUp(self) -> None:
        """A site."""
        self.wire = Wire()

    def put(self, body: bytes, **headers: str) -> int:
        """PUT, and its status."""
        return self.wire.request("PUT /data/k.bin", body, **headers).status

    def test_large(self) -> None:
        """A body of many buffers is stored as it was."""
        content = bytes(range(256)) * 20_000
        self.assertEqual(self.put(content, x_amz_content_sha256=sha256(content).hexdigest()), 200)
        self.assertEqual(self.wire.objects.stored["master.data", "k.bin"], content)

    def test_wrong_hashes(self) -> None:
        """A body that is not what the request says is refused, and nothing is stored."""
        wrong = sha256(b"other").hexdigest()
        for headers in (
            {"x_amz_content_sha256": wrong},
            {"Content_MD5": "AAAAAAAAAAAAAAAAAAAAAA=="},
            {"Content_MD5": "nonsense"},
            {"x_amz_checksum_sha1": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
            {"x_amz_content_sha256": "nonsense"},
        ):
            with self.subTest(headers):
                self.assertEqual(self.put(b"hello", **headers), 400)
        self.assertEqual(self.wire.objects.stored, {})

    def test_trailer(self) -> None:
        """A checksum in a trailer is checked, and is not part of the object."""
        for value, status in (("NhCmhg==", 200), ("AAAAAA==", 400)):
            self.wire.objects.stored.clear()
            body = f"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{value}\r\n\r\n".encode()
            found = self.put(
                body,
                x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                x_amz_decoded_content_length="5",
                x_amz_trailer="x-amz-checksum-crc32",
                Content_Encoding="aws-chunked",
            )
            self.assertEqual(found, status)
            self.assertEqual(list(self.wire.objects.stored.values()), [b"hello"] if status == 200 else [])
