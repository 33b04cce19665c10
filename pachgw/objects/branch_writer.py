"""
The group commit of one branch.

While one commit runs, the next batch gathers; L{pachgw.objects.gathering} says when it begins. What has to be kept beside a batch, on
the gateway's own branch, is written at the same time (L{pachgw.objects.open_commits}), and both are safe before anybody is answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Optional

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.batches import Beside, Bounds, Decide, Pending, Waiting
from pachgw.objects.changes import Change, Landed, joined
from pachgw.objects.collisions import collisions
from pachgw.objects.commits import Commits, NotApplied
from pachgw.objects.contents import Contents
from pachgw.objects.gathering import Gathering
from pachgw.objects.heads import Head, name_of
from pachgw.objects.marked_commits import MarkedCommits
from pachgw.objects.open_commits import OpenCommits
from pachgw.objects.sharing import all_of
from pachgw.objects.undoing import undo
from pachgw.pfs.errors import Kind, PFSError, Status
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.kinds import kind_of
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import InternalError, ServiceUnavailable

ATTEMPTS = 5
"""
How often a commit is tried that others get in the way of.
"""

_REFUSED = frozenset({Status.UNKNOWN, Status.INVALID_ARGUMENT, Status.NOT_FOUND, Status.FAILED_PRECONDITION})

Observer = Callable[[pfs.Branch, Landed, Sequence[Change]], None]
"""
Hears of each commit before those who wait for it, with all the changes that it holds.
"""

_log = txaio.make_logger()


class BranchWriter:
    """
    Commits what is submitted, in batches, one at a time.

    @ivar commits: how many commits it has made, for tests and metrics.
    """

    def __init__(
        self,
        ipfs: IPFS,
        clock: IReactorTime,
        branch: pfs.Branch,
        observer: Observer,
        own: bool = False,
        accepted: bool = False,
        bounds: Optional[Bounds] = None,
        window: float = 0.0,
        companion: Optional[Callable[[], BranchWriter]] = None,
        sole: bool = False,
    ) -> None:
        """
        @param own: whether this is the gateway's own branch: the first write makes it, and its commits may stay open for a while.
        @param accepted: acknowledge when PFS has taken the commit, before it is finished.
        @param window: seconds in which writes are gathered from the first of them on; each is acknowledged at the end, with its commit.
        @param companion: finds the writer of what is kept beside.
        @param sole: whether no other gateway writes to this PFS.
        """
        self._pfs = ipfs
        self._clock = clock
        self._branch = branch
        self._observer = observer
        self._head = Head(ipfs, clock, branch, own)
        self._commits = Commits(ipfs, clock, branch, self._head, accepted)
        self._marked = MarkedCommits(ipfs, clock, branch, self._head, self._commits)
        self._open = OpenCommits(ipfs, clock, branch, self._head, self._commits, sole) if own else None
        self._contents = Contents(ipfs, branch.repo)
        self._waiting = Waiting(bounds)
        self._accepted = accepted
        self._companion = companion
        self._running = False
        self._gathering = Gathering(clock, self._begin, window)
        self.commits = 0

    @property
    def idle(self) -> bool:
        """
        Whether nothing waits, nothing runs, and no commit is open.
        """
        return not self._running and not len(self._waiting) and (self._open is None or self._open.idle)

    def submit(
        self, change: Change, token: Optional[str], decide: Optional[Decide] = None, beside: Optional[Beside] = None
    ) -> Deferred[Landed]:
        """
        Have a change committed.

        @param beside: what is to be kept with it, by the companion.
        @return: fires with the commit that holds it. Cancelled before its batch runs, it leaves the batch; later, it may be committed.
        """
        landed = self._enqueue(change, token, decide, beside)
        self._consider()
        return landed

    async def submit_later(self, find: Callable[[], Awaitable[Optional[Change]]], token: Optional[str]) -> None:
        """
        Have a change committed that has to be found first, if there is one.
        """
        change = await find()
        if change is not None:
            await self.submit(change, token)

    def settle(self, token: Optional[str]) -> Deferred[str]:
        """
        See to it that what the gateway's own branch holds does not change any more.

        @return: the id of its head, which is finished; empty for a branch that is not there.
        """
        assert self._open is not None
        return self._open.settle(token)

    def rest(self) -> None:
        """
        Finish what is open, unless there is more to do.
        """
        if self._open is not None and not self._running and not len(self._waiting):
            self._open.close().addErrback(lambda failure: _log.failure("an open commit could not be finished", failure=failure))

    def _enqueue(self, change: Change, token: Optional[str], decide: Optional[Decide], beside: Optional[Beside]) -> Deferred[Landed]:
        def cancel(_: Deferred[Landed]) -> None:
            pending.gone = True
            self._waiting.remove(pending)
            if not len(self._waiting):
                self._gathering.stop()

        pending = Pending(change, token, Deferred(cancel), decide, beside)
        self._gathering.arrived(alone=not len(self._waiting))
        self._waiting.add(pending)
        return pending.landed

    def _consider(self) -> None:
        if not self._running and len(self._waiting):
            self._gathering.consider(len(self._waiting), self._waiting.full)

    def _begin(self) -> None:
        batch = self._waiting.take()
        if batch:
            self._running = True
            Deferred.fromCoroutine(self._run(batch)).addErrback(lambda failure: _log.failure("a batch has broken", failure=failure))

    async def _run(self, batch: Sequence[Pending]) -> None:
        """
        Commit a batch, answer those in it, and go on with the next.
        """
        began = self._clock.seconds()
        beside = self._keep_beside([pending for pending in batch if pending.decide is None])
        try:
            await self._apply(batch)
        except Exception as error:
            for pending in batch:
                pending.outcome = pending.outcome or error
        beside += self._keep_beside([pending for pending in batch if pending.decide is not None and isinstance(pending.outcome, Landed)])
        for pendings, kept in beside:
            try:
                await kept
            except Exception as error:
                for pending in pendings:
                    pending.outcome = error if isinstance(pending.outcome, Landed) else pending.outcome
        took = self._clock.seconds() - began
        _log.debug("{count} requests on {branch} in {seconds:.3f} s", count=len(batch), branch=name_of(self._branch), seconds=took)
        expected = len(batch) + len(self._waiting)
        for pending in batch:
            pending.answer()
        self._gathering.answered(expected, took)
        self._running = False
        self._consider()

    def _keep_beside(self, batch: Sequence[Pending]) -> list[tuple[Sequence[Pending], Deferred[Any]]]:
        """
        Have the companion commit what belongs to these; what is known already as one change.
        """
        wanted = [(pending, pending.beside) for pending in batch if pending.beside is not None and not pending.gone]
        if not wanted or self._companion is None:
            return []
        companion, token = self._companion(), wanted[0][0].token
        known = [(pending, beside) for pending, beside in wanted if isinstance(beside, Change)]
        found: list[tuple[Sequence[Pending], Deferred[Any]]] = []
        if known:
            found.append(([pending for pending, _ in known], companion.submit(joined([beside for _, beside in known]), token)))
        for pending, beside in wanted:
            if not isinstance(beside, Change):
                found.append(([pending], Deferred.fromCoroutine(companion.submit_later(beside, token))))
        return found

    async def _apply(self, batch: Sequence[Pending]) -> None:
        """
        Find the outcome of each of a batch: with one commit, or with several when PFS refuses what some of them do.
        """
        await all_of([Deferred.fromCoroutine(pending.renew()) for pending in batch if pending.change.renew is not None])
        batch = [pending for pending in batch if pending.open]
        if not batch:
            return
        try:
            landed = await self._commit(batch)
        except PFSError as error:
            if error.status not in _REFUSED:
                raise
            await self._halve(batch, error)
            return
        batch = [pending for pending in batch if pending.outcome is None]
        if landed is None or not batch:
            return
        if landed.error:
            await self._sort_out(batch, landed)
            return
        self.commits += 1
        if self._accepted and batch[0].decide is None:
            self._watch(landed, batch)
        else:
            self._observer(self._branch, landed, [pending.change for pending in batch])
        for pending in batch:
            pending.outcome = landed

    def _watch(self, landed: Landed, batch: Sequence[Pending]) -> None:
        """
        See how a commit ends that was acknowledged before its end. The next commit makes good for a refused one.
        """

        async def watch() -> None:
            ended = await self._commits.finished(landed.id, batch[0].token)
            if not ended.error:
                return
            paths = [path for pending in batch for path in pending.change.paths()]
            _log.error(
                "commit {id} on {branch} was acknowledged and then refused, {count} files are lost: {error}",
                id=landed.id,
                branch=name_of(self._branch),
                count=len(paths),
                error=ended.error,
            )
            if self.idle:
                await undo(self._pfs, self._branch, self._head, landed.id, batch[0].token)

        watching = Deferred.fromCoroutine(watch())
        watching.addErrback(lambda failure: _log.warn("the end of commit {id} is not known: {error}", id=landed.id, error=failure.value))

    async def _commit(self, batch: Sequence[Pending]) -> Optional[Landed]:
        """
        Make a commit. One that PFS refuses is taken back. It is made again if its content is not to blame: pachd refuses what it was
        validating when it lost a lease.
        """
        token = batch[0].token
        for _ in range(ATTEMPTS):
            try:
                landed = await self._make(batch, token)
            except NotApplied:
                _log.info("a commit on {branch} has to be tried again", branch=name_of(self._branch))
                continue
            if landed is None or not landed.error:
                return landed
            _log.warn("commit {id} on {branch} was refused: {error}", id=landed.id, branch=name_of(self._branch), error=landed.error)
            await undo(self._pfs, self._branch, self._head, landed.id, token)
            if kind_of(Status.UNKNOWN, landed.error) is not Kind.CANCELLED:
                return landed
        raise ServiceUnavailable(f"Others write to {name_of(self._branch)} all the time, or Pachyderm is overloaded. Try again soon.")

    async def _make(self, batch: Sequence[Pending], token: Optional[str]) -> Optional[Landed]:
        if batch[0].decide is None:
            return await (self._open or self._commits).make([pending.change for pending in batch], token)
        if self._open is not None:
            await self._open.settle(token)
        return await self._marked.make(batch, token)

    async def _sort_out(self, batch: Sequence[Pending], refused: Landed) -> None:
        """
        Refuse those whose change cannot follow the commit before the refused one, and commit the others.
        """
        reasons = await collisions(self._contents, refused.parent, [pending.change for pending in batch], batch[0].token)
        for pending, reason in zip(batch, reasons, strict=True):
            pending.outcome = reason
        if any(reasons):
            await self._apply(batch)
        else:
            await self._halve(batch, InternalError(f"Pachyderm refused the commit: {refused.error}"))

    async def _halve(self, batch: Sequence[Pending], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].outcome = error
            return
        middle = len(batch) // 2
        await self._apply(batch[:middle])
        await self._apply(batch[middle:])
