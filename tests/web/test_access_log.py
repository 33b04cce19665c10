"""
The access log.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.web import access_log
from pachgw.web.access_log import DELAY, FEW
from tests.web.wire import Wire


class AccessLogTests(SynchronousTestCase):
    """
    L{AccessLog<pachgw.web.access_log.AccessLog>}, behind a site.
    """

    def setUp(self) -> None:
        """A site whose log entries are gathered."""
        self.entries: list[str] = []
        gathered = self.entries

        class Log:
            def info(self, format: str, **values: object) -> None:
                gathered.append(format.format(**values))

        self.patch(access_log, "log", Log())
        self.wire = Wire()

    def test_line(self) -> None:
        """A line says what was asked and answered, under the request's id, and comes a moment later."""
        response = self.wire.request("PUT /data/k.bin?x-id=PutObject", b"hello")
        self.assertEqual(self.entries, [])
        self.wire.clock.advance(DELAY)
        (line,) = self.entries
        self.assertEqual(line, f"{response.headers['x-amz-request-id']} 192.168.1.1 PutObject PUT /data/k.bin 200 in=5 out=0 0.0000s")

    def test_many(self) -> None:
        """A few lines have an entry each; many share one."""
        for count, entries in ((FEW, FEW), (FEW + 1, 1)):
            self.entries.clear()
            for _ in range(count):
                self.wire.request("HEAD /data/none")
            self.wire.clock.advance(DELAY)
            self.assertEqual(len(self.entries), entries)
            self.assertEqual(len("\n".join(self.entries).splitlines()), count)

    def test_odd_paths(self) -> None:
        """What is not ASCII cannot play with a terminal."""
        self.wire.request("GET /data/\x9b31m")
        self.wire.clock.advance(DELAY)
        self.assertIn(r"/data/\x9b31m", self.entries[0])

    def test_end(self) -> None:
        """What waits is written when the site ends."""
        self.wire.request("HEAD /data/none", Connection="close")
        self.wire.close()
        self.successResultOf(self.wire.site.finish(1))
        self.assertEqual(len(self.entries), 1)
