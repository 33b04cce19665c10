"""
Server streams, step by step: with a pool and a reactor that are driven by hand, so that every order of events can be had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.pending import Switchboard
from pachgw.pfs.pump import Bound, Pump
from pachgw.pfs.threads import Bell
from tests.pfs.by_hand import HandReactor, HandWorkers

BOUND: Bound[int] = Bound(10, 3, int)
"""
Pauses at 10, and tells its reader from 3 on; an item weighs what it is.
"""


class PumpTests(SynchronousTestCase):
    """
    L{Pump}.
    """

    def setUp(self) -> None:
        self.reactor = HandReactor()
        self.workers = HandWorkers()
        self.clock = Clock()
        self.board = Switchboard(Bell(self.reactor), self.clock, 60)  # type: ignore[arg-type]
        self.given: list[int] = []
        self.closed = False
        self.stopped = 0

    def pump(self, *items: int, error: Optional[Exception] = None) -> Pump[int]:
        """
        A stream of some items, and then perhaps an error.
        """

        def source() -> Iterator[int]:
            try:
                for item in items:
                    self.given.append(item)
                    yield item
                if error is not None:
                    raise error
            finally:
                self.closed = True

        return Pump(source, self.stop, BOUND, self.workers, self.board, 5)  # type: ignore[arg-type]

    def stop(self) -> None:
        """
        What the pump calls to make the iterator give up.
        """
        self.stopped += 1

    def test_pauses_when_full(self) -> None:
        """
        A reader that does not read gets the thread back after a bounded weight, and the iterator waits without one.
        """
        pump = self.pump(*[4] * 10)
        self.workers.work()
        self.assertEqual(self.given, [4] * 3)
        self.assertFalse(self.workers.jobs)
        self.assertEqual(self.successResultOf(pump.read()), [4] * 3)
        self.workers.work()
        self.assertEqual(self.given, [4] * 6)

    def test_one_item_larger_than_the_bound(self) -> None:
        """
        However large an item is, it passes.
        """
        pump = self.pump(100, 1)
        self.workers.work()
        self.assertEqual(self.given, [100])
        self.assertEqual(self.successResultOf(pump.read()), [100])
        self.workers.work()
        self.assertEqual(self.successResultOf(pump.read()), [1])
        self.assertEqual(self.successResultOf(pump.read()), [])

    def test_reader_waits(self) -> None:
        """
        A reader that came first is told when enough has come; the reactor is woken once for it, also when more comes meanwhile.
        """
        pump = self.pump(1, 1, 1, 1, 1)
        read = pump.read()
        self.workers.work()
        self.assertNoResult(read)
        self.reactor.turn()
        self.assertEqual(self.successResultOf(read), [1] * 5)
        self.assertEqual(self.reactor.wakeups, 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nobody_reads(self) -> None:
        """
        While nobody waits the reactor is left alone.
        """
        self.pump(5, 5)
        self.workers.work()
        self.assertEqual(self.reactor.wakeups, 0)

    def test_little_and_the_end(self) -> None:
        """
        What is too little to tell of is told with the end.
        """
        pump = self.pump(1)
        read = pump.read()
        self.workers.work()
        self.reactor.turn()
        self.assertEqual(self.successResultOf(read), [1])
        self.assertEqual(len(self.board), 0)
        self.assertEqual(self.successResultOf(pump.read()), [])

    def test_error_after_items(self) -> None:
        """
        An error is read after what came before it.
        """
        pump = self.pump(7, error=PFSError(Status.NOT_FOUND, "gone"))
        self.workers.work()
        self.assertEqual(self.successResultOf(pump.read()), [7])
        self.assertEqual(self.failureResultOf(pump.read(), PFSError).value.status, Status.NOT_FOUND)
        self.assertEqual(len(self.board), 0)

    def test_error_that_carries_nothing(self) -> None:
        """
        Any other exception is C{INTERNAL}, without its text.
        """
        read = self.pump(error=ValueError("secret")).read()
        self.workers.work()
        self.reactor.turn()
        error = self.failureResultOf(read, PFSError).value
        self.assertEqual(error.status, Status.INTERNAL)
        self.assertNotIn("secret", error.details)

    def test_cancelled_before_it_began(self) -> None:
        """
        A stream that is cancelled while it waits for a thread never begins.
        """
        pump = self.pump(1)
        pump.cancel()
        self.workers.work()
        self.assertEqual((self.given, self.stopped), ([], 1))
        self.failureResultOf(pump.read(), CancelledError)

    def test_cancelled_while_paused(self) -> None:
        """
        The iterator of a paused stream is closed, in a thread; what waited is dropped.
        """
        pump = self.pump(*[10] * 3)
        self.workers.work()
        pump.cancel()
        self.assertFalse(self.closed)
        self.workers.work()
        self.assertTrue(self.closed)
        self.assertEqual(self.given, [10])
        self.failureResultOf(pump.read(), CancelledError)
        self.assertEqual(len(self.board), 0)

    def test_cancelled_when_about_to_go_on(self) -> None:
        """
        A stream that is cancelled after its pause, before a thread has taken it up again, is closed by that thread.
        """
        pump = self.pump(*[10] * 3)
        self.workers.work()
        self.successResultOf(pump.read())
        pump.cancel()
        self.assertFalse(self.closed)
        self.workers.work()
        self.assertEqual((self.given, self.closed), ([10], True))

    def test_cancelled_while_it_runs(self) -> None:
        """
        The thread sees it at the next item, and closes the iterator.
        """
        pumps: list[Pump[int]] = []

        def source() -> Iterator[int]:
            try:
                yield 1
                pumps[0].cancel()
                yield 2
                self.given.append(3)
            finally:
                self.closed = True

        pumps.append(Pump(source, self.stop, BOUND, self.workers, self.board, 5))  # type: ignore[arg-type]
        self.workers.work()
        self.assertEqual((self.given, self.closed, self.stopped), ([], True, 1))
        self.assertFalse(self.workers.jobs)

    def test_cancelled_while_read(self) -> None:
        """
        An outstanding read fails, and what comes afterwards wakes nobody.
        """
        pump = self.pump(5)
        read = pump.read()
        read.cancel()
        self.failureResultOf(read, CancelledError)
        self.workers.work()
        self.reactor.turn()
        self.assertEqual(self.stopped, 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_told_and_cancelled(self) -> None:
        """
        A cancel between the thread's word and the reactor's turn counts.
        """
        pump = self.pump(5)
        read = pump.read()
        self.workers.work()
        pump.cancel()
        self.reactor.turn()
        self.failureResultOf(read, CancelledError)

    def test_cancelled_after_the_end(self) -> None:
        """
        A stream that has ended has nothing to stop.
        """
        pump = self.pump(5)
        self.workers.work()
        pump.cancel()
        self.assertEqual(self.stopped, 0)
        self.assertFalse(self.workers.jobs)

    def test_each_wait_has_its_time(self) -> None:
        """
        The time between reads does not count, a wait that is too long ends the stream.
        """
        pump = self.pump(*[10] * 2)
        self.workers.work()
        self.clock.advance(100)
        self.successResultOf(pump.read())
        read = pump.read()
        self.clock.advance(4)
        self.assertNoResult(read)
        self.clock.advance(1)
        self.assertEqual(self.failureResultOf(read, PFSError).value.status, Status.DEADLINE_EXCEEDED)
        self.assertEqual(self.stopped, 1)

    def test_closed_door(self) -> None:
        """
        Behind a closed door nothing begins, and what was under way fails.
        """
        before = self.pump(5)
        read = before.read()
        self.board.close()
        self.assertEqual(self.failureResultOf(read, PFSError).value.status, Status.CANCELLED)
        after = self.pump(5)
        self.assertEqual(self.failureResultOf(after.read(), PFSError).value.status, Status.CANCELLED)
        self.assertEqual(len(self.workers.jobs), 1)

    def test_messages_of_no_weight(self) -> None:
        """
        Empty buffers are left out.
        """
        pump: Pump[Any] = self.pump(0, 5, 0)
        self.workers.work()
        self.assertEqual(self.successResultOf(pump.read()), [5])

    def test_cleanup_fails(self) -> None:
        """
        An iterator that breaks while it is closed is logged.
        """

        def source() -> Iterator[int]:
            try:
                yield 10
            finally:
                raise ValueError("cleanup")

        pump = Pump(source, self.stop, BOUND, self.workers, self.board, 5)  # type: ignore[arg-type]
        self.workers.work()
        pump.cancel()
        self.workers.work()
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
