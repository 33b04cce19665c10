"""
The commit of conditional writes.

It is started without naming a parent, so that PFS says which one it got: nobody can come in between. Then the conditions are looked at
in that parent, what holds is written, and the commit finished, or dropped when nothing holds. Its description tells other gateways that
they may finish it if this one dies.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Optional

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.objects.batches import Pending
from pachgw.objects.changes import Landed
from pachgw.objects.commits import Commits, NotApplied
from pachgw.objects.contents import Contents
from pachgw.objects.heads import MARK, Head, finish
from pachgw.objects.modifications import Sending
from pachgw.objects.persisting import UNSURE, persistently
from pachgw.objects.sharing import all_of
from pachgw.objects.undoing import drop
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit
from pachgw.pfs.methods import CLEAR_COMMIT, FINISH_COMMIT, INSPECT_COMMIT, START_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import ConditionalRequestConflict, S3Error

_PAUSE = 0.5

_log = txaio.make_logger()


class MarkedCommits:
    """
    Makes commits of conditional writes on one branch.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, branch: pfs.Branch, head: Head, commits: Commits) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._branch = branch
        self._head = head
        self._commits = commits
        self._contents = Contents(ipfs, branch.repo)

    async def make(self, batch: Sequence[Pending], token: Optional[str]) -> Optional[Landed]:
        """
        Commit those of a batch whose conditions hold. The others have their outcome then.

        @return: the commit, or C{None} when nobody's conditions hold.
        @raise NotApplied: somebody else was in the way.
        """
        await self._head.writable(token)
        info = await self._start(token)
        id = info.commit.id
        try:
            await all_of([Deferred.fromCoroutine(_decide(pending, info.parent_commit.id)) for pending in batch])
            going = [pending for pending in batch if pending.open]
            if not going:
                await self._abandon(id, token)
                return None
            await self._write(info.commit, going, token)
        except BaseException:
            await self._abandon(id, token)
            raise
        await persistently(self._clock, lambda: finish(self._pfs, info.commit, token))
        landed = await self._commits.finished(id, token)
        if not landed.error and not await self._contents.hold(id, [pending.change for pending in going], token):
            for pending in going:
                pending.outcome = ConditionalRequestConflict()
        return landed

    async def _start(self, token: Optional[str]) -> pfs.CommitInfo:
        description = f"{MARK} {uuid.uuid4().hex}"
        try:
            started = await self._pfs.call(START_COMMIT, pfs.StartCommitRequest(branch=self._branch, description=description), token)
            return await self._pfs.call(INSPECT_COMMIT, pfs.InspectCommitRequest(commit=started), token)
        except PFSError as error:
            if error.kind is Kind.NOT_FINISHED:
                raise NotApplied from error
            if error.status not in UNSURE:
                raise
        await deferLater(self._clock, _PAUSE)
        info = await self._pfs.call(
            INSPECT_COMMIT, pfs.InspectCommitRequest(commit=commit(self._branch.repo, branch_name=self._branch.name)), token
        )
        if info.description != description:
            raise NotApplied
        return info

    async def _write(self, target: pfs.Commit, going: Sequence[Pending], token: Optional[str]) -> None:
        try:
            await Sending(self._pfs, target, token).run([pending.change for pending in going])
        except PFSError as error:
            if error.status in UNSURE or error.kind is Kind.ALREADY_FINISHED:
                raise NotApplied from error
            raise

    async def _abandon(self, id: str, token: Optional[str]) -> None:
        """
        Take the commit away, or where a pipeline comes from it already finish it empty.
        """
        try:
            await drop(self._pfs, self._branch, id, token)
            return
        except PFSError as error:
            _log.info("commit {id} cannot be dropped, it is finished empty: {error}", id=id, error=error)
        where = commit(self._branch.repo, id, self._branch.name)
        try:
            await self._pfs.call(CLEAR_COMMIT, pfs.ClearCommitRequest(commit=where), token)
            await self._pfs.call(FINISH_COMMIT, pfs.FinishCommitRequest(commit=where), token)
        except PFSError as error:
            _log.info("commit {id} is left open for others to finish: {error}", id=id, error=error)


async def _decide(pending: Pending, parent: str) -> None:
    assert pending.decide is not None
    try:
        pending.change = await pending.decide(parent)
    except S3Error as error:
        pending.outcome = error
