"""
Buckets: the branches of repos.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred

from pachgw.objects.failures import s3_error
from pachgw.objects.resolving import OWN_BRANCH, Resolver, Snapshot
from pachgw.objects.rights import LIST
from pachgw.objects.values import BucketEntry, Caller
from pachgw.objects.walking import WalkReader
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket, is_commit_id
from pachgw.s3.errors import (
    AccessDenied,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    InvalidBucketName,
    MethodNotAllowed,
    NoSuchBucket,
)


class Buckets:
    """
    Lists, makes and removes buckets.
    """

    def __init__(self, ipfs: IPFS, resolver: Resolver) -> None:
        self._pfs = ipfs
        self._resolver = resolver

    def list(self, caller: Caller) -> Deferred[Sequence[BucketEntry]]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return Deferred.fromCoroutine(self._list(caller))

    def create(self, caller: Caller, bucket: Bucket) -> Deferred[None]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.

        @raise NoSuchBucket: there is no such project.
        """
        return Deferred.fromCoroutine(self._create(caller, bucket))

    def delete(self, caller: Caller, bucket: Bucket) -> Deferred[None]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.

        @raise InvalidBucketState: another branch comes from it.
        """
        return Deferred.fromCoroutine(self._delete(caller, bucket))

    def head(self, caller: Caller, bucket: Bucket) -> Deferred[None]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return self._resolver.resolve(caller, bucket, LIST).addCallback(lambda _: None)

    async def _list(self, caller: Caller) -> Sequence[BucketEntry]:
        stream = self._pfs.stream(methods.LIST_REPO, pfs.ListRepoRequest(type="user"), caller.token)
        entries: list[BucketEntry] = []
        try:
            while infos := await stream.read():
                for info in infos:
                    entries.extend(_entries(info))
        except PFSError as error:
            raise s3_error(error) from error
        finally:
            stream.cancel()
        return sorted(entries, key=lambda entry: entry.name)

    async def _create(self, caller: Caller, bucket: Bucket) -> None:
        _refuse_commit(bucket)
        if bucket.branch == OWN_BRANCH or is_commit_id(bucket.branch):
            raise InvalidBucketName(f"A branch named {bucket.branch!r} cannot be a bucket. Choose another name.", BucketName=bucket.name)
        repo = messages.repo(bucket.project, bucket.repo)
        made = await self._make_repo(caller, repo)
        try:
            if not made and await self._has_branch(caller, bucket):
                raise BucketAlreadyOwnedByYou(BucketName=bucket.name)
            request = pfs.CreateBranchRequest(branch=messages.branch(repo, bucket.branch))
            await self._pfs.call(methods.CREATE_BRANCH, request, caller.token)
        except PFSError as error:
            raise s3_error(error) from error

    async def _make_repo(self, caller: Caller, repo: pfs.Repo) -> bool:
        """
        Make the repo.

        @return: whether it was missing.
        """
        try:
            await self._pfs.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=repo), caller.token)
        except PFSError as error:
            if error.status is Status.ALREADY_EXISTS:
                return False
            if error.status is Status.NOT_FOUND:
                raise NoSuchBucket(f"There is no project {repo.project.name!r}. Create it first (pachctl create project).") from error
            raise s3_error(error) from error
        return True

    async def _has_branch(self, caller: Caller, bucket: Bucket) -> bool:
        try:
            await self._resolver.branch(caller, bucket)
        except NoSuchBucket:
            return False
        return True

    async def _delete(self, caller: Caller, bucket: Bucket) -> None:
        _refuse_commit(bucket)
        snapshot = await self._resolver.resolve(caller, bucket, (auth.REPO_DELETE_BRANCH,))
        repo = messages.repo(bucket.project, bucket.repo)
        try:
            if await self._has_files(caller, snapshot):
                raise BucketNotEmpty(BucketName=bucket.name)
            branches = await self._branches(caller, repo)
            if branches - {OWN_BRANCH} <= {bucket.branch}:
                await self._delete_repo(caller, repo)
            else:
                request = pfs.DeleteBranchRequest(branch=messages.branch(repo, bucket.branch))
                await self._pfs.call(methods.DELETE_BRANCH, request, caller.token)
        except PFSError as error:
            raise s3_error(error) from error

    async def _has_files(self, caller: Caller, snapshot: Snapshot) -> bool:
        cursor = WalkReader(self._pfs, caller, snapshot, 0.0, number=2)
        try:
            return bool(await cursor.read(1))
        finally:
            cursor.close()

    async def _branches(self, caller: Caller, repo: pfs.Repo) -> set[str]:
        info = await self._pfs.call(methods.INSPECT_REPO, pfs.InspectRepoRequest(repo=repo), caller.token)
        return {branch.name for branch in info.branches}

    async def _delete_repo(self, caller: Caller, repo: pfs.Repo) -> None:
        """
        Delete a repo. PFS says nothing of a missing right but that it has not done it.
        """
        answer = await self._pfs.call(methods.DELETE_REPO, pfs.DeleteRepoRequest(repo=repo), caller.token)
        if not answer.deleted:
            raise AccessDenied(f"You may not delete the repo {repo.name}, of which this is the last branch.")


def _refuse_commit(bucket: Bucket) -> None:
    if bucket.commit is not None:
        branch = Bucket(bucket.project, bucket.repo, bucket.branch)
        raise MethodNotAllowed(f"A commit's bucket is read-only. The bucket of its branch is {branch.name}.")


def _entries(info: pfs.RepoInfo) -> list[BucketEntry]:
    """
    The buckets of a repo that the caller may list. With auth off PFS tells no rights, and there are none to hold.
    """
    if info.HasField("auth_info") and auth.REPO_LIST_FILE not in info.auth_info.permissions:
        return []
    project, repo = info.repo.project.name, info.repo.name
    created = messages.seconds(info.created)
    names = [branch.name for branch in info.branches if branch.name != OWN_BRANCH and not is_commit_id(branch.name)]
    return [BucketEntry(Bucket(project, repo, name).name, created) for name in names]
