"""
Threads and a reactor that do something only when a test says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any


class HandReactor:
    """
    The part of a reactor that threads call, by hand.

    @ivar wakeups: how often it was woken.
    """

    def __init__(self) -> None:
        self._calls: deque[Callable[[], Any]] = deque()
        self.wakeups = 0

    def callFromThread(self, function: Callable[..., Any], *arguments: Any) -> None:
        """
        See C{IReactorFromThreads}.
        """
        self.wakeups += 1
        self._calls.append(lambda: function(*arguments))

    def turn(self) -> None:
        """
        Call what has been asked for so far.
        """
        for _ in range(len(self._calls)):
            self._calls.popleft()()


class HandWorkers:
    """
    A pool without threads.

    @ivar jobs: what waits for a thread.
    """

    def __init__(self) -> None:
        self.jobs: deque[Callable[[], Any]] = deque()

    def submit(self, job: Callable[[], Any]) -> None:
        """
        See L{Workers<pachgw.pfs.threads.Workers>}.
        """
        self.jobs.append(job)

    def work(self) -> None:
        """
        Do the next job, as a thread would.
        """
        self.jobs.popleft()()
