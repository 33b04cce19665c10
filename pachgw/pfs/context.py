"""
What a servicer sees of its caller when no gRPC lies between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Optional

TOKEN_KEY = "authn-token"  # noqa: S105 - a name, no secret
"""
The gRPC metadata key of the caller's token.
"""


class LocalContext:
    """
    The part of C{grpc.ServicerContext} that a servicer of PFS needs, and the caller's token. Its methods may be called in any thread.

    @ivar token: the Pachyderm token of the caller, or C{None}.
    """

    __slots__ = ("_active", "_callbacks", "token")

    _guard = threading.Lock()

    def __init__(self, token: Optional[str]) -> None:
        self.token = token
        self._active = True
        self._callbacks: list[Callable[[], object]] = []

    def is_active(self) -> bool:
        """
        Whether anybody still waits for the call.
        """
        return self._active

    def add_callback(self, callback: Callable[[], object]) -> bool:
        """
        Have C{callback} called when the call has ended, for whatever reason; it must not block.

        @return: C{False} if it has ended already, and C{callback} will not be called.
        """
        with self._guard:
            if self._active:
                self._callbacks.append(callback)
            return self._active

    def end(self) -> None:
        """
        Note that the call has ended, and tell the callbacks. For the bridge.
        """
        with self._guard:
            callbacks, self._callbacks, self._active = self._callbacks, [], False
        for callback in callbacks:
            callback()
