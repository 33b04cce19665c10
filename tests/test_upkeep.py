"""
The upkeep of an embedded store while it serves.
"""

from __future__ import annotations

from threading import Event

from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.gc import Collected
from pachgw.upkeep import INTERVAL, UpkeepLoop
from tests.fake_threads import FakeReactor


class UpkeepTests(SynchronousTestCase):
    """
    L{UpkeepLoop}.
    """

    def setUp(self) -> None:
        """A loop that has begun."""
        self.reactor = FakeReactor()
        self.rounds = 0
        self.fails = False
        self.loop = UpkeepLoop(self.maintain, self.reactor)
        self.loop.start()

    def maintain(self, stop: Event) -> Collected:
        """One round."""
        self.rounds += 1
        if self.fails:
            raise RuntimeError("damaged")
        return Collected(1, 2, 3)

    def pass_an_interval(self) -> None:
        """Until the next round is due."""
        self.reactor.advance(INTERVAL)

    def test_rounds(self) -> None:
        """There is a round each interval, and none at the start."""
        self.assertEqual(self.reactor.threads.work, [])
        for number in (1, 2):
            self.pass_an_interval()
            self.reactor.threads.run()
            self.assertEqual(self.rounds, number)

    def test_one_at_a_time(self) -> None:
        """A round that takes long is not joined by another."""
        self.pass_an_interval()
        self.pass_an_interval()
        self.assertEqual(len(self.reactor.threads.work), 1)

    def test_failure(self) -> None:
        """A round that fails is logged, and the next comes all the same."""
        self.fails = True
        self.pass_an_interval()
        self.reactor.threads.run()
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.pass_an_interval()
        self.reactor.threads.run()
        self.assertEqual(self.rounds, 2)
        self.flushLoggedErrors(RuntimeError)

    def test_stop(self) -> None:
        """The end waits for the round that runs, which is told to hurry."""
        self.pass_an_interval()
        stopping = self.loop.stop()
        self.assertNoResult(stopping)
        self.reactor.threads.run()
        self.successResultOf(stopping)
        self.pass_an_interval()
        self.assertEqual(self.reactor.threads.work, [])

    def test_stop_when_idle(self) -> None:
        """Between rounds it ends at once."""
        self.successResultOf(self.loop.stop())
