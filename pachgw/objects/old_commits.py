"""
Squashing the old commits of the gateway's own branch, since nobody looks at them: what they alone hold, such as the parts of uploads
that were aborted, takes no space any more.

A request reads the commit that was the head when it came, or one that follows; none lasts a day. So a commit may go a day after another has
followed it. What is squashed twice, by two gateways,
is gone for the second, which then leaves the rest to the first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import txaio
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.objects.destinations import own_branch
from pachgw.objects.occasions import Occasions
from pachgw.objects.values import Caller
from pachgw.pfs import methods
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket

AGE = 24 * 3600.0
"""
Seconds after which a commit is old, from the moment at which it was followed by another.
"""

INTERVAL = 6 * 3600.0
"""
Seconds from one time to the next.
"""

DELAY = 3600.0
"""
Seconds after the first occasion in which a gateway does not look after a repo.
"""

MOST = 50_000
"""
The most commits that are squashed at a time, the oldest ones.
"""

LONGEST = 600.0
"""
Seconds after which the rest is left to the next time. A busy pachd squashes about 2,000 commits in them.
"""

_PAUSE = 0.05

_log = txaio.make_logger()


class OldCommits:
    """
    Squashes old commits of own branches.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._occasions = Occasions(clock, self._look_after, "old commits could not be squashed", INTERVAL, DELAY)

    def consider(self, caller: Caller, bucket: Bucket) -> None:
        """
        Look after a repo, if that has not been done lately. It goes on in the background.
        """
        self._occasions.consider(caller, bucket)

    def close(self) -> None:
        """
        Stop what goes on.
        """
        self._occasions.close()

    async def squash(self, caller: Caller, bucket: Bucket) -> int:
        """
        Squash what is old in a repo.

        @return: how many commits that were.
        @raise PFSError: PFS refuses. What was squashed before stays so.
        """
        heads = await self._heads(caller, bucket)
        if own_branch(bucket).name not in heads:
            return 0
        old = await self._old(caller, bucket, set(heads.values()))
        until = self._clock.seconds() + LONGEST
        for count, id in enumerate(old):
            if self._clock.seconds() >= until:
                return count
            request = pfs.SquashCommitRequest(commit=commit(own_branch(bucket).repo, id, own_branch(bucket).name))
            await self._pfs.call(methods.SQUASH_COMMIT, request, caller.token)
            await deferLater(self._clock, _PAUSE)
        return len(old)

    async def _look_after(self, caller: Caller, bucket: Bucket) -> None:
        squashed = await self.squash(caller, bucket)
        _log.debug("{count} old commits are squashed in {repo}", count=squashed, repo=bucket.repo)

    async def _heads(self, caller: Caller, bucket: Bucket) -> dict[str, str]:
        """
        The head of each branch of the repo: somebody may have put a branch on one of ours.
        """
        stream = self._pfs.stream(methods.LIST_BRANCH, pfs.ListBranchRequest(repo=own_branch(bucket).repo), caller.token)
        found: dict[str, str] = {}
        try:
            while infos := await stream.read():
                found.update((info.branch.name, info.head.id) for info in infos)
        finally:
            stream.cancel()
        return found

    async def _old(self, caller: Caller, bucket: Bucket, heads: set[str]) -> Sequence[str]:
        """
        The commits that may go, oldest first. One that is followed by a commit that is open or was refused is left alone, for that one may
        yet need what it holds.
        """
        own = own_branch(bucket)
        request = pfs.ListCommitRequest(repo=own.repo, to=commit(own.repo, branch_name=own.name))
        before = self._clock.seconds() - AGE
        found: deque[str] = deque(maxlen=MOST)
        followed = False
        stream = self._pfs.stream(methods.LIST_COMMIT, request, caller.token)
        try:
            while infos := await stream.read():
                for info in infos:
                    if followed and info.commit.id not in heads:
                        found.append(info.commit.id)
                    followed = info.HasField("finished") and info.finished.seconds < before and not info.error
        finally:
            stream.cancel()
        return list(found)[::-1]
