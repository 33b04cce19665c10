"""
Waiting for several calls at once, and sharing one call's answer between requests.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar, Union

from twisted.internet.defer import Deferred, FirstError, gatherResults
from twisted.python.failure import Failure

Key = TypeVar("Key")
Value = TypeVar("Value")
First = TypeVar("First")
Second = TypeVar("Second")


def together(first: Deferred[First], second: Deferred[Second]) -> Deferred[tuple[First, Second]]:
    """
    Wait for two things that are under way. When one fails, or the wait is cancelled, the other is cancelled.

    @raise Exception: (by the Deferred) whichever failure came first.
    """
    both: list[Deferred[Any]] = [first, second]
    return all_of(both).addCallback(lambda results: (results[0], results[1]))


def all_of(things: Sequence[Deferred[Value]]) -> Deferred[list[Value]]:
    """
    Wait for things that are under way. When one fails, or the wait is cancelled, the others are cancelled.

    @raise Exception: (by the Deferred) whichever failure came first.
    """

    def failed(failure: Failure) -> Failure:
        for thing in things:
            thing.cancel()
        return failure.value.subFailure if isinstance(failure.value, FirstError) else failure

    return gatherResults(things, consumeErrors=True).addErrback(failed)


async def beside(first: Coroutine[Deferred[Any], Any, First], second: Deferred[Second]) -> tuple[First, Second]:
    """
    As L{together}, at less cost, for what every request does. A failure of C{second} is told when C{first} is over.

    @param first: begins now, while C{second} is under way.
    """
    try:
        return await first, await second
    except BaseException:
        second.addErrback(lambda _: None)
        second.cancel()
        raise


class _Line(Generic[Value]):
    """
    Those who wait for one key: C{served} by the call that runs, C{gathering} for the one after it.
    """

    def __init__(self) -> None:
        self.call: Deferred[Value] = Deferred()
        self.served: list[Deferred[Value]] = []
        self.gathering: list[Deferred[Value]] = []


class SharedCalls(Generic[Key, Value]):
    """
    One call at a time for each key, shared by all who asked before it began.

    Reading one's own write needs more than sharing what is in flight: a call that began before a request came may have
    looked at PFS before a write that the requester already knows of. So a request that finds a call running waits for
    the next one, together with all others that come meanwhile; nothing is remembered once a call has ended. The price is
    a wait of at most two calls; the gain is that any number of requests cost one call at a time.
    """

    def __init__(self, begin: Callable[[Key], Deferred[Value]]) -> None:
        """
        @param begin: makes the call for a key.
        """
        self._begin = begin
        self._lines: dict[Key, _Line[Value]] = {}

    def get(self, key: Key) -> Deferred[Value]:
        """
        The answer of a call that begins now or later.

        @return: may be cancelled, which cancels the call if nobody else waits for it.
        """
        line = self._lines.get(key)
        idle = line is None
        if line is None:
            line = self._lines[key] = _Line()
        waiting = line
        waiter: Deferred[Value] = Deferred(lambda cancelled: self._leave(waiting, cancelled))
        line.gathering.append(waiter)
        if idle:
            self._start(key, line)
        return waiter

    def _start(self, key: Key, line: _Line[Value]) -> None:
        """
        Begin the call for all who have gathered.
        """
        line.served, line.gathering = line.gathering, []
        line.call = self._begin(key)
        line.call.addBoth(self._ended, key, line)

    def _ended(self, result: Union[Value, Failure], key: Key, line: _Line[Value]) -> None:
        """
        Give the answer out, after the next call has begun for those who came too late for this one.
        """
        served, line.served = line.served, []
        if line.gathering:
            self._start(key, line)
        else:
            del self._lines[key]
        for waiter in served:
            if waiter.called:
                continue  # what an earlier one's answer set off has cancelled it
            if isinstance(result, Failure):
                waiter.errback(result)
            else:
                waiter.callback(result)

    @staticmethod
    def _leave(line: _Line[Value], waiter: Deferred[Value]) -> None:
        """
        A requester has gone.
        """
        if waiter in line.gathering:
            line.gathering.remove(waiter)
        elif waiter in line.served:
            line.served.remove(waiter)
            if not line.served:
                line.call.cancel()
