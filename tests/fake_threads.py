"""
A reactor whose threads' work the test does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock
from twisted.python.failure import Failure


class Threads:
    """
    A thread pool whose work the test does.
    """

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def callInThreadWithCallback(
        self, onResult: Callable[[bool, Any], None], function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> None:
        """Keep it until L{run}."""

        def work() -> None:
            try:
                result = function(*args)
            except Exception:
                onResult(False, Failure())
            else:
                onResult(True, result)

        self.work.append(work)

    def run(self) -> None:
        """Do what has waited longest."""
        self.work.pop(0)()


class FakeReactor(Clock):
    """
    A clock with such a pool.
    """

    def __init__(self) -> None:
        Clock.__init__(self)
        self.threads = Threads()

    def getThreadPool(self) -> Threads:
        """The pool."""
        return self.threads

    def callFromThread(self, function: Callable[..., Any], *args: Any) -> None:
        """At once."""
        function(*args)
