"""
Answers that are errors, that take long, or that have to wait for others.
"""

from __future__ import annotations

import gc
import weakref

from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import Written
from pachgw.s3.errors import NoSuchBucket, NoSuchUpload
from pachgw.web.access_log import DELAY
from pachgw.web.budget import SMALL, STREAM, Budget
from pachgw.web.patience import BETWEEN, FIRST
from pachgw.web.request import Request, encode_headers
from tests.web.fake_objects import info_of
from tests.web.wire import Wire, head, parse


class ErrorTests(SynchronousTestCase):
    """
    Errors, ours and the client's.
    """

    def setUp(self) -> None:
        """A site."""
        self.wire = Wire()

    def test_document(self) -> None:
        """The error document names the error, the resource and both ids."""
        self.wire.objects.answers["head_bucket"] = lambda *_: fail(NoSuchBucket(BucketName="data"))
        response = self.wire.request("GET /data?location")
        self.assertEqual((response.status, response.headers["content-type"]), (404, "application/xml"))
        for text in (
            "<Code>NoSuchBucket</Code>",
            "<BucketName>data</BucketName>",
            "<Resource>/data</Resource>",
            f"<RequestId>{response.headers['x-amz-request-id']}</RequestId>",
            f"<HostId>{response.headers['x-amz-id-2']}</HostId>",
        ):
            self.assertIn(text.encode(), response.body)

    def test_head(self) -> None:
        """An error of HEAD has no body."""
        self.wire.objects.answers["head_bucket"] = lambda *_: fail(NoSuchBucket())
        self.wire.send(head("HEAD /data") + head("HEAD /data"))
        self.assertEqual([response.status for response in parse(self.wire.received(), "HEAD")], [404, 404])

    def test_failure_of_ours(self) -> None:
        """A defect is answered with 500 and nothing of it, and logged under the request's id; the connection goes on."""
        self.wire.objects.answers["head_bucket"] = lambda *_: fail(RuntimeError("inner detail"))
        response = self.wire.request("GET /data?location")
        self.assertEqual(response.status, 500)
        self.assertNotIn(b"detail", response.body)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertEqual(self.wire.request("GET /data/none").status, 404)

    def test_metrics(self) -> None:
        """Each request is counted by its operation and its status."""
        self.wire.request("GET /data/none")
        self.assertIn('pachgw_requests_total{operation="GetObject",status="404"} 1', self.wire.metrics.text())
        self.assertEqual(self.wire.metrics.in_flight, 0)

    def test_header_lines(self) -> None:
        """A header that would break the message is refused."""
        self.assertEqual(encode_headers([("A", "b"), ("C", "\xe9")]), b"A: b\r\nC: \xe9\r\n")
        for value in ("a\r\nb", "a\nb", "a\rb", "a\0b", "\u20ac"):
            self.assertRaises(ValueError, encode_headers, [("A", value)])


class PatienceTests(SynchronousTestCase):
    """
    A CompleteMultipartUpload that takes long.
    """

    def setUp(self) -> None:
        """One that has begun."""
        self.wire = Wire()
        self.done: Deferred[Written] = Deferred()
        self.wire.objects.answers["complete_upload"] = lambda *_: self.done
        body = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>"
        self.wire.send(head("POST /data/k?uploadId=u", body) + body)

    def wait(self) -> None:
        """Let so much time go by that blanks are sent."""
        self.wire.clock.advance(FIRST + 1)
        for _ in range(3):
            self.wire.clock.advance(BETWEEN)

    def test_soon(self) -> None:
        """If it ends soon, the answer is like any other."""
        self.assertEqual(self.wire.received(), b"")
        self.done.errback(NoSuchUpload())
        self.assertEqual(parse(self.wire.received())[0].status, 404)
        self.wire.clock.advance(FIRST + BETWEEN)
        self.assertEqual(self.wire.received(), b"")

    def test_late(self) -> None:
        """If it takes long, blanks come before the document, and the connection goes on afterwards."""
        self.wait()
        self.done.callback(Written(info_of("k", b"hello")))
        self.wire.send(head("GET /data/none"))
        complete, other = parse(self.wire.received())
        self.assertEqual((complete.status, complete.headers["content-type"]), (200, "application/xml"))
        self.assertRegex(complete.body, rb'^<\?xml version="1.0" encoding="UTF-8"\?>\n {3}<CompleteMultipartUploadResult')
        self.assertEqual(other.status, 404)

    def test_late_error(self) -> None:
        """An error that comes late is in the body of the 200."""
        self.wait()
        self.done.errback(NoSuchUpload())
        (response,) = parse(self.wire.received())
        self.assertEqual(response.status, 200)
        self.assertRegex(response.body, rb"^<\?xml [^>]*>\n +<Error><Code>NoSuchUpload</Code>")

    def test_client_goes_away(self) -> None:
        """When the client goes away no more blanks are sent."""
        self.wait()
        self.wire.close()
        self.wire.clock.advance(DELAY)
        self.assertEqual(self.wire.clock.getDelayedCalls(), [])


class BudgetTests(SynchronousTestCase):
    """
    Too much at once.
    """

    def test_too_many_requests(self) -> None:
        """One request too many is told to come back, and others go on."""
        wire = Wire(budget=Budget(1, 1 << 30))
        waiting: Deferred[None] = Deferred()
        wire.objects.answers["head_bucket"] = lambda *_: waiting
        wire.send(head("GET /data?location"))
        first = wire.channel, wire.transport
        wire.connect()
        response = wire.request("GET /data?location")
        self.assertEqual((response.status, response.headers["retry-after"]), (503, "1"))
        self.assertIn(b"<Code>SlowDown</Code>", response.body)
        waiting.callback(None)
        wire.channel, wire.transport = first
        self.assertEqual(parse(wire.received())[0].status, 200)
        self.assertEqual((wire.budget.requests, wire.budget.memory), (0, 0))

    def test_memory(self) -> None:
        """Large bodies count for what they may hold, small ones for little."""
        budget = Budget(100, STREAM + SMALL)
        self.assertEqual(budget.enter(1 << 40), STREAM)
        self.assertEqual(budget.enter(0), SMALL)
        wire = Wire(budget=budget)
        self.assertEqual(wire.request("GET /data?location").status, 503)

    def test_large_answers(self) -> None:
        """An answer that does not fit is refused before it begins, and what was opened for it is let go."""
        wire = Wire(budget=Budget(100, STREAM))
        wire.objects.stored["master.data", "k.bin"] = bytes(STREAM + 1)
        self.assertEqual(wire.request("GET /data/k.bin").status, 200)
        wire.budget.enter(0)
        self.assertEqual(wire.request("GET /data/k.bin").status, 503)
        self.assertTrue(wire.objects.opened[-1].opened[0].cancelled)
        self.assertEqual(wire.request("HEAD /data/k.bin").status, 200)
        self.assertEqual(wire.budget.memory, SMALL)


class EndTests(SynchronousTestCase):
    """
    The site ends.
    """

    def test_idle_connections(self) -> None:
        """Connections that wait for a request are closed at once."""
        wire = Wire()
        ending = wire.site.finish(30)
        self.assertTrue(wire.transport.disconnecting)
        self.assertNoResult(ending)
        wire.close()
        self.successResultOf(ending)
        self.assertEqual(wire.clock.getDelayedCalls(), [])

    def test_no_connections(self) -> None:
        """Without connections there is nothing to wait for."""
        wire = Wire()
        wire.close()
        self.successResultOf(wire.site.finish(30))

    def test_requests_under_way(self) -> None:
        """A request under way is answered, and its connection then closed."""
        wire = Wire()
        done: Deferred[None] = Deferred()
        wire.objects.answers["head_bucket"] = lambda *_: done
        wire.send(head("GET /data?location") + head("GET /data?location"))
        wire.site.finish(30)
        self.assertFalse(wire.transport.disconnecting)
        done.callback(None)
        (response,) = parse(wire.received())
        self.assertEqual((response.status, response.headers["connection"]), (200, "close"))
        self.assertTrue(wire.transport.disconnecting)

    def test_grace(self) -> None:
        """A request that does not end is cut off."""
        wire = Wire()
        wire.objects.answers["head_bucket"] = lambda *_: Deferred()
        wire.send(head("GET /data?location"))
        wire.site.finish(30)
        wire.clock.advance(31)
        self.assertTrue(wire.transport.disconnected)


class GarbageTests(SynchronousTestCase):
    """
    What a request leaves behind.
    """

    def test_no_cycles(self) -> None:
        """Nothing of a request waits for the garbage collector: bodies that did could add up."""
        wire = Wire()
        wire.objects.stored["master.data", "k.bin"] = b"hello"
        wire.request("GET /data/k.bin")
        self.addCleanup(gc.enable)
        gc.collect()
        gc.disable()
        kept: list[weakref.ref[Request]] = []
        render = wire.resource.render

        def watch(request: Request) -> int:
            kept.append(weakref.ref(request))
            return render(request)

        wire.resource.render = watch  # type: ignore[method-assign]
        wire.request("GET /data/k.bin")
        wire.request("PUT /data/new.bin", b"content")
        wire.request("GET /data/none")
        wire.send(head("PUT /data/cut.bin", Content_Length="100") + b"x" * 50)
        wire.close()
        self.assertEqual([reference() for reference in kept], [None] * 4)
