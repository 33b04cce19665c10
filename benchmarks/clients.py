"""
Many clients at once, with treq: they measure how long a number of operations takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Optional

import treq
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

BLOCK = bytes(range(256)) * 256
"""
64 KiB that compress badly enough and are cheap to send.
"""


class Failed(Exception):
    """
    The endpoint answered something else than success.
    """


@implementer(IBodyProducer)
class Repeated:
    """
    A body of any length that takes no memory, written with the transport's backpressure.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self._left = length
        self._paused = False
        self._consumer: Any = None
        self._done: Deferred[None] = Deferred()

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """
        Write until the transport asks for a pause.
        """
        self._consumer = consumer
        self._go()
        return self._done

    def _go(self) -> None:
        while self._left and not self._paused:
            data = BLOCK[: self._left]
            self._left -= len(data)
            self._consumer.write(data)
        if not self._left and not self._done.called:
            self._done.callback(None)

    def pauseProducing(self) -> None:
        """
        The transport is full.
        """
        self._paused = True

    def resumeProducing(self) -> None:
        """
        The transport has room.
        """
        self._paused = False
        self._go()

    def stopProducing(self) -> None:
        """
        The connection has gone.
        """
        self._left = 0


class Clients:
    """
    Connections to one endpoint, kept between requests.
    """

    def __init__(self, reactor: Any, url: str, connections: int) -> None:
        self._url = url
        self._pool = HTTPConnectionPool(reactor)
        self._pool.maxPersistentPerHost = connections
        self._pool.retryAutomatically = False
        self._agent = Agent(reactor, pool=self._pool, connectTimeout=10)

    async def request(self, method: str, path: str, body: Any = None, headers: Optional[dict[str, str]] = None) -> bytes:
        """
        One request; the whole of its answer.

        @raise Failed: for a status of 400 and more.
        """
        answer = await treq.request(
            method,
            self._url + path,
            data=body,
            headers=Headers({name: [value] for name, value in (headers or {}).items()}),
            agent=self._agent,
            unbuffered=True,
            timeout=3600,
        )
        content = await treq.content(answer)
        if answer.code >= 400:
            raise Failed(f"{method} {path}: {answer.code} {content[:300]!r}")
        return bytes(content)

    async def close(self) -> None:
        """
        Close the connections.
        """
        await self._pool.closeCachedConnections()


async def together(workers: int, jobs: Iterable[Callable[[], Awaitable[Any]]]) -> None:
    """
    Run jobs, so many at a time, in order of the iterable.
    """
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job()

    await gatherResults([Deferred.fromCoroutine(work()) for _ in range(workers)], consumeErrors=True)


async def seconds(clock: IReactorTime, workers: int, jobs: Iterable[Callable[[], Awaitable[Any]]]) -> float:
    """
    How long the jobs take.
    """
    begun = clock.seconds()
    await together(workers, jobs)
    return clock.seconds() - begun
