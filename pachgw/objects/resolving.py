"""
From a bucket's name to the commit that one request sees.

A branch's head is asked of PFS for each request (by a call that begins after the request came, see
L{SharedCalls<pachgw.objects.sharing.SharedCalls>}) and never remembered. The head is read at once, even while it is open:
that is what PFS itself shows. One request sees the commit that it was told, from start to end.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pachgw.objects.ancestry import Ancestry
from pachgw.objects.failures import s3_error
from pachgw.objects.indexes import CommitName
from pachgw.objects.paths import PLAIN, Names
from pachgw.objects.rights import Rights
from pachgw.objects.sharing import SharedCalls, beside
from pachgw.objects.values import Caller
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket, is_commit_id
from pachgw.s3.errors import InvalidArgument, NoSuchBucket, NoSuchVersion, S3Error

OWN_BRANCH = "_pachgw_"
"""
The branch of each repo on which the gateway keeps what PFS cannot hold. It is no bucket.
"""


_SEEN = 1000


@dataclass(frozen=True)
class Snapshot:
    """
    What one request sees: a commit, which it may read.

    @ivar commit: its id.
    @ivar branch: the branch of the bucket, as it was when the request came.
    """

    project: str
    repo: str
    commit: str
    branch: pfs.BranchInfo

    @property
    def name(self) -> CommitName:
        """
        The commit's name among those of all repos.
        """
        return CommitName(self.project, self.repo, self.commit)

    def file(self, path: str) -> pfs.File:
        """
        A path in the commit.
        """
        return messages.file(self.named(self.commit), path)

    def named(self, id: str) -> pfs.Commit:
        """
        A commit of the branch. It is named with the branch, because pachd 2.12 panics at one that is missing and has none.
        """
        return messages.commit(messages.repo(self.project, self.repo), id, self.branch.branch.name)


class _BranchKey(NamedTuple):
    token: Optional[str]
    project: str
    repo: str
    name: str


class _CommitKey(NamedTuple):
    token: Optional[str]
    project: str
    repo: str
    branch: str
    id: str


class Resolver:
    """
    Finds branches and commits, and checks the right to them beside.

    @ivar names: how keys become paths.
    """

    def __init__(self, pfs: IPFS, rights: Rights, names: Names = PLAIN) -> None:
        self.names = names
        self._pfs = pfs
        self._rights = rights
        self._ancestry = Ancestry(pfs)
        self._seen: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._branches = SharedCalls(self._inspect_branch)
        self._commits = SharedCalls(self._inspect_commit)

    def resolve(self, caller: Caller, bucket: Bucket, permissions: tuple[int, ...], version: Optional[str] = None) -> Deferred[Snapshot]:
        """
        The commit that a request for a bucket reads, when the caller holds C{permissions} on its repo.

        @param version: the commit to read instead, if it is in the bucket's history.
        @raise NoSuchBucket: there is no such repo, branch or commit, or the commit is not in the branch's history.
        @raise NoSuchVersion: the version is not in the bucket's history.
        @raise InvalidArgument: the version has not the form of a commit's id.
        """
        return Deferred.fromCoroutine(self._resolve(caller, bucket, permissions, version))

    def branch(self, caller: Caller, bucket: Bucket) -> Deferred[pfs.BranchInfo]:
        """
        The bucket's branch as it is now. This is no check of a right.

        @raise NoSuchBucket: there is none.
        """
        return Deferred.fromCoroutine(self._branch(caller, bucket))

    async def own(self, caller: Caller, bucket: Bucket) -> Optional[Snapshot]:
        """
        The head of the gateway's own branch beside a bucket, C{None} if there is none yet. This is no check of a right.

        @raise PFSError: PFS cannot be asked.
        """
        try:
            branch = await self._branches.get(_BranchKey(caller.token, bucket.project, bucket.repo, OWN_BRANCH))
        except PFSError as error:
            if error.status is Status.NOT_FOUND:
                return None
            raise
        return Snapshot(bucket.project, bucket.repo, branch.head.id, branch)

    async def _resolve(self, caller: Caller, bucket: Bucket, permissions: tuple[int, ...], version: Optional[str]) -> Snapshot:
        if version is not None and not is_commit_id(version):
            raise InvalidArgument("Invalid version id specified: it must be a commit's id, 32 hex digits.", ArgumentName="versionId")
        allowed = self._rights.check(caller, bucket.project, bucket.repo, permissions)
        found, _ = await beside(self._find(caller, bucket, version), allowed)
        return found

    async def _find(self, caller: Caller, bucket: Bucket, version: Optional[str]) -> Snapshot:
        """
        The commit, with the calls that it takes made at the same time.
        """
        wanted = [(id, missing) for id, missing in ((bucket.commit, NoSuchBucket), (version, NoSuchVersion)) if id is not None]
        likely = self._seen.get(_place(bucket))
        early = {id: self._exists(caller, bucket, id) for id, _ in wanted if id != likely}
        try:
            branch = await self._branch(caller, bucket)
            tip = branch.head.id
            for id, missing in wanted:
                if id != tip and not await self._leads_to(caller, bucket, tip, id, early.pop(id, None)):
                    raise missing
                tip = id
        except PFSError as error:
            raise s3_error(error) from error
        finally:
            for call in early.values():
                call.addErrback(lambda _: None)
                call.cancel()
        self._saw(bucket, branch)
        return Snapshot(bucket.project, bucket.repo, tip, branch)

    async def _leads_to(self, caller: Caller, bucket: Bucket, tip: str, id: str, exists: Optional[Deferred[bool]]) -> bool:
        """
        Whether a commit is there and in a history.
        """
        there = await (exists or self._exists(caller, bucket, id))
        return there and await self._ancestry.holds(caller, bucket, tip, id)

    def _saw(self, bucket: Bucket, branch: pfs.BranchInfo) -> None:
        """
        Remember a head, as a guess at what the next request's calls will be; never as an answer.
        """
        self._seen[_place(bucket)] = branch.head.id
        while len(self._seen) > _SEEN:
            self._seen.popitem(last=False)

    async def _branch(self, caller: Caller, bucket: Bucket) -> pfs.BranchInfo:
        if bucket.branch == OWN_BRANCH:
            raise NoSuchBucket(BucketName=bucket.name)
        try:
            return await self._branches.get(_BranchKey(caller.token, bucket.project, bucket.repo, bucket.branch))
        except PFSError as error:
            raise no_bucket(error, bucket) from error

    def _exists(self, caller: Caller, bucket: Bucket, id: str) -> Deferred[bool]:
        """
        Whether the repo holds a commit.
        """
        found = self._commits.get(_CommitKey(caller.token, bucket.project, bucket.repo, bucket.branch, id))
        return found.addCallbacks(lambda _: True, _missing)

    def _inspect_branch(self, key: _BranchKey) -> Deferred[pfs.BranchInfo]:
        return self._pfs.call(methods.INSPECT_BRANCH, _branch_request(key.project, key.repo, key.name), key.token)

    def _inspect_commit(self, key: _CommitKey) -> Deferred[pfs.CommitInfo]:
        commit = messages.commit(messages.repo(key.project, key.repo), key.id, key.branch)
        return self._pfs.call(methods.INSPECT_COMMIT, pfs.InspectCommitRequest(commit=commit), key.token)


@lru_cache(maxsize=_SEEN)
def _branch_request(project: str, repo: str, name: str) -> pfs.InspectBranchRequest:
    """
    What every request asks. Nobody changes it.
    """
    return pfs.InspectBranchRequest(branch=messages.branch(messages.repo(project, repo), name))


def _place(bucket: Bucket) -> tuple[str, str, str]:
    return bucket.project, bucket.repo, bucket.branch


def _missing(failure: Failure) -> bool:
    """
    That something is not there is an answer.
    """
    if isinstance(failure.value, PFSError) and failure.value.status is Status.NOT_FOUND:
        return False
    failure.raiseException()


def no_bucket(error: PFSError, bucket: Bucket) -> S3Error:
    """
    What to answer when PFS refuses to show a branch.
    """
    if error.status is Status.NOT_FOUND:
        return NoSuchBucket(BucketName=bucket.name)
    return s3_error(error)
