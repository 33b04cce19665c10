"""
Looking after repos in the background.

The gateway knows no list of repos, so it looks after one when somebody works there: now and then, one repo at a time, with the right of
whoever came.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

import txaio
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.values import Caller
from pachgw.s3.buckets import Bucket

_REPOS = 1000

_log = txaio.make_logger()


class Occasions:
    """
    Does something for a repo when there is an occasion, if it has not been done lately.
    """

    def __init__(
        self, clock: IReactorTime, act: Callable[[Caller, Bucket], Awaitable[None]], purpose: str, interval: float, delay: float = 0.0
    ) -> None:
        """
        @param act: what is done.
        @param purpose: what for, to be logged when it fails.
        @param interval: seconds between two times for one repo.
        @param delay: seconds after the first occasion in which there is none.
        """
        self._clock = clock
        self._act = act
        self._purpose = purpose
        self._interval = interval
        self._delay = delay
        self._due: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._running: set[Deferred[None]] = set()
        self._turn = DeferredLock()

    def consider(self, caller: Caller, bucket: Bucket) -> None:
        """
        There is an occasion. What is done goes on in the background.
        """
        repo = (bucket.project, bucket.repo)
        now = self._clock.seconds()
        if now < self._due.setdefault(repo, now + self._delay):
            self._forget()
            return
        self._due[repo] = now + self._interval
        self._due.move_to_end(repo)
        self._forget()
        acting: Deferred[None] = self._turn.run(lambda: Deferred.fromCoroutine(self._run(caller, bucket)))
        self._running.add(acting)
        acting.addErrback(lambda failure: _log.info("{purpose}: {error}", purpose=self._purpose, error=failure.value))
        acting.addBoth(lambda _: self._running.discard(acting))

    def close(self) -> None:
        """
        Stop what goes on.
        """
        for acting in list(self._running):
            acting.cancel()

    async def _run(self, caller: Caller, bucket: Bucket) -> None:
        await self._act(caller, bucket)

    def _forget(self) -> None:
        while len(self._due) > _REPOS:
            self._due.popitem(last=False)
