"""
Noticing that a pachd has fallen silent, by the clock of the test.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.watch import INTERVAL, Watch


class WatchTests(SynchronousTestCase):
    """
    L{Watch}.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.probes: list[Deferred[Any]] = []
        self.silences = 0
        self.watch = Watch(self.clock, self.probe, self.silent)

    def probe(self) -> Deferred[Any]:
        """
        A call that the test answers.
        """
        self.probes.append(Deferred())
        return self.probes[-1]

    def silent(self) -> None:
        """
        What the watch calls.
        """
        self.silences += 1

    def test_asks_while_busy(self) -> None:
        """
        A sign of life is asked for now and then while something is under way, one at a time.
        """
        self.watch.busy()
        self.clock.advance(INTERVAL - 1)
        self.assertEqual(len(self.probes), 0)
        for count in range(1, 4):
            self.clock.advance(INTERVAL)
            self.clock.advance(INTERVAL)
            self.assertEqual(len(self.probes), count)
            self.probes[-1].callback(None)
        self.assertEqual(self.silences, 0)

    def test_errors_are_signs_of_life(self) -> None:
        """
        Whatever a server says, or gRPC about it, is no silence.
        """
        self.watch.busy()
        for status in (Status.UNIMPLEMENTED, Status.UNAVAILABLE, Status.UNAUTHENTICATED):
            self.clock.advance(INTERVAL)
            self.probes[-1].errback(PFSError(status, "no"))
        self.assertEqual((len(self.probes), self.silences), (3, 0))

    def test_silence(self) -> None:
        """
        A call that is not answered in time is a silence; when something is under way again, all begins anew.
        """
        self.watch.busy()
        self.clock.advance(INTERVAL)
        self.probes[-1].errback(PFSError(Status.DEADLINE_EXCEEDED, "too late"))
        self.assertEqual((self.silences, self.clock.getDelayedCalls()), (1, []))
        self.watch.busy()
        self.clock.advance(INTERVAL)
        self.assertEqual(len(self.probes), 2)

    def test_idle(self) -> None:
        """
        When nothing is under way nothing is asked, and nothing is left behind.
        """
        self.watch.busy()
        self.watch.idle()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.watch.busy()
        self.clock.advance(INTERVAL)
        cancelled: list[Deferred[Any]] = []
        self.probes[-1]._canceller = cancelled.append
        self.watch.idle()
        self.assertEqual(cancelled, self.probes)
        self.assertEqual((self.silences, self.clock.getDelayedCalls()), (0, []))

    def test_busy_again_at_once(self) -> None:
        """
        An answer to what was asked before an idle moment counts for nothing.
        """
        self.watch.busy()
        self.clock.advance(INTERVAL)
        self.watch.idle()
        self.watch.busy()
        self.clock.advance(INTERVAL)
        self.assertEqual(len(self.probes), 2)
        self.probes[1].callback(None)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
