"""
Noticing that a pachd has fallen silent though its connection stands.

gRPC's own keep-alive would do, but a server (or a proxy before it) may take its pings amiss and close the connection with all calls on it:
Go's default allows one in five minutes, pachd itself one in five seconds. A call that every server answers offends nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pachgw.pfs.errors import PFSError, Status

INTERVAL = 10.0
"""
Seconds between two signs of life while somebody waits.
"""

PATIENCE = 10.0
"""
Seconds after which no answer is a silence.
"""


class Watch:
    """
    Asks for a sign of life now and then, as long as anything is under way.
    """

    def __init__(self, clock: IReactorTime, probe: Callable[[], Deferred[Any]], silent: Callable[[], None]) -> None:
        """
        @param probe: makes a call that any server answers at once, or fails with C{DEADLINE_EXCEEDED} after L{PATIENCE}.
        @param silent: called when it has failed so.
        """
        self._clock = clock
        self._probe = probe
        self._silent = silent
        self._timer: Optional[IDelayedCall] = None
        self._asked: Optional[Deferred[Any]] = None

    def busy(self) -> None:
        """
        Something is under way.
        """
        if self._timer is None and self._asked is None:
            self._timer = self._clock.callLater(INTERVAL, self._ask)

    def idle(self) -> None:
        """
        Nothing is under way any more.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._asked is not None:
            asked, self._asked = self._asked, None
            asked.cancel()

    def _ask(self) -> None:
        self._timer = None
        asked = self._asked = self._probe()
        asked.addCallbacks(lambda _: True, self._unanswered)
        asked.addCallback(self._heard, asked)

    def _unanswered(self, failure: Any) -> bool:
        """
        Whether an error is a sign of life as well: all are but silence.
        """
        return not (failure.check(PFSError) and failure.value.status is Status.DEADLINE_EXCEEDED)

    def _heard(self, alive: bool, asked: Deferred[Any]) -> None:
        if self._asked is not asked:
            return
        self._asked = None
        if alive:
            self.busy()
        else:
            self._silent()
