"""
Health, readiness, metrics and the page.
"""

from __future__ import annotations

import treq
from treq.testing import StubTreq
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.admin.metrics import Metrics
from pachgw.admin.page import Page
from pachgw.admin.resources import READY_TIMEOUT, make_admin


class AdminTests(SynchronousTestCase):
    """
    L{make_admin}.
    """

    def setUp(self) -> None:
        """An endpoint whose PFS answers what the test says."""
        self.clock = Clock()
        self.pfs: Deferred[object] = succeed(None)
        page = Page("pachgw <1>", lambda: [("S3", "http://h:1")], {"aws": "aws --endpoint-url <x>"})
        self.client = StubTreq(make_admin(Metrics().text, lambda: self.pfs, self.clock, page))

    def ask(self, path: str) -> tuple[int, str]:
        """Status and text of a path."""
        response = self.successResultOf(self.client.get(f"http://admin.test/{path}"))
        return response.code, self.successResultOf(treq.text_content(response))

    def test_health(self) -> None:
        """It answers, so it is alive, whatever PFS does."""
        self.pfs = fail(RuntimeError())
        self.assertEqual(self.ask("healthz"), (200, "ok\n"))
        self.pfs.addErrback(lambda _: None)

    def test_ready(self) -> None:
        """It is ready when PFS answers."""
        self.assertEqual(self.ask("readyz"), (200, "ready\n"))

    def test_not_ready(self) -> None:
        """It is not ready when PFS is out of reach, and says why."""
        self.pfs = fail(RuntimeError("no route"))
        self.assertEqual(self.ask("readyz"), (503, "PFS cannot be reached: no route\n"))

    def test_silent_pfs(self) -> None:
        """A PFS that does not answer counts as out of reach after a while."""
        self.pfs = Deferred()
        asking = self.client.get("http://admin.test/readyz")
        self.assertNoResult(asking)
        self.clock.advance(READY_TIMEOUT + 1)
        self.client.flush()
        self.assertEqual(self.successResultOf(asking).code, 503)

    def test_metrics(self) -> None:
        """The metrics are text for Prometheus."""
        code, text = self.ask("metrics")
        self.assertEqual(code, 200)
        self.assertIn("pachgw_requests_in_flight 0\n", text)

    def test_page(self) -> None:
        """The page shows what is to be pasted, escaped, and loads nothing from elsewhere."""
        code, text = self.ask("")
        self.assertEqual(code, 200)
        self.assertIn("aws --endpoint-url &lt;x&gt;", text)
        self.assertIn("<td>http://h:1</td>", text)
        self.assertNotIn("<script", text)
        self.assertNotIn("src=", text)

    def test_other_paths(self) -> None:
        """There is nothing else."""
        self.assertEqual(self.ask("secret")[0], 404)
