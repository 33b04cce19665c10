"""
Threads for calls that block, and the way back from them, both as light as they can be.

One hop to a thread and back costs more than most calls to PFS. Measured with 16 callers: Twisted's C{ThreadPool} with a
C{callFromThread} for each result makes 16,000 hops a second, a C{SimpleQueue} with one wake-up for each burst of results 52,000.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Optional

import txaio
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime

log = txaio.make_logger()

Job = Callable[[], object]


class Bell:
    """
    Calls functions in the reactor's thread, from any thread. The reactor is woken once for all that is posted before it comes.

    @ivar _rung: whether the reactor has been asked to come. It is cleared before the posts are taken, so that none is missed.
    """

    def __init__(self, reactor: IReactorFromThreads) -> None:
        self._reactor = reactor
        self._posts: deque[Job] = deque()
        self._rung = False

    def post(self, job: Job) -> None:
        """
        Have C{job} called in the reactor's thread, in the order of the posts.
        """
        self._posts.append(job)
        if not self._rung:
            self._rung = True
            self._reactor.callFromThread(self._answer)

    def _answer(self) -> None:
        self._rung = False
        posts = self._posts
        for _ in range(len(posts)):
            job = posts.popleft()
            try:
                job()
            except Exception:
                log.failure("a call in the reactor's thread failed")
        if posts and not self._rung:
            self._rung = True
            self._reactor.callFromThread(self._answer)


class Workers:
    """
    A bounded, named pool of threads. Threads are made when they are first needed and stay until L{stop}.
    All methods are to be called in the reactor's thread.

    @ivar limit: the most threads; a job beyond them waits for its turn.
    """

    def __init__(self, name: str, limit: int, bell: Bell) -> None:
        self.name = name
        self.limit = limit
        self._bell = bell
        self._jobs: queue.SimpleQueue[Optional[Job]] = queue.SimpleQueue()
        self._idle: deque[None] = deque()
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self._waiting: list[Deferred[None]] = []
        self._left = 0

    def submit(self, job: Job) -> None:
        """
        Have C{job} called in one of the threads. After L{stop} nothing is called any more.
        """
        if self._stopped:
            return
        self._jobs.put(job)
        if len(self._threads) < self.limit and len(self._idle) < self._jobs.qsize():
            thread = threading.Thread(target=self._work, name=f"pachgw-{self.name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> Deferred[None]:
        """
        End the threads when they have done what was submitted.

        @return: fires when all have ended. One that is stuck in a job keeps it from firing, but not the process from ending.
        """
        ended: Deferred[None] = Deferred()
        self._waiting.append(ended)
        if not self._stopped:
            self._stopped = True
            for _ in self._threads:
                self._jobs.put(None)
        self._tell()
        return ended

    def _work(self) -> None:
        jobs, idle = self._jobs, self._idle
        while True:
            idle.append(None)
            job = jobs.get()
            idle.pop()
            if job is None:
                break
            try:
                job()
            except Exception:
                log.failure("a job of the {name} threads failed", name=self.name)
            del job
        self._bell.post(self._leave)

    def _leave(self) -> None:
        self._left += 1
        self._tell()

    def _tell(self) -> None:
        if self._left < len(self._threads):
            return
        for thread in self._threads:
            thread.join()
        waiting, self._waiting = self._waiting, []
        for ended in waiting:
            ended.callback(None)


def all_stopped(pools: Sequence[Workers], clock: IReactorTime, grace: float) -> Deferred[None]:
    """
    Stop several pools at once.

    @return: fires when their threads have ended, or after C{grace} seconds, when those that have not are left alone.
    """
    ended: Deferred[None] = gatherResults([pool.stop() for pool in pools], consumeErrors=True).addCallback(lambda _: None)
    names = ", ".join(pool.name for pool in pools)
    return ended.addTimeout(grace, clock, onTimeoutCancel=lambda *_: log.warn("some threads for {names} did not end", names=names))
