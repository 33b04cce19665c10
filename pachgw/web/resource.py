"""
From an HTTP request to an S3 operation and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from traceback import clear_frames
from typing import Optional

from twisted.internet.defer import Deferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from pachgw.admin.metrics import Metrics
from pachgw.objects.interfaces import IObjects
from pachgw.s3.errors import InvalidRequest, S3Error, SlowDown
from pachgw.s3.hoisted_headers import with_hoisted
from pachgw.s3.operations import level_of, match
from pachgw.web.address import read_address, virtual_bucket
from pachgw.web.answer import Answer
from pachgw.web.authentication import identify
from pachgw.web.body import Offload
from pachgw.web.budget import Budget
from pachgw.web.call import Call
from pachgw.web.head import read_head
from pachgw.web.operations import HANDLERS
from pachgw.web.patience import PATIENT, answer_patiently
from pachgw.web.request import Request
from pachgw.web.responder import Responder


class GatewayResource(Resource):
    """
    The whole of S3. It is a leaf: what a path means is S3's to say, not Twisted's traversal's, which would decode it.
    """

    isLeaf = True

    def __init__(self, objects: IObjects, offload: Offload, budget: Budget, metrics: Metrics, domains: Sequence[str] = ()) -> None:
        """
        @param objects: who does the work.
        @param offload: where bodies are hashed.
        @param domains: under these, C{bucket.domain} names a bucket in the C{Host} header.
        """
        Resource.__init__(self)
        self._objects = objects
        self._offload = offload
        self._budget = budget
        self._metrics = metrics
        self._domains = sorted((domain.lower() for domain in domains), key=len, reverse=True)
        self._responder = Responder(metrics)

    def render(self, request: Request) -> int:
        """
        Begin to answer a request whose head is in.
        """
        serving = Deferred.fromCoroutine(self._serve(request))
        serving.addErrback(self._responder.give_up, request)
        if not serving.called:
            request.operation = serving
        return NOT_DONE_YET

    def refuse(self, request: Request, error: S3Error) -> None:
        """
        Answer a request whose head could not be understood.
        """
        self._responder.send_error(request, error)
        self._responder.done(request, "Unreadable")

    def close(self) -> None:
        """
        No more requests will come.
        """
        self._responder.close()

    async def _serve(self, request: Request) -> None:
        """
        Answer a request, whatever happens.
        """
        self._metrics.in_flight += 1
        name = "Unknown"
        cost: Optional[int] = None
        try:
            cost = self._budget.enter(request.length)
            call = await self._read(request)
            name = call.operation.name
            work = HANDLERS[name](call)
            if name in PATIENT:
                await answer_patiently(request, self._responder, work)
            else:
                answer = await work
                if answer.content is not None:
                    cost = self._let_grow(cost, answer)
                await self._responder.answer(request, answer)
        except Exception as error:
            self._responder.fail(request, error)
            # The traceback's frames hold what was being done, buffers too, and the error itself: a cycle that would wait for a collection.
            clear_frames(error.__traceback__)
            error.__traceback__ = None
        finally:
            self._metrics.in_flight -= 1
            if cost is not None:
                self._budget.leave(cost)
            self._responder.done(request, name)

    def _let_grow(self, cost: int, answer: Answer) -> int:
        """
        Count what an answer's body may hold.

        @raise SlowDown: it is too much.
        """
        try:
            return self._budget.grow(cost, answer.length or 0)
        except SlowDown:
            if answer.content is not None:
                answer.content.cancel()
            raise

    async def _read(self, request: Request) -> Call:
        """
        Understand a request and find out who asks. Nothing of the body is wanted yet.
        """
        host = _host(request)
        head = read_head(request, virtual_bucket(host, self._domains))
        address = read_address(head.path, head.bucket)
        caller, verified = await identify(self._objects, head, request.site.clock.seconds())
        query = head.parameters
        headers = with_hoisted({name: ",".join(values) for name, values in head.headers.items()}, query)
        operation = match(head.method, level_of(address.bucket or "", address.key), query, headers)
        return Call(operation, request, head, address, headers, self._objects, caller, verified, self._offload)


def _host(request: Request) -> str:
    """
    The C{Host} header.

    @raise InvalidRequest: HTTP/1.1 wants exactly one (RFC 9112, section 3.2).
    """
    hosts = request.requestHeaders.getRawHeaders(b"host") or []
    if len(hosts) > 1 or (not hosts and request.clientproto == b"HTTP/1.1"):
        raise InvalidRequest("A request needs one Host header.")
    return hosts[0].decode("latin-1") if hosts else ""
