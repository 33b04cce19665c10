"""
When the next batch begins.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.gathering import LONGEST_MOMENT, QUIET, ROUND, Gathering


class GatheringTests(SynchronousTestCase):
    """
    The moment after an acknowledgement.
    """

    def setUp(self) -> None:
        """
        Count what begins.
        """
        self.clock = Clock()
        self.begun = 0
        self.gathering = Gathering(self.clock, self.begin)

    def begin(self) -> None:
        """
        A batch.
        """
        self.begun += 1

    def arrive(self, waiting: int, full: bool = False) -> None:
        """
        A write comes.
        """
        self.gathering.arrived(alone=waiting == 1)
        self.gathering.consider(waiting, full)

    def test_idle(self) -> None:
        """
        At once.
        """
        self.arrive(1)
        self.assertEqual((self.begun, self.clock.getDelayedCalls()), (1, []))

    def test_all_are_there(self) -> None:
        """
        When all who were expected have come.
        """
        self.gathering.answered(expected=3, took=1.0)
        self.arrive(1)
        self.arrive(2)
        self.assertEqual(self.begun, 0)
        self.arrive(3)
        self.assertEqual((self.begun, self.clock.getDelayedCalls()), (1, []))

    def test_nobody_comes_any_more(self) -> None:
        """
        When nobody has come for a while.
        """
        self.gathering.answered(expected=3, took=10.0)
        self.clock.advance(QUIET * 0.9)
        self.arrive(1)
        self.clock.advance(QUIET * 0.9)
        self.arrive(2)
        self.clock.advance(QUIET * 0.9)
        self.assertEqual(self.begun, 0)
        self.clock.advance(QUIET * 0.2)
        self.assertEqual(self.begun, 1)

    def test_short_commits(self) -> None:
        """
        After a short commit when one round of requests is over, however many still come.
        """
        self.gathering.answered(expected=1000, took=0.001)
        waiting = 0
        while not self.begun:
            waiting += 1
            self.arrive(waiting)
            self.clock.advance(0.001)
        self.assertAlmostEqual(self.clock.seconds(), ROUND, delta=0.0011)

    def test_long_commits(self) -> None:
        """
        When it has taken as long as it may at all.
        """
        self.gathering.answered(expected=1000, took=60.0)
        waiting = 0
        while not self.begun:
            waiting += 1
            self.arrive(waiting)
            self.clock.advance(QUIET / 2)
        self.assertAlmostEqual(self.clock.seconds(), LONGEST_MOMENT, delta=QUIET)

    def test_full(self) -> None:
        """
        When there is as much as a batch may hold.
        """
        self.gathering.answered(expected=1000, took=1.0)
        self.arrive(1, full=True)
        self.assertEqual(self.begun, 1)

    def test_late(self) -> None:
        """
        At once when the moment is long over.
        """
        self.gathering.answered(expected=1000, took=1.0)
        self.clock.advance(1)
        self.arrive(1)
        self.assertEqual(self.begun, 1)
