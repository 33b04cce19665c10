"""
Where a request may write.
"""

from __future__ import annotations

from dataclasses import dataclass

from pachgw.objects.heads import refuse_output
from pachgw.objects.resolving import OWN_BRANCH, Resolver, Snapshot
from pachgw.objects.rights import WRITE
from pachgw.objects.values import Caller
from pachgw.pfs.messages import branch, repo
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.errors import MethodNotAllowed


@dataclass(frozen=True)
class Place:
    """
    A key to which a caller may write.

    @ivar snapshot: the bucket as it was when the request came.
    @ivar path: the key's path in PFS.
    """

    caller: Caller
    bucket: Bucket
    snapshot: Snapshot
    key: str
    path: str


async def place(resolver: Resolver, caller: Caller, bucket: Bucket, key: str) -> Place:
    """
    A key of a bucket, if PFS can hold it and the caller may write it.

    @raise S3Error: as L{destination}, or the key is none.
    """
    resolver.names.check(key)
    return Place(caller, bucket, await destination(resolver, caller, bucket), key, resolver.names.path(key))


async def destination(resolver: Resolver, caller: Caller, bucket: Bucket) -> Snapshot:
    """
    The bucket's branch as it is, if the caller may write to it.

    @raise MethodNotAllowed: it is a commit's bucket.
    @raise WriteToOutputBranch: a pipeline writes it.
    @raise S3Error: it does not exist, or the caller may not.
    """
    if bucket.commit is not None:
        name = Bucket(bucket.project, bucket.repo, bucket.branch).name
        raise MethodNotAllowed(f"A commit does not change. Write to its branch, the bucket {name!r}.")
    snapshot = await resolver.resolve(caller, bucket, WRITE)
    refuse_output(snapshot.branch)
    return snapshot


def branch_of(bucket: Bucket) -> pfs.Branch:
    """
    The branch of a bucket.
    """
    return branch(repo(bucket.project, bucket.repo), bucket.branch)


def own_branch(bucket: Bucket) -> pfs.Branch:
    """
    The hidden branch beside a bucket's.
    """
    return branch(repo(bucket.project, bucket.repo), OWN_BRANCH)
