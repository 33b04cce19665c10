"""
Whether a commit lies in the history of another.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred

from pachgw.objects.sharing import SharedCalls
from pachgw.objects.values import Caller
from pachgw.pfs import messages, methods
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket


class _Question(NamedTuple):
    caller: Caller
    project: str
    repo: str
    branch: str
    tip: str
    commit: str


class Ancestry:
    """
    Remembers what it has found: between two commits that exist the answer never changes. That they do exist, the asker must know.
    """

    def __init__(self, pfs: IPFS, limit: int = 10_000) -> None:
        """
        @param limit: how many answers are kept.
        """
        self._pfs = pfs
        self._limit = limit
        self._known: OrderedDict[tuple[str, str, str, str], bool] = OrderedDict()
        self._walks: SharedCalls[_Question, bool] = SharedCalls(lambda question: Deferred.fromCoroutine(self._walk(question)))

    async def holds(self, caller: Caller, bucket: Bucket, tip: str, commit: str) -> bool:
        """
        Whether C{commit} is C{tip} or one of its ancestors.

        @raise PFSError: PFS does not let the caller list commits, or cannot be reached.
        """
        if commit == tip:
            return True
        known = self._known.get((bucket.project, bucket.repo, tip, commit))
        if known is not None:
            return known
        return await self._walks.get(_Question(caller, bucket.project, bucket.repo, bucket.branch, tip, commit))

    async def _walk(self, asked: _Question) -> bool:
        """
        Follow the history from the tip until the commit, or an answer that is known, is met.
        """
        in_repo = messages.repo(asked.project, asked.repo)
        request = pfs.ListCommitRequest(repo=in_repo, to=messages.commit(in_repo, asked.tip, asked.branch))
        answer: Optional[bool] = None
        stream = self._pfs.stream(methods.LIST_COMMIT, request, asked.caller.token)
        try:
            while answer is None and (infos := await stream.read()):
                answer = next((told for told in (self._tells(info, asked) for info in infos) if told is not None), None)
        finally:
            stream.cancel()
        found = bool(answer)
        self._keep(asked, found)
        return found

    def _tells(self, info: pfs.CommitInfo, asked: _Question) -> Optional[bool]:
        """
        What one commit of the tip's history says about the question, if it says anything.
        """
        if asked.commit in (info.commit.id, info.parent_commit.id):
            return True
        return self._known.get((asked.project, asked.repo, info.commit.id, asked.commit))

    def _keep(self, asked: _Question, found: bool) -> None:
        self._known[asked.project, asked.repo, asked.tip, asked.commit] = found
        while len(self._known) > self._limit:
            self._known.popitem(last=False)
