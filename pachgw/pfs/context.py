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
    L{CallContext<pachgw.pfs.servicer.CallContext>} for a call without gRPC. Its methods may be called in any thread.
    """

    __slots__ = ("_active", "_callbacks", "token")

    _guard = threading.Lock()

    def __init__(self, token: Optional[str]) -> None:
        self.token = token
        self._active = True
        self._callbacks: list[Callable[[], None]] = []

    def is_active(self) -> bool:
        """
        See L{CallContext.is_active<pachgw.pfs.servicer.CallContext.is_active>}.
        """
        return self._active

    def add_callback(self, callback: Callable[[], None], /) -> bool:
        """
        See L{CallContext.add_callback<pachgw.pfs.servicer.CallContext.add_callback>}.
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
