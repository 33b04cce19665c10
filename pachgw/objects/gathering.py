"""
When the next batch begins.

On an idle branch at once. After an acknowledgement there is a moment in which the writers that were answered may come again, lest they
fall into two halves that take turns: it ends when as many are there as were answered and waited already, when nobody has come for a
while, or when it has taken half as long as the last commit, or a few hundredths of a second. With a window, what comes is gathered from
the first write on for as long as was set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from twisted.internet.interfaces import IDelayedCall, IReactorTime

LONGEST_MOMENT = 0.5
"""
Seconds, the most that gathering after an acknowledgement takes.
"""

QUIET = 0.05
"""
Seconds without another write after which it ends.
"""

SHARE = 0.5
"""
The most that it takes, as a share of the time of the last commit.
"""

ROUND = 0.03
"""
Seconds that it may take however short the commit was: about what some dozens of answers and their writers' next requests need.
"""


class Gathering:
    """
    Calls C{begin} when the time has come.
    """

    def __init__(self, clock: IReactorTime, begin: Callable[[], None], window: float = 0.0) -> None:
        """
        @param window: in seconds, or C{0} for none.
        """
        self._clock = clock
        self._begin = begin
        self._window = window
        self._limit = 0.0
        self._until = 0.0
        self._expected = 0
        self._timer: Optional[IDelayedCall] = None

    def answered(self, expected: int, took: float) -> None:
        """
        A batch has been answered.

        @param expected: how many writers may be there soon.
        @param took: how long its commit took, in seconds.
        """
        self._expected = expected
        self._limit = self._clock.seconds() + min(max(took * SHARE, ROUND), LONGEST_MOMENT)
        self._extend()

    def arrived(self, alone: bool) -> None:
        """
        A write has come.

        @param alone: whether no other waits.
        """
        if not self._window:
            self._extend()
        elif alone:
            self._until = self._clock.seconds() + self._window

    def consider(self, waiting: int, full: bool) -> None:
        """
        Begin now, or later.

        @param waiting: how many writes wait, at least one.
        @param full: whether they are as much as a batch may hold.
        """
        remaining = self._until - self._clock.seconds()
        if remaining <= 0 or full or (not self._window and waiting >= self._expected):
            self.stop()
            self._begin()
        elif self._timer is None:
            self._timer = self._clock.callLater(remaining, self._over)
        else:
            self._timer.reset(remaining)

    def stop(self) -> None:
        """
        Wait no longer.
        """
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _extend(self) -> None:
        self._until = min(self._limit, self._clock.seconds() + QUIET)

    def _over(self) -> None:
        self._timer = None
        self._begin()
