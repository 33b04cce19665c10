"""
Whether a branch may be written to now: never into somebody else's open commit, never into an output branch.
"""

from __future__ import annotations

from typing import Optional

import txaio
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit, seconds
from pachgw.pfs.methods import FINISH_COMMIT, INSPECT_BRANCH, INSPECT_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.status import Status
from pachgw.s3.errors import NoSuchBucket, ServiceUnavailable, WriteToOutputBranch

MARK = "pachgw conditional write"
"""
How the description of a commit begins that a gateway opened for a conditional write. Any gateway may finish one that was left open.
"""

ABANDONED = 30.0
"""
Seconds after which a marked commit that is still open has been left by its maker.
"""

SHARED_MARK = "pachgw keeps this open for a while"
"""
The description of a commit on the gateway's own branch that stays open for some seconds. Any gateway may finish it at any time: see
L{OpenCommits<pachgw.objects.open_commits.OpenCommits>}.
"""

GRACE = 0.25
"""
Seconds for which another gateway's commit of this kind is left open, so that what it was opened for gets into it.
"""

PATIENCE = 10.0
"""
Seconds to wait for somebody else's open commit.
"""

_PAUSE = 0.25

_log = txaio.make_logger()


def name_of(branch: pfs.Branch) -> str:
    """
    A branch as people write it: C{project/repo@branch}.
    """
    return f"{branch.repo.project.name}/{branch.repo.name}@{branch.name}"


def refuse_output(info: pfs.BranchInfo) -> None:
    """
    Refuse to write where a pipeline writes.

    @raise WriteToOutputBranch: the branch comes from others.
    """
    if info.direct_provenance:
        sources = ", ".join(name_of(source) for source in info.direct_provenance)
        raise WriteToOutputBranch(f"cannot start a commit on an output branch: {name_of(info.branch)} comes from {sources}")


async def finish(ipfs: IPFS, target: pfs.Commit, token: Optional[str]) -> None:
    """
    Finish a commit, unless that has been done.
    """
    try:
        await ipfs.call(FINISH_COMMIT, pfs.FinishCommitRequest(commit=target), token)
    except PFSError as error:
        if error.kind is not Kind.ALREADY_FINISHED:
            raise


async def finish_left_open(ipfs: IPFS, clock: IReactorTime, info: pfs.CommitInfo, token: Optional[str]) -> None:
    """
    Finish a commit with L{SHARED_MARK} if it was left open by a gateway that died, and the caller may. Until then it can be read, but has
    no index.
    """
    if clock.seconds() - seconds(info.started) >= ABANDONED:
        try:
            await finish(ipfs, info.commit, token)
        except PFSError as error:
            _log.info("commit {id} is left open: {error}", id=info.commit.id, error=error)


class Head:
    """
    The head of one branch, seen by a writer.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, branch: pfs.Branch, create: bool = False) -> None:
        """
        @param create: whether the branch may be missing, and is then made by the first write.
        """
        self._pfs = ipfs
        self._clock = clock
        self._branch = branch
        self._create = create
        self._closed = ""

    def closed(self, id: str) -> None:
        """
        Remember that a commit is closed, which saves asking.
        """
        self._closed = id

    async def writable(self, token: Optional[str]) -> str:
        """
        Wait for a head that a new commit can follow.

        @return: the head's id, empty for a branch that is not there yet.
        @raise WriteToOutputBranch: the branch is written by a pipeline.
        @raise ServiceUnavailable: an open commit of somebody else has been in the way for too long.
        @raise NoSuchBucket: there is no such branch.
        """
        began = self._clock.seconds()
        while True:
            head = await self.current(token)
            if not head or head == self._closed:
                return head
            info = await self._pfs.call(INSPECT_COMMIT, pfs.InspectCommitRequest(commit=self._commit(head)), token)
            if info.HasField("finishing") or info.HasField("finished"):
                self._closed = head
                return head
            waited = self._clock.seconds() - began
            if self._abandoned(info) or (info.description == SHARED_MARK and waited >= GRACE):
                await finish(self._pfs, self._commit(head), token)
            elif waited >= PATIENCE:
                raise ServiceUnavailable(
                    f"Commit {head} on {name_of(self._branch)} was started by somebody else and is still open. "
                    "Finish it (pachctl finish commit), or try again when it is finished."
                )
            else:
                await deferLater(self._clock, _PAUSE)

    async def current(self, token: Optional[str]) -> str:
        """
        The id of the head as it is, empty for a branch that is not there yet.

        @raise WriteToOutputBranch: as L{writable}.
        """
        try:
            info = await self._pfs.call(INSPECT_BRANCH, pfs.InspectBranchRequest(branch=self._branch), token)
        except PFSError as error:
            if error.status is not Status.NOT_FOUND:
                raise
            if self._create:
                return ""
            raise NoSuchBucket(BucketName=f"{self._branch.name}.{self._branch.repo.name}") from error
        refuse_output(info)
        return info.head.id

    def _commit(self, id: str) -> pfs.Commit:
        return commit(self._branch.repo, id, self._branch.name)

    def _abandoned(self, info: pfs.CommitInfo) -> bool:
        age = self._clock.seconds() - seconds(info.started)
        return info.description.startswith(MARK) and age >= ABANDONED
