"""
The commits of the gateway's own branch: one stays open for some seconds where finishing is slow, and takes batch after batch.

pachd finishes the commits of a repo one after the other, and takes longer over it than over all the rest of a write: a commit beside each
commit of the data would halve the rate. But what PFS has taken into an open commit is as durable as what a finished one holds, and can be
read; nothing of ours refers to where within a commit it was put. So a batch is acknowledged when the open commit has it, and the commit is
finished when it has been open, or nothing has come, for a time in proportion to what finishing costs. Where that is little, each batch has
a finished commit of its own, unless no other gateway would have to wait for the end of an open one: then to begin and to finish one is
spared nevertheless.

The commit belongs to the gateway that opened it: nobody else writes into it, hence its maker knows all that it holds, and may keep an
index of it. Anybody else who wants to write finishes it, as its description allows; the maker is then refused, and opens another. So
nothing is lost and nobody waits long when a gateway dies. A commit is opened on a finished one only, because one that is open on one which
is not cannot be read; and on one that PFS did not refuse, for what that holds its successors would not (L{pachgw.objects.rescuing}).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import txaio
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pachgw.objects.changes import Change, Landed
from pachgw.objects.commits import Commits, NotApplied
from pachgw.objects.heads import SHARED_MARK, Head, finish, name_of
from pachgw.objects.modifications import Sending
from pachgw.objects.persisting import UNSURE, persistently
from pachgw.objects.rescuing import rescue
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.methods import START_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs

WORTH = 0.05
"""
Seconds that finishing must take for a commit to be kept open.
"""

QUIET = 2.0
LONGEST = 16.0
"""
When a commit is finished: so many times what finishing took the last time after the last batch, and after it was opened.
"""

MOST_QUIET = 1.0
MOST_OPEN = 15.0
"""
The most seconds for each of them.
"""

SOLE_QUIET = 0.05
SOLE_OPEN = 0.25
"""
The fewest, where there is no other gateway.
"""

BATCHES = 64
HELD = 4 * 1024 * 1024
"""
So many batches, or bytes of content in memory, are the most that one commit takes.
"""

RESCUES = 4
"""
How often PFS may refuse what a commit holds.
"""

_GONE = frozenset({Kind.ALREADY_FINISHED, Kind.COMMIT_NOT_FOUND, Kind.BRANCH_NOT_FOUND, Kind.REPO_NOT_FOUND})

_log = txaio.make_logger()


@dataclass
class _Open:
    """
    A commit that is open.

    @ivar since: when it was opened, in seconds since the epoch.
    @ivar token: of the last who wrote into it.
    """

    commit: pfs.Commit
    parent: str
    since: float
    token: Optional[str]
    batches: int = 0
    changes: tuple[Change, ...] = ()

    @property
    def full(self) -> bool:
        return self.batches >= BATCHES or sum(change.held for change in self.changes) >= HELD


class OpenCommits:
    """
    Makes commits of the gateway's own branch of one repo.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, branch: pfs.Branch, head: Head, commits: Commits, sole: bool = False) -> None:
        """
        @param sole: whether there is no other gateway.
        """
        self._pfs = ipfs
        self._clock = clock
        self._branch = branch
        self._head = head
        self._commits = commits
        self._sole = sole
        self._lock = DeferredLock()
        self._open: Optional[_Open] = None
        self._cost: Optional[float] = None
        self._timer: Optional[IDelayedCall] = None

    @property
    def idle(self) -> bool:
        """
        Whether no commit is open or being made.
        """
        return self._open is None and not self._lock.locked

    def make(self, changes: Sequence[Change], token: Optional[str]) -> Deferred[Landed]:
        """
        Have some changes in a commit.

        @return: the commit, which may go on to take others.
        @raise NotApplied: somebody else was in the way.
        @raise PFSError: PFS refuses; nothing was changed.
        """
        return self._lock.run(lambda: Deferred.fromCoroutine(self._make(changes, token)))

    def settle(self, token: Optional[str]) -> Deferred[str]:
        """
        See to it that what the branch holds does not change any more.

        @return: the id of its head, which is finished; empty for a branch that is not there.
        """
        return self._lock.run(lambda: Deferred.fromCoroutine(self._settle(token)))

    def close(self) -> Deferred[None]:
        """
        Finish what is open.
        """
        return self._lock.run(lambda: Deferred.fromCoroutine(self._close()))

    async def _make(self, changes: Sequence[Change], token: Optional[str]) -> Landed:
        if self._cost is not None and self._cost < WORTH and not self._sole:
            return await self._make_one(changes, token)
        landed = await persistently(self._clock, lambda: self._take(changes, token))
        self._close_later()
        return landed

    async def _make_one(self, changes: Sequence[Change], token: Optional[str]) -> Landed:
        """
        A commit for these changes, finished at once. When that was slow, what finishing costs is measured anew.
        """
        began = self._clock.seconds()
        landed = await self._commits.make(changes, token)
        if self._clock.seconds() - began > 4 * WORTH:
            self._cost = None
        return landed

    async def _take(self, changes: Sequence[Change], token: Optional[str]) -> Landed:
        """
        Put changes into the open commit. It may be done twice.
        """
        opened = self._open = self._open or await self._start(token)
        try:
            await Sending(self._pfs, opened.commit, token).run(changes)
        except PFSError as error:
            if error.kind in _GONE or error.status in UNSURE:
                self._open = None
            if error.kind in _GONE:
                raise NotApplied from error
            raise
        landed = Landed(opened.commit.id, opened.parent, self._clock.seconds(), earlier=opened.changes)
        opened.changes += tuple(changes)
        opened.batches += 1
        opened.token = token
        return landed

    async def _start(self, token: Optional[str]) -> _Open:
        parent = await self._settle(token)
        try:
            started = await self._pfs.call(START_COMMIT, pfs.StartCommitRequest(branch=self._branch, description=SHARED_MARK), token)
        except PFSError as error:
            if error.kind is Kind.NOT_FINISHED:
                raise NotApplied from error
            raise
        return _Open(started, parent, self._clock.seconds(), token)

    async def _settle(self, token: Optional[str]) -> str:
        """
        Wait for a finished head, and save what a refused one holds.
        """
        await self._close()
        for _ in range(RESCUES):
            head = await self._head.writable(token)
            landed = await self._commits.finished(head, token) if head else None
            if landed is None or not landed.error:
                return head
            _log.warn("commit {id} on {branch} was refused: {error}", id=head, branch=name_of(self._branch), error=landed.error)
            try:
                await rescue(self._pfs, self._branch, landed, token)
            except PFSError as error:
                if error.status in UNSURE:
                    raise
                break
        _log.error("what commit {id} on {branch} holds is lost", id=head, branch=name_of(self._branch))
        return await self._head.writable(token)

    def _close_later(self) -> None:
        """
        Finish the open commit when its time has come.
        """
        opened, cost = self._open, self._cost or 0.0
        if opened is None:
            return
        quiet, longest = min(MOST_QUIET, QUIET * cost), min(MOST_OPEN, LONGEST * cost)
        if self._sole:
            quiet, longest = max(SOLE_QUIET, quiet), max(SOLE_OPEN, longest)
        wait = 0.0 if opened.full else min(quiet, opened.since + longest - self._clock.seconds())
        self._stop_timer()
        if wait > 0:
            self._timer = self._clock.callLater(wait, self._time_is_over)
        else:
            self._time_is_over()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _time_is_over(self) -> None:
        self._timer = None
        self.close().addErrback(lambda failure: _log.failure("an open commit could not be finished", failure=failure))

    async def _close(self) -> None:
        """
        Finish the open commit, and see what that costs. What cannot be finished now is left to whoever writes next.
        """
        self._stop_timer()
        opened, self._open = self._open, None
        if opened is None:
            return
        began = self._clock.seconds()
        try:
            await finish(self._pfs, opened.commit, opened.token)
            await self._commits.finished(opened.commit.id, opened.token)
        except PFSError as error:
            _log.info("commit {id} on {branch} is left open: {error}", id=opened.commit.id, branch=name_of(self._branch), error=error)
            return
        self._cost = self._clock.seconds() - began
