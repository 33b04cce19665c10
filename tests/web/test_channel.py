"""
HTTP itself: what a connection does with requests that are whole, cut, early, late, too large or not HTTP.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.interfaces import Body
from pachgw.pfs.errors import PFSError, Status
from pachgw.web.channel import DRAIN_BYTES, DRAIN_SECONDS
from pachgw.web.incoming import HIGH
from pachgw.web.outgoing import Truncated
from pachgw.web.site import IDLE_TIMEOUT, STALL_TIMEOUT
from tests.web.fake_objects import FakeContent, FakeOpen, info_of
from tests.web.wire import Wire, head, parse


class MessageTests(SynchronousTestCase):
    """
    Framing, persistence and the headers that every response has.
    """

    def setUp(self) -> None:
        """A site with one object."""
        self.wire = Wire()
        self.wire.objects.stored["master.data", "a"] = b"hello"

    def test_pipelining(self) -> None:
        """Requests that came together are answered in order."""
        self.wire.send(head("GET /data/a") + head("GET /data/none") + head("GET /data/a"))
        self.assertEqual([response.status for response in parse(self.wire.received())], [200, 404, 200])

    def test_byte_by_byte(self) -> None:
        """A request may come in any pieces."""
        self.wire.send(head("PUT /data/b", b"content") + b"content" + head("GET /data/b"), at_once=1)
        put, get = parse(self.wire.received())
        self.assertEqual((put.status, get.body), (200, b"content"))

    def test_chunked(self) -> None:
        """A body in chunks needs no length."""
        self.wire.send(head("PUT /data/b", Transfer_Encoding="chunked") + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        self.assertEqual(parse(self.wire.received())[0].status, 200)
        self.assertEqual(self.wire.objects.stored["master.data", "b"], b"abcdefg")

    def test_no_length(self) -> None:
        """A PUT that says nothing of its body is refused, and nothing is stored."""
        response = self.wire.request("PUT /data/b")
        self.assertEqual(response.status, 411)
        self.assertIn(b"MissingContentLength", response.body)
        self.assertNotIn(("master.data", "b"), self.wire.objects.stored)

    def test_common_headers(self) -> None:
        """Every response has a date, a server and two ids; no two requests have the same."""
        first, second = self.wire.request("GET /data/a"), self.wire.request("GET /data/none")
        for response in (first, second):
            self.assertEqual(response.headers["date"], "Tue, 14 Nov 2023 22:13:20 GMT")
            self.assertRegex(response.headers["server"], r"^pachgw/")
            self.assertTrue(response.headers["x-amz-id-2"])
        self.assertNotEqual(first.headers["x-amz-request-id"], second.headers["x-amz-request-id"])

    def test_http_1_0(self) -> None:
        """HTTP/1.0 needs no Host, and its connection is closed."""
        self.wire.send(b"GET /data/a HTTP/1.0\r\n\r\n")
        self.assertEqual(parse(self.wire.received())[0].body, b"hello")
        self.assertTrue(self.wire.transport.disconnecting)

    def test_close(self) -> None:
        """C{Connection: close} is heeded and answered."""
        response = self.wire.request("GET /data/a", Connection="close")
        self.assertEqual(response.headers["connection"], "close")
        self.assertTrue(self.wire.transport.disconnecting)

    def test_no_host(self) -> None:
        """HTTP/1.1 without a Host is refused."""
        self.wire.send(b"GET /data/a HTTP/1.1\r\n\r\n")
        self.assertEqual(parse(self.wire.received())[0].status, 400)


class ContinueTests(SynchronousTestCase):
    """
    C{Expect: 100-continue}.
    """

    def setUp(self) -> None:
        """A site that holds back its answers."""
        self.wire = Wire()
        self.head = head("PUT /data/a", b"x" * 10, Expect="100-continue")

    def test_asked_for(self) -> None:
        """The body is asked for once it is wanted."""
        self.wire.send(self.head)
        self.assertEqual(self.wire.received(), b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wire.send(b"x" * 10)
        self.assertEqual(parse(self.wire.received())[0].status, 200)

    def test_refused(self) -> None:
        """A request that is refused by its head is never asked for its body, and the connection is closed."""
        self.wire.send(head("PUT /data/a?tagging", b"x" * 10, Expect="100-continue"))
        (response,) = parse(self.wire.received())
        self.assertEqual((response.status, response.headers["connection"]), (501, "close"))
        self.assertTrue(self.wire.transport.disconnecting)

    def test_body_comes_anyway(self) -> None:
        """A client that does not wait is not asked any more."""
        self.wire.send(self.head + b"x" * 10)
        statuses = [response.status for response in parse(self.wire.received())]
        self.assertEqual(statuses[-1], 200)
        self.assertEqual(self.wire.objects.stored["master.data", "a"], b"x" * 10)


class RefusalTests(SynchronousTestCase):
    """
    Answers that come before the body has.
    """

    def setUp(self) -> None:
        """A site."""
        self.wire = Wire()

    def test_short_body_is_drained(self) -> None:
        """The rest of a short body is thrown away, and the connection goes on."""
        self.wire.send(head("PUT /data/a?tagging", b"x" * 1000) + b"x" * 400)
        (response,) = parse(self.wire.received())
        self.assertEqual((response.status, response.headers.get("connection")), (501, None))
        self.wire.send(b"x" * 600 + head("GET /data/none"))
        self.assertEqual(parse(self.wire.received())[0].status, 404)

    def test_long_body_is_drained_within_bounds(self) -> None:
        """A long body is read for a while, so that the client finds the answer, and then the connection is closed."""
        self.wire.send(head("PUT /data/a?tagging", Content_Length=str(1 << 40)))
        (response,) = parse(self.wire.received())
        self.assertEqual((response.status, response.headers["connection"]), (501, "close"))
        piece = b"x" * (1 << 20)
        for _ in range(DRAIN_BYTES // len(piece)):
            self.assertFalse(self.wire.transport.disconnecting)
            self.wire.send(piece)
        self.wire.send(piece)
        self.assertTrue(self.wire.transport.disconnecting)

    def test_slow_drain(self) -> None:
        """A drain has a deadline, however often a byte comes."""
        self.wire.send(head("PUT /data/a?tagging", Content_Length="1000"))
        for _ in range(int(DRAIN_SECONDS) + 1):
            self.wire.clock.advance(1)
            self.wire.send(b"x")
        self.assertTrue(self.wire.transport.disconnecting)


class LimitTests(SynchronousTestCase):
    """
    Heads that are too large or that are no HTTP.
    """

    def assert_refused(self, data: bytes, code: bytes, status: int = 400) -> None:
        """The connection gets one error and is closed, and nothing is done."""
        wire = Wire()
        wire.objects.stored["master.data", "a"] = b"hello"
        wire.send(data)
        (response,) = parse(wire.received())
        self.assertEqual(response.status, status)
        self.assertIn(b"<Code>" + code + b"</Code>", response.body)
        self.assertIn("x-amz-request-id", response.headers)
        self.assertEqual(response.headers["connection"], "close")
        self.assertTrue(wire.transport.disconnecting)
        self.assertEqual(wire.objects.calls, [])

    def test_long_line(self) -> None:
        """A request line of over 16 KiB."""
        self.assert_refused(head("GET /data/" + "a" * 20_000), b"RequestHeaderSectionTooLarge")

    def test_many_headers(self) -> None:
        """More headers than allowed."""
        self.assert_refused(head("GET /data/a", **{f"X_{n}": "1" for n in range(300)}), b"RequestHeaderSectionTooLarge")

    def test_large_headers(self) -> None:
        """Headers that are too large together."""
        self.assert_refused(head("GET /data/a", **{f"X_{n}": "1" * 4000 for n in range(10)}), b"RequestHeaderSectionTooLarge")

    def test_no_http(self) -> None:
        """Another protocol."""
        self.assert_refused(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"InvalidRequest")

    def test_bad_header_stops_everything(self) -> None:
        """After a bad header the request is not processed, whatever follows."""
        self.assert_refused(b"GET /data/a HTTP/1.1\r\nHost: h\r\nbad header\r\nX: y\r\n\r\n", b"InvalidRequest")

    def test_two_lengths(self) -> None:
        """Two statements of the length could be read differently by a proxy in front."""
        self.assert_refused(
            b"PUT /data/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"InvalidRequest"
        )

    def test_length_without_end(self) -> None:
        """A Content-Length of thousands of digits is no length."""
        self.assert_refused(b"PUT /data/b HTTP/1.1\r\nHost: h\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc", b"InvalidRequest")

    def test_bad_chunk(self) -> None:
        """A body whose chunks are malformed changes nothing."""
        wire = Wire()
        wire.send(head("PUT /data/a", Transfer_Encoding="chunked") + b"3\r\nabc\r\nnonsense\r\n")
        (response,) = parse(wire.received())
        self.assertEqual(response.status, 400)
        self.assertTrue(wire.transport.disconnecting)
        self.assertEqual(wire.objects.stored, {})


class TimeTests(SynchronousTestCase):
    """
    Clients that stop.
    """

    def setUp(self) -> None:
        """A site."""
        self.wire = Wire()

    def test_idle_connection(self) -> None:
        """A connection without a request is closed without a word."""
        self.wire.clock.advance(IDLE_TIMEOUT + 1)
        self.assertEqual(self.wire.received(), b"")
        self.assertTrue(self.wire.transport.disconnecting)

    def test_slow_head(self) -> None:
        """The whole head has one deadline."""
        for character in b"GET /data/a HTTP/1.1\r\nHost: " + b"h" * 10:
            self.wire.send(bytes([character]))
            self.wire.clock.advance(IDLE_TIMEOUT / 12)
        self.assertIn(b"RequestTimeout", self.wire.received())

    def test_body_stops(self) -> None:
        """A body that stops is told RequestTimeout, and nothing is stored."""
        self.wire.send(head("PUT /data/a", Content_Length="100") + b"x" * 50)
        self.wire.clock.advance(IDLE_TIMEOUT + 1)
        (response,) = parse(self.wire.received())
        self.assertEqual(response.status, 400)
        self.assertIn(b"RequestTimeout", response.body)
        self.assertEqual(self.wire.objects.stored, {})
        self.assertTrue(self.wire.transport.disconnecting)

    def test_moving_body(self) -> None:
        """A body that moves may take as long as it likes."""
        self.wire.send(head("PUT /data/a", Content_Length="100"))
        for _ in range(100):
            self.wire.clock.advance(IDLE_TIMEOUT - 1)
            self.wire.send(b"x")
        self.assertEqual(parse(self.wire.received())[0].status, 200)

    def test_slow_operation(self) -> None:
        """The time that an operation takes is not the client's idleness; afterwards the connection's is counted again."""
        answer: Deferred[None] = Deferred()
        self.wire.objects.answers["head_bucket"] = lambda *_: answer
        self.wire.send(head("HEAD /data"))
        self.wire.clock.advance(10 * IDLE_TIMEOUT)
        self.assertFalse(self.wire.transport.disconnecting)
        answer.callback(None)
        self.assertEqual(parse(self.wire.received(), "HEAD")[0].status, 200)
        self.wire.clock.advance(IDLE_TIMEOUT + 1)
        self.assertTrue(self.wire.transport.disconnecting)

    def test_body_too_short(self) -> None:
        """A client that ends its side before the body is complete is told so."""
        self.wire.send(head("PUT /data/a", Content_Length="100") + b"x" * 50)
        self.wire.channel.readConnectionLost()
        self.assertIn(b"IncompleteBody", self.wire.received())
        self.assertEqual(self.wire.objects.stored, {})

    def test_client_goes_away(self) -> None:
        """What is done for a client that has gone is cancelled."""
        cancelled = []
        self.wire.objects.answers["head_bucket"] = lambda *_: Deferred(cancelled.append)
        self.wire.send(head("HEAD /data"))
        self.wire.close()
        self.assertEqual(len(cancelled), 1)
        self.assertEqual(self.wire.metrics.in_flight, 0)
        self.assertIn('operation="HeadBucket",status="499"', self.wire.metrics.text())

    def test_client_goes_away_with_its_body(self) -> None:
        """A body that is cut off is not stored."""
        self.wire.send(head("PUT /data/a", Content_Length="100") + b"x" * 50)
        self.wire.close()
        self.assertEqual(self.wire.objects.stored, {})
        self.assertEqual(self.wire.budget.requests, 0)


class BackpressureTests(SynchronousTestCase):
    """
    Nobody is sent more than they take.
    """

    def test_body_is_held_back(self) -> None:
        """While the operation does not read, the socket is not read beyond a bound; then it is."""
        wire = Wire()
        bodies: list[Body] = []
        wire.objects.put = lambda *args: bodies.append(args[3]) or Deferred()  # type: ignore[method-assign]
        wire.send(head("PUT /data/a", Content_Length=str(10 * HIGH)))
        piece = b"x" * (64 * 1024)
        sent = 0
        while wire.transport.producerState == "producing" and sent < 10 * HIGH:
            wire.send(piece)
            sent += len(piece)
        self.assertEqual(sent, HIGH)
        wire.clock.advance(10 * IDLE_TIMEOUT)
        self.assertFalse(wire.transport.disconnecting)
        reading = bodies[0].read()
        self.assertEqual(len(self.successResultOf(reading)), HIGH)
        self.assertEqual(wire.transport.producerState, "producing")

    def open_slow(self) -> tuple[Wire, FakeContent]:
        """A GET of four pieces, each of which PFS gives when the test says so."""
        wire = Wire()
        content = FakeContent([b"x" * 1000] * 4, held=True)
        opened = FakeOpen(info_of("a.bin", b"x" * 4000), lambda *_: content)
        wire.objects.open = lambda *_: succeed(opened)  # type: ignore[method-assign]
        wire.send(head("GET /data/a.bin"))
        return wire, content

    def test_answer_is_held_back(self) -> None:
        """While the client does not take what it was sent, nothing more is asked of PFS; then it is."""
        wire, content = self.open_slow()
        content.give()
        wire.channel.pauseProducing()
        content.give()
        self.assertIsNone(content.waiting)
        wire.channel.resumeProducing()
        content.give()
        content.give()
        (response,) = parse(wire.received())
        self.assertEqual(response.body, b"x" * 4000)
        self.assertTrue(content.cancelled)

    def test_client_that_stops_reading(self) -> None:
        """A client that takes nothing for long is cut off, and PFS is told."""
        wire, content = self.open_slow()
        content.give()
        wire.channel.pauseProducing()
        content.give()
        wire.clock.advance(STALL_TIMEOUT + 1)
        self.assertTrue(wire.transport.disconnected)
        self.assertTrue(content.cancelled)

    def test_client_goes_away(self) -> None:
        """When the client goes away, PFS is told, and the budget is free again."""
        wire, content = self.open_slow()
        content.give()
        wire.close()
        self.assertTrue(content.cancelled)
        self.assertEqual(wire.budget.requests, 0)

    def test_content_ends_early(self) -> None:
        """If PFS gives less than it said, the connection is cut, so that the client cannot take it for the whole."""
        wire, content = self.open_slow()
        content.give()
        content.pieces.clear()
        content.give()
        self.assertTrue(wire.transport.disconnected)
        self.assertEqual(len(self.flushLoggedErrors(Truncated)), 1)

    def test_content_fails_at_once(self) -> None:
        """A failure before the first byte is answered, and says nothing of what is inside."""
        wire, content = self.open_slow()
        assert content.waiting is not None
        content.waiting.errback(RuntimeError("secret detail"))
        (response,) = parse(wire.received())
        self.assertEqual(response.status, 500)
        self.assertNotIn(b"secret", response.body)
        self.assertIn(b"InternalError", response.body)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_views(self) -> None:
        """PFS may give views of larger buffers, of any size; the socket is given bytes."""
        wire, content = self.open_slow()
        content.pieces[:] = [memoryview(b"x" * 3000), memoryview(b"x" * 1000)]
        content.give()
        content.give()
        self.assertEqual(parse(wire.received())[0].body, b"x" * 4000)

    def test_pfs_away(self) -> None:
        """If PFS goes away before the first byte, the client is told to come back."""
        wire, content = self.open_slow()
        assert content.waiting is not None
        content.waiting.errback(PFSError(Status.UNAVAILABLE, "no route"))
        (response,) = parse(wire.received())
        self.assertEqual((response.status, response.headers["retry-after"]), (503, "1"))
        self.assertNotIn(b"no route", response.body)
