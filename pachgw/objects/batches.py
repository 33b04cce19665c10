"""
Who waits for a branch's next commit, and who of them goes along with it.

A batch holds requests of one token, so that PFS itself judges the right to write and knows the commit's author. The tokens take turns.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Optional, Union

from twisted.internet.defer import Deferred

from pachgw.objects.changes import Change, Footprint, Landed
from pachgw.s3.errors import S3Error

Decide = Callable[[str], Awaitable[Change]]
"""
Says what a conditional request changes, given the id of the commit that it would follow, or refuses with an
L{S3Error<pachgw.s3.errors.S3Error>}.
"""


Beside = Union[Change, Callable[[], Awaitable[Optional[Change]]]]
"""
What is to be kept with a change on the gateway's own branch. A function is asked once its batch begins; C{None} is nothing.
"""


@dataclass(frozen=True)
class Bounds:
    """
    What one batch may hold. The first request is taken whatever its size.

    @ivar bytes: of content in memory.
    @ivar files: put or deleted.
    """

    bytes: int = 32 * 1024 * 1024
    files: int = 10_000


@dataclass(eq=False)
class Pending:
    """
    A request that waits for its commit.

    @ivar change: what it does; for a conditional one, what it was last decided to do.
    @ivar decide: for a conditional one.
    @ivar beside: what is kept with it.
    @ivar landed: fires with the commit, unless the request has been cancelled.
    @ivar outcome: the commit or the error, once it is known.
    @ivar gone: whether nobody waits for the outcome any more.
    """

    change: Change
    token: Optional[str]
    landed: Deferred[Landed]
    decide: Optional[Decide] = None
    beside: Optional[Beside] = None
    outcome: Union[Landed, BaseException, None] = field(default=None, init=False)
    gone: bool = field(default=False, init=False)

    @property
    def open(self) -> bool:
        """
        Whether it still has to be committed.
        """
        return self.outcome is None and not self.gone

    async def renew(self) -> None:
        """
        Make sure that what it refers to is still there; else it has failed.
        """
        try:
            if self.change.renew is not None and self.open:
                await self.change.renew()
        except S3Error as error:
            self.outcome = error

    def answer(self) -> None:
        """
        Tell the request its outcome.
        """
        if self.gone or self.outcome is None:
            return
        self.gone = True
        if isinstance(self.outcome, Landed):
            self.landed.callback(self.outcome)
        else:
            self.landed.errback(self.outcome)


class Waiting:
    """
    The requests that wait for one branch.
    """

    def __init__(self, bounds: Optional[Bounds] = None) -> None:
        self._bounds = bounds or Bounds()
        self._turns: OrderedDict[Optional[str], list[Pending]] = OrderedDict()
        self._files = 0
        self._held = 0

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._turns.values())

    @property
    def full(self) -> bool:
        """
        Whether what waits is as much as one batch may hold.
        """
        return self._files >= self._bounds.files or self._held >= self._bounds.bytes

    def add(self, pending: Pending) -> None:
        """
        Wait, behind the others of the same token.
        """
        self._turns.setdefault(pending.token, []).append(pending)
        self._count(pending, 1)

    def remove(self, pending: Pending) -> None:
        """
        Wait no longer; of no effect when it has been taken already.
        """
        queue = self._turns.get(pending.token, [])
        if pending in queue:
            queue.remove(pending)
            self._count(pending, -1)
            if not queue:
                del self._turns[pending.token]

    def take(self) -> Sequence[Pending]:
        """
        The next batch: of the token whose turn it is, in order, within the bounds. What touches the path of one that goes before
        it waits for the next batch, so that each keeps its version and the head decides about a collision. Conditional requests and
        others do not share a commit.
        """
        if not self._turns:
            return []
        token, queue = self._turns.popitem(last=False)
        taken, left = self._divide(queue)
        if left:
            self._turns[token] = left
        for pending in taken:
            self._count(pending, -1)
        return taken

    def _count(self, pending: Pending, sign: int) -> None:
        self._files += sign * pending.change.files
        self._held += sign * pending.change.held

    def _divide(self, queue: list[Pending]) -> tuple[list[Pending], list[Pending]]:
        conditional = queue[0].decide is not None
        taken: list[Pending] = []
        left: list[Pending] = []
        touched = Footprint()
        held = files = 0
        for pending in queue:
            change = pending.change
            full = held + change.held > self._bounds.bytes or files + change.files > self._bounds.files
            other = (pending.decide is not None) != conditional
            if taken and (full or other or touched.meets(change)):
                left.append(pending)
            else:
                taken.append(pending)
                held += change.held
                files += change.files
            touched.add(change)
        return taken, left
