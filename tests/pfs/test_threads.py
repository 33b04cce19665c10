"""
The threads of the bridge and the way back from them.
"""

from __future__ import annotations

import threading

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from pachgw.pfs.threads import Bell, Workers, all_stopped
from tests.pfs.by_hand import HandReactor
from tests.pfs.toys import Signal


class BellTests(SynchronousTestCase):
    """
    L{Bell}.
    """

    def setUp(self) -> None:
        self.reactor = HandReactor()
        self.bell = Bell(self.reactor)  # type: ignore[arg-type]
        self.heard: list[int] = []

    def test_one_wakeup_for_a_burst(self) -> None:
        """
        What is posted before the reactor comes costs one wake-up, and is called in order.
        """
        for number in range(3):
            self.bell.post(lambda number=number: self.heard.append(number))  # type: ignore[misc]
        self.reactor.turn()
        self.assertEqual((self.heard, self.reactor.wakeups), ([0, 1, 2], 1))

    def test_post_during_a_call(self) -> None:
        """
        What is posted by what is called waits for another turn, so that others have theirs.
        """
        self.bell.post(lambda: self.bell.post(lambda: self.heard.append(1)))
        self.reactor.turn()
        self.assertEqual(self.heard, [])
        self.reactor.turn()
        self.assertEqual(self.heard, [1])

    def test_failure(self) -> None:
        """
        A call that fails is logged and hinders no other.
        """
        self.bell.post(lambda: 1 / 0)
        self.bell.post(lambda: self.heard.append(1))
        self.reactor.turn()
        self.assertEqual(self.heard, [1])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class WorkersTests(TestCase):
    """
    L{Workers}.
    """

    def setUp(self) -> None:
        from twisted.internet import reactor

        self.reactor = reactor
        self.workers = Workers("test", 3, Bell(reactor))  # type: ignore[arg-type]
        self.addCleanup(self.workers.stop)

    def threads(self) -> int:
        """
        How many threads the pool has.
        """
        return sum(thread.name.startswith("pachgw-test-") for thread in threading.enumerate())

    async def test_bounded(self) -> None:
        """
        There are never more threads than the limit, and every job is done.
        """
        gate = threading.Event()
        begun = [Signal(self.reactor) for _ in range(10)]  # type: ignore[arg-type]
        for signal in begun:
            self.workers.submit(lambda signal=signal: (signal.set(), gate.wait()))  # type: ignore[misc]
        for signal in begun[:3]:
            await signal.happened
        self.assertEqual(self.threads(), 3)
        self.assertFalse(any(signal.is_set() for signal in begun[3:]))
        gate.set()
        for signal in begun[3:]:
            await signal.happened
        self.assertEqual(self.threads(), 3)

    async def test_made_when_needed(self) -> None:
        """
        No thread is made before the first job, and a job that follows another gets its thread.
        """
        self.assertEqual(self.threads(), 0)
        for _ in range(5):
            done: Deferred[None] = Deferred()
            self.workers.submit(lambda done=done: Bell(self.reactor).post(lambda: done.callback(None)))  # type: ignore[misc,arg-type]
            await done
        self.assertLessEqual(self.threads(), 2)

    async def test_failure(self) -> None:
        """
        A job that fails is logged, and its thread goes on.
        """
        self.workers.submit(lambda: 1 / 0)
        await self.workers.stop()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_stop(self) -> None:
        """
        Stopping waits for what was submitted, leaves no thread, and may be done twice; later jobs are not done.
        """
        done: list[int] = []
        for number in range(20):
            self.workers.submit(lambda number=number: done.append(number))  # type: ignore[misc]
        await self.workers.stop()
        self.assertEqual((len(done), self.threads()), (20, 0))
        self.workers.submit(lambda: done.append(99))
        await self.workers.stop()
        self.assertEqual((len(done), self.threads()), (20, 0))

    async def test_stuck(self) -> None:
        """
        A job that does not end delays the stop of several pools by the grace at most.
        """
        gate, clock = threading.Event(), Clock()
        begun = Signal(self.reactor)  # type: ignore[arg-type]
        self.workers.submit(lambda: (begun.set(), gate.wait()))
        await begun.happened
        stopped = all_stopped([self.workers], clock, 3)
        clock.advance(2.9)
        self.assertNoResult(stopped)
        clock.advance(0.2)
        self.successResultOf(stopped)
        gate.set()
