"""
One commit on a branch for a batch of changes: made by ModifyFile, which leaves nothing open when the gateway dies.

ModifyFile does not say which commit it made, and the head after it may be somebody else's. If the head after it follows the head
before it, it is ours. Otherwise, and when the answer got lost, the commits since then are looked at, oldest first: the first that
holds everything that was written is the one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.objects.changes import Change, Landed
from pachgw.objects.contents import Contents
from pachgw.objects.heads import MARK, Head
from pachgw.objects.modifications import Sending
from pachgw.objects.persisting import SEARCH, UNSURE, persistently
from pachgw.objects.recent import commits_since
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit
from pachgw.pfs.methods import INSPECT_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import ServiceUnavailable

SETTLING = 2.0
"""
Seconds after which a call that got lost is no longer going to be applied.
"""

FINISHING = 3600.0
"""
Seconds to wait until PFS has compacted and validated a commit. For what was uploaded in many small parts it reads all the bytes.
"""

_PAUSE = 0.5


class NotApplied(Exception):
    """
    A commit was not made, for a reason that may have gone: it may be tried again.
    """


class Commits:
    """
    Makes commits on one branch.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, branch: pfs.Branch, head: Head, accepted: bool = False) -> None:
        """
        @param accepted: be content when PFS has taken the commit, without waiting until it is finished.
        """
        self._pfs = ipfs
        self._clock = clock
        self._branch = branch
        self._head = head
        self._accepted = accepted
        self._contents = Contents(ipfs, branch.repo)

    async def make(self, changes: Sequence[Change], token: Optional[str]) -> Landed:
        """
        Commit some changes.

        @return: the commit, which may have been refused by its validation.
        @raise NotApplied: the call got lost and was not applied, or somebody else's commit was in the way.
        @raise PFSError: PFS refuses; nothing was changed.
        @raise ServiceUnavailable: PFS is away, and nobody knows what became of the call.
        """
        before = await self._head.writable(token)
        if before and any(change.directories for change in changes):
            await self.finished(before, token)
        sending = Sending(self._pfs, commit(self._branch.repo, branch_name=self._branch.name), token)
        try:
            await sending.run(changes)
        except PFSError as error:
            if error.kind is Kind.NOT_FINISHED:
                raise NotApplied from error
            if not sending.finishing or error.status not in UNSURE:
                raise
        else:
            landed = await self._next(before, changes, token)
            if landed is not None:
                return landed
        return await self._find(before, changes, token)

    async def finished(self, id: str, token: Optional[str]) -> Landed:
        """
        Wait until a commit is finished, and see how it ended.
        """
        request = pfs.InspectCommitRequest(commit=self._id(id), wait=pfs.FINISHED)
        info = await persistently(self._clock, lambda: self._pfs.call(INSPECT_COMMIT, request, token, FINISHING))
        self._head.closed(id)
        return Landed.of(info)

    async def _next(self, before: str, changes: Sequence[Change], token: Optional[str]) -> Optional[Landed]:
        """
        The head, if it is the commit that was made on C{before}.
        """
        request = pfs.InspectCommitRequest(commit=commit(self._branch.repo, branch_name=self._branch.name))
        if not self._accepted:
            request.wait = pfs.FINISHED
        try:
            info = await self._pfs.call(INSPECT_COMMIT, request, token, FINISHING)
        except PFSError as error:
            if error.status not in UNSURE:
                raise
            return None
        if info.parent_commit.id != before or info.description.startswith(MARK):
            return None
        self._head.closed(info.commit.id)
        return Landed.of(info)

    async def _find(self, before: str, changes: Sequence[Change], token: Optional[str]) -> Landed:
        """
        Look for the commit among those since C{before}, until it is there, or would be there.
        """
        began = self._clock.seconds()
        looked = False
        while True:
            try:
                head = await self._head.current(token)
                for id in await commits_since(self._pfs, self._branch, before, head, token):
                    if await self._contents.hold(id, changes, token):
                        return await self.finished(id, token)
                if looked and self._clock.seconds() - began >= SETTLING:
                    raise NotApplied
                looked = True
            except PFSError as error:
                if error.status not in UNSURE:
                    raise
                if self._clock.seconds() - began >= SEARCH:
                    raise ServiceUnavailable("Pachyderm is away, and it is not known whether it has this write. Try again soon.") from error
            await deferLater(self._clock, _PAUSE)

    def _id(self, id: str) -> pfs.Commit:
        return commit(self._branch.repo, id, self._branch.name)
