"""
The resources of the administration endpoint. It is meant for the machine and its operators, not for the public: it asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET

from pachgw.admin.metrics import Metrics
from pachgw.admin.page import Page

READY_TIMEOUT = 5.0
"""
Seconds after which PFS counts as out of reach.
"""


class Text(Resource):
    """
    A short text.
    """

    isLeaf = True

    def __init__(self, read: Callable[[], str], type: str = "text/plain; charset=utf-8") -> None:
        """
        @param read: gives the text, at each request.
        """
        Resource.__init__(self)
        self._read = read
        self._type = type

    def render_GET(self, request: Request) -> bytes:
        """
        The text as it is now.
        """
        request.setHeader("Content-Type", self._type)
        return self._read().encode("utf-8")


class Ready(Resource):
    """
    Whether requests can be served: 200, or 503 with the reason.
    """

    isLeaf = True

    def __init__(self, check: Callable[[], Deferred[Any]], clock: IReactorTime) -> None:
        """
        @param check: fails when PFS is out of reach.
        """
        Resource.__init__(self)
        self._check = check
        self._clock = clock

    def render_GET(self, request: Request) -> int:
        """
        Ask PFS.
        """
        checking = self._check().addTimeout(READY_TIMEOUT, self._clock)
        gone = request.notifyFinish()
        gone.addErrback(lambda _: checking.cancel())
        checking.addCallbacks(lambda _: _answer(request, 200, "ready"), lambda failure: _answer(request, 503, _reason(failure)))
        return NOT_DONE_YET


def _reason(failure: Failure) -> str:
    return f"PFS cannot be reached: {failure.getErrorMessage() or type(failure.value).__name__}"


def _answer(request: Request, status: int, text: str) -> None:
    if request._disconnected:
        return
    request.setResponseCode(status)
    request.setHeader("Content-Type", "text/plain; charset=utf-8")
    request.write(f"{text}\n".encode())
    request.finish()


class Root(Resource):
    """
    Everything else is not there.
    """

    def getChild(self, path: bytes, request: Request) -> IResource:
        """
        What was not put here.
        """
        return notFound()


def make_admin(metrics: Metrics, check: Callable[[], Deferred[Any]], clock: IReactorTime, page: Page) -> Resource:
    """
    The whole administration endpoint: C{/healthz}, C{/readyz}, C{/metrics}, and a page for people at C{/}.

    @param check: fails when PFS is out of reach.
    """
    root = Root()  # type: ignore[no-untyped-call]
    root.putChild(b"", Text(page.html, "text/html; charset=utf-8"))
    root.putChild(b"healthz", Text(lambda: "ok\n"))
    root.putChild(b"readyz", Ready(check, clock))
    root.putChild(b"metrics", Text(metrics.text, "text/plain; version=0.0.4; charset=utf-8"))
    return root
