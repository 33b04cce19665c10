"""
The resources of the administration endpoint. It is meant for the machine and its operators, not for the public: it asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Union

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET

from pachgw.admin.page import Page

PLAIN = "text/plain; charset=utf-8"

READY_TIMEOUT = 5.0
"""
Seconds after which PFS counts as out of reach.
"""


class Text(Resource):
    """
    A short text.
    """

    isLeaf = True

    def __init__(self, read: Callable[[], Union[str, Deferred[str]]], type: str = PLAIN) -> None:
        """
        @param read: gives the text, at each request.
        """
        Resource.__init__(self)
        self._read = read
        self._type = type

    def render_GET(self, request: Request) -> int:
        """
        The text as it is now.
        """
        reading = maybeDeferred(self._read)
        _cancel_with(request, reading)
        reading.addCallbacks(lambda text: _answer(request, 200, text, self._type), lambda failure: _answer(request, 503, _line(failure)))
        return NOT_DONE_YET


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
        _cancel_with(request, checking)
        checking.addCallbacks(
            lambda _: _answer(request, 200, "ready\n"),
            lambda failure: _answer(request, 503, f"PFS cannot be reached: {_line(failure)}"),
        )
        return NOT_DONE_YET


def _cancel_with(request: Request, working: Deferred[Any]) -> None:
    """
    Cancel what a request waits for when its client goes away.
    """
    gone = request.notifyFinish()
    gone.addErrback(lambda _: working.cancel())


def _line(failure: Failure) -> str:
    return f"{failure.getErrorMessage() or type(failure.value).__name__}\n"


def _answer(request: Request, status: int, text: str, type: str = PLAIN) -> None:
    if request._disconnected:
        return
    request.setResponseCode(status)
    request.setHeader("Content-Type", type)
    request.write(text.encode("utf-8"))
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


def make_admin(
    metrics: Callable[[], Union[str, Deferred[str]]], check: Callable[[], Deferred[Any]], clock: IReactorTime, page: Page
) -> Resource:
    """
    The whole administration endpoint: C{/healthz}, C{/readyz}, C{/metrics}, and a page for people at C{/}.

    @param metrics: gives their text.
    @param check: fails when PFS is out of reach.
    """
    root = Root()  # type: ignore[no-untyped-call]
    root.putChild(b"", Text(page.html, "text/html; charset=utf-8"))
    root.putChild(b"healthz", Text(lambda: "ok\n"))
    root.putChild(b"readyz", Ready(check, clock))
    root.putChild(b"metrics", Text(metrics, "text/plain; version=0.0.4; charset=utf-8"))
    return root
