"""
Sharing calls between requests, and waiting for several.
"""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.sharing import SharedCalls, beside, together


class SharedCallsTests(SynchronousTestCase):
    """
    One call at a time for each key.
    """

    def setUp(self) -> None:
        """
        Calls that wait for the test.
        """
        self.calls: list[Deferred[str]] = []
        self.shared: SharedCalls[str, str] = SharedCalls(self._begin)

    def _begin(self, key: str) -> Deferred[str]:
        call: Deferred[str] = Deferred()
        self.calls.append(call)
        return call

    def test_late_requests_share_the_next_call(self) -> None:
        """
        A request that comes while a call runs never gets that call's answer: it may be older than a write that the requester has seen.
        """
        first = self.shared.get("a")
        late = [self.shared.get("a"), self.shared.get("a")]
        self.assertEqual(len(self.calls), 1)
        self.calls[0].callback("old")
        self.assertEqual(self.successResultOf(first), "old")
        self.assertEqual(len(self.calls), 2)
        for waiting in late:
            self.assertNoResult(waiting)
        self.calls[1].callback("new")
        self.assertEqual([self.successResultOf(waiting) for waiting in late], ["new", "new"])

    def test_nothing_is_remembered(self) -> None:
        """
        After an answer, the next request makes a call of its own.
        """
        first = self.shared.get("a")
        self.calls[0].callback("old")
        self.successResultOf(first)
        again = self.shared.get("a")
        self.assertNoResult(again)
        self.assertEqual(len(self.calls), 2)
        self.calls[1].callback("new")
        self.assertEqual(self.successResultOf(again), "new")

    def test_keys_do_not_wait_for_each_other(self) -> None:
        """
        Each key has its own call.
        """
        self.shared.get("a")
        other = self.shared.get("b")
        self.calls[1].callback("b")
        self.assertEqual(self.successResultOf(other), "b")

    def test_failure_is_shared(self) -> None:
        """
        A failed call fails those who share it, and the next begins.
        """
        first, late = self.shared.get("a"), self.shared.get("a")
        self.calls[0].errback(ValueError())
        self.failureResultOf(first, ValueError)
        self.calls[1].callback("fine")
        self.assertEqual(self.successResultOf(late), "fine")

    def test_last_to_leave_cancels(self) -> None:
        """
        The call ends with the last who wanted its answer, and not before; who waited for the next is served.
        """
        first = self.shared.get("a")
        late = [self.shared.get("a"), self.shared.get("a"), self.shared.get("a")]
        self.calls[0].callback("old")
        self.successResultOf(first)
        after = self.shared.get("a")
        for waiting in late[:2]:
            waiting.cancel()
            self.failureResultOf(waiting, CancelledError)
        self.assertFalse(self.calls[1].called)
        late[2].cancel()
        self.failureResultOf(late[2], CancelledError)
        self.assertTrue(self.calls[1].called)
        self.calls[2].callback("new")
        self.assertEqual(self.successResultOf(after), "new")

    def test_leaving_the_queue(self) -> None:
        """
        Who leaves before the call has begun causes none.
        """
        first, late = self.shared.get("a"), self.shared.get("a")
        late.cancel()
        self.failureResultOf(late, CancelledError)
        self.calls[0].callback("old")
        self.successResultOf(first)
        self.assertEqual(len(self.calls), 1)

    def test_failure_that_cancels_another_waiter(self) -> None:
        """
        A requester that waits twice is cancelled by its first failure; those behind it hear of it nevertheless.
        """
        call: Deferred[int] = Deferred()
        shared: SharedCalls[str, int] = SharedCalls(lambda _: call)
        first = shared.get("a")
        waiting = [shared.get("a") for _ in range(3)]
        both = together(waiting[0], waiting[1])
        call, failed = Deferred(), call
        failed.errback(ValueError())
        self.failureResultOf(first, ValueError)
        call.errback(KeyError())
        self.failureResultOf(both, KeyError)
        self.failureResultOf(waiting[2], KeyError)


class TogetherTests(SynchronousTestCase):
    """
    Two things under way at once.
    """

    def test_both(self) -> None:
        """
        Both results, whichever comes first.
        """
        first: Deferred[int] = Deferred()
        second: Deferred[str] = Deferred()
        both = together(first, second)
        second.callback("b")
        self.assertNoResult(both)
        first.callback(1)
        self.assertEqual(self.successResultOf(both), (1, "b"))

    def test_failure_cancels_the_other(self) -> None:
        """
        The first failure is the answer, unwrapped, and the other is not waited for.
        """
        gone: list[Deferred[str]] = []
        first: Deferred[int] = Deferred()
        second: Deferred[str] = Deferred(gone.append)
        both = together(first, second)
        first.errback(ValueError())
        self.failureResultOf(both, ValueError)
        self.assertEqual(gone, [second])

    def test_cancel(self) -> None:
        """
        Cancelling the wait cancels both.
        """
        gone: list[object] = []
        first: Deferred[int] = Deferred(gone.append)
        second: Deferred[str] = Deferred(gone.append)
        both = together(first, second)
        both.cancel()
        self.failureResultOf(both, CancelledError)
        self.assertEqual(gone, [first, second])


class BesideTests(SynchronousTestCase):
    """
    A coroutine beside something under way.
    """

    def setUp(self) -> None:
        """
        Both wait for the test.
        """
        self.gone: list[object] = []
        self.first: Deferred[int] = Deferred(self.gone.append)
        self.second: Deferred[str] = Deferred(self.gone.append)
        self.both = Deferred.fromCoroutine(beside(self._first(), self.second))

    async def _first(self) -> int:
        return await self.first

    def test_both(self) -> None:
        """
        Both results, whichever comes first.
        """
        self.second.callback("b")
        self.assertNoResult(self.both)
        self.first.callback(1)
        self.assertEqual(self.successResultOf(self.both), (1, "b"))

    def test_first_fails(self) -> None:
        """
        Then the second is not waited for.
        """
        self.first.errback(ValueError())
        self.failureResultOf(self.both, ValueError)
        self.assertEqual(self.gone, [self.second])

    def test_second_fails(self) -> None:
        """
        Its failure is the answer.
        """
        self.second.errback(ValueError())
        self.first.callback(1)
        self.failureResultOf(self.both, ValueError)

    def test_cancel(self) -> None:
        """
        Cancelling the wait cancels both.
        """
        self.both.cancel()
        self.failureResultOf(self.both, CancelledError)
        self.assertEqual(self.gone, [self.first, self.second])
