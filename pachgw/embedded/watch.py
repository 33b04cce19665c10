"""
Waiting for something in the store to change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Code, Refused

_LOOK_AGAIN = 5.0


class Watch:
    """
    A counter of changes that calls can wait on. Safe to use from many threads.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._changes = 0
        self._closed = False
        self._told: Callable[[int], None] = lambda _: None

    def changes(self) -> int:
        """
        How many changes there were. Ask before looking at the store, so that nothing is missed in between.
        """
        with self._condition:
            return self._changes

    def changed(self) -> None:
        """
        Say that something changed, and wake those that wait.
        """
        with self._condition:
            self._changes += 1
            self._told(self._changes)
            self._condition.notify_all()

    def tell(self, told: Callable[[int], None]) -> None:
        """
        Have something called with how many changes there were: now, and at each change before anybody else learns of it.

        @param told: is called in whatever thread makes the change, and must be quick.
        """
        with self._condition:
            self._told = told
            told(self._changes)

    def close(self) -> None:
        """
        Send everybody home.
        """
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def attend(self, call: Call) -> None:
        """
        Have L{wait} notice when a call ends. Once for each call that is going to wait.
        """
        call.add_callback(self._wake)

    def wait(self, call: Call, seen: int) -> None:
        """
        Return when there have been more changes than C{seen}.

        @raise Refused: the call is over, or the store closes.
        """
        with self._condition:
            while self._changes == seen:
                if self._closed:
                    raise Refused(Code.UNAVAILABLE, "the store is closing")
                if not call.is_active():
                    raise Refused(Code.CANCELLED, "context canceled")
                self._condition.wait(_LOOK_AGAIN)

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify_all()
