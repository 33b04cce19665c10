"""
C{probe}.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http import Request
from twisted.web.resource import Resource

from pachgw.commands.probe import probe


class Answering(Resource):
    """
    Answers with a status.
    """

    isLeaf = True

    def __init__(self, status: int) -> None:
        Resource.__init__(self)
        self.status = status

    def render_GET(self, request: Request) -> bytes:
        """The status."""
        request.setResponseCode(self.status)
        return b"text"


class ProbeTests(SynchronousTestCase):
    """
    L{probe}.
    """

    def ask(self, status: int) -> Deferred[None]:
        """Probe something that answers like this."""
        client = StubTreq(Answering(status))

        class Agent:
            @staticmethod
            def get(url: str, **_: object) -> object:
                return client.get(url)

        return Deferred.fromCoroutine(probe(None, "http://gateway.test/", Agent))

    def test_answers(self) -> None:
        """Anything but a server error will do: with auth on nobody may see the buckets."""
        for status in (200, 403):
            output = io.StringIO()
            with redirect_stdout(output):
                self.assertIsNone(self.successResultOf(self.ask(status)))
            self.assertEqual(output.getvalue(), f"http://gateway.test/ answers {status}\n")

    def test_fails(self) -> None:
        """A server error ends the program."""
        self.assertIn("503", str(self.failureResultOf(self.ask(503), SystemExit).value))

    def test_nothing_there(self) -> None:
        """Nothing at all does too."""

        class Agent:
            @staticmethod
            def get(url: str, **_: object) -> object:
                raise ConnectionRefusedError("refused")

        probing = Deferred.fromCoroutine(probe(None, "http://gateway.test/", Agent))
        self.assertIn("refused", str(self.failureResultOf(probing, SystemExit).value))
