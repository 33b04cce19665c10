"""
Calls that may be made again when nobody knows what became of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.pfs.errors import PFSError
from pachgw.pfs.status import Status

UNSURE = frozenset({Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE, Status.CANCELLED, Status.INTERNAL})
"""
The statuses after which nobody knows whether a call was applied.
"""

SEARCH = 60.0
"""
Seconds to look for what became of a call that got lost, while PFS is away.
"""

_PAUSE = 0.5

Result = TypeVar("Result")


async def persistently(clock: IReactorTime, attempt: Callable[[], Awaitable[Result]]) -> Result:
    """
    Do what may be done twice, again and again while PFS is away.

    @raise PFSError: what PFS answers, or that it has been away for L{SEARCH} seconds.
    """
    deadline = clock.seconds() + SEARCH
    while True:
        try:
            return await attempt()
        except PFSError as error:
            if error.status not in UNSURE or clock.seconds() >= deadline:
                raise
        await deferLater(clock, _PAUSE)
