"""
Knowing when nobody is inside any more, so that a store can be closed without pulling it from under a call.
"""

from __future__ import annotations

import threading

from pachgw.embedded.errors import Code, Refused
from pachgw.embedded.faults import Busy


class Gate:
    """
    Counts who is inside. Safe to use from many threads.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._is_shut = False

    def enter(self) -> None:
        """
        Go in. Each must be followed by a L{leave}.

        @raise Refused: the gate is shut.
        """
        with self._condition:
            if self._is_shut:
                raise Refused(Code.UNAVAILABLE, "the store is closed")
            self._inside += 1

    def leave(self) -> None:
        """
        Go out.
        """
        with self._condition:
            self._inside -= 1
            if not self._inside:
                self._condition.notify_all()

    def shut(self, patience: float) -> None:
        """
        Let nobody in any more, and wait until all are out. May be called twice.

        @param patience: how long to wait, in seconds.
        @raise Busy: somebody is still inside.
        """
        with self._condition:
            self._is_shut = True
            if not self._condition.wait_for(lambda: not self._inside, patience):
                raise Busy(f"{self._inside} calls are still running")
