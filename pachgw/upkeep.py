"""
Keeping the embedded store tidy while it serves.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import txaio
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool

from pachgw.embedded.gc import Collected

log = txaio.make_logger()

INTERVAL = 3600.0
"""
Seconds from the beginning of one round to the next.
"""


class UpkeepLoop:
    """
    Runs a store's upkeep in a thread, again and again.
    """

    def __init__(self, maintain: Callable[[Event], Collected], reactor: Any) -> None:
        """
        @param maintain: one round; it blocks, and ends soon after the event is set.
        """
        self._maintain = maintain
        self._reactor = reactor
        self._end = Event()
        self._loop = LoopingCall(self._round)
        self._loop.clock = reactor
        self._running = False
        self._ended: Deferred[None] = Deferred()

    def start(self) -> None:
        """
        Begin, with the first round after an interval.
        """
        self._loop.start(INTERVAL, now=False)

    def stop(self) -> Deferred[None]:
        """
        End.

        @return: fires when no round runs any more.
        """
        self._end.set()
        if self._loop.running:
            self._loop.stop()
        return self._ended if self._running else succeed(None)

    async def _work(self) -> None:
        self._running, self._ended = True, Deferred()
        try:
            collected = await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._maintain, self._end)
            log.info("Upkeep has removed {files} files of {size} bytes, and {rows} rows", **collected._asdict())
        except Exception:
            log.failure("Upkeep has failed")
        finally:
            self._running = False
            self._ended.callback(None)

    def _round(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._work())
