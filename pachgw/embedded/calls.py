"""
What a method of the embedded PFS knows of the call that it answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional, Protocol


class Call(Protocol):
    """
    One call in progress. A C{grpc.ServicerContext} is one but for the token.
    """

    @property
    def token(self) -> Optional[str]:
        """
        The caller's Pachyderm token, or C{None} if the call came without.
        """

    def is_active(self) -> bool:
        """
        Whether anybody still waits for the answer.
        """

    def add_callback(self, callback: Callable[[], None], /) -> bool:
        """
        Have C{callback} run, in any thread, when the call ends or is cancelled.

        @return: C{False}, and nothing is run, if it has ended already.
        """


class InnerCall:
    """
    A call that comes from within the process, for tests and upkeep: it is never cancelled unless L{cancel} is called.
    """

    def __init__(self, token: Optional[str] = None) -> None:
        self.token = token
        self._active = True
        self._callbacks: list[Callable[[], None]] = []

    def is_active(self) -> bool:
        """
        Whether L{cancel} has not been called.
        """
        return self._active

    def add_callback(self, callback: Callable[[], None], /) -> bool:
        """
        Have C{callback} run when L{cancel} is called.
        """
        if self._active:
            self._callbacks.append(callback)
        return self._active

    def cancel(self) -> None:
        """
        End the call.
        """
        self._active = False
        for callback in self._callbacks:
            callback()
