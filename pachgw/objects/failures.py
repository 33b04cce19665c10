"""
What an error of PFS becomes in S3: one table, from L{Kind} to an error of S3 that tells the person what to do.
"""

from __future__ import annotations

from typing import Optional

import txaio

from pachgw.pfs.errors import Kind, PFSError
from pachgw.s3 import errors as s3

log = txaio.make_logger()

TABLE: dict[Kind, tuple[type[s3.S3Error], str]] = {
    Kind.PROJECT_NOT_FOUND: (s3.NoSuchBucket, "The bucket does not exist: Pachyderm has no such project."),
    Kind.REPO_NOT_FOUND: (s3.NoSuchBucket, "The bucket does not exist: there is no such repo. Create the bucket first."),
    Kind.BRANCH_NOT_FOUND: (s3.NoSuchBucket, "The bucket does not exist: the repo has no such branch. Create the bucket first."),
    Kind.NO_ROLES: (s3.NoSuchBucket, "The bucket does not exist: there is no such repo. Create the bucket first."),
    Kind.COMMIT_NOT_FOUND: (s3.NoSuchVersion, ""),
    Kind.FILE_NOT_FOUND: (s3.NoSuchKey, ""),
    Kind.IS_DIRECTORY: (s3.NoSuchKey, "There is no object under this key, but a directory. List the bucket with this prefix."),
    Kind.FILE_SET_GONE: (s3.ServiceUnavailable, "What was uploaded has waited too long and has expired. Send it again."),
    Kind.ALREADY_EXISTS: (s3.BucketAlreadyOwnedByYou, ""),
    Kind.NOT_EMPTY: (s3.BucketNotEmpty, "It still holds repos. Delete them first."),
    Kind.BAD_NAME: (s3.InvalidBucketName, "Names of projects, repos and branches are ASCII letters, digits, '_' and '-'."),
    Kind.BAD_PATH: (
        s3.InvalidFilePath,
        "PFS cannot store this key: keys are printable ASCII without * ? [ ] { } ! ( ) @ + ^ and without segments '.' and '..'.",
    ),
    Kind.COLLISION: (
        s3.ObjectParentIsFile,
        "PFS cannot hold an object under a key and others below it, as 'a' and 'a/b'. Delete one of them, or choose another key.",
    ),
    Kind.DUPLICATE: (
        s3.InvalidBucketState,
        "The object holds content with a datum tag, so PFS cannot replace it. Delete it with its tag (pachctl), then try again.",
    ),
    Kind.OUTPUT_BRANCH: (s3.WriteToOutputBranch, ""),
    Kind.IN_PROVENANCE: (
        s3.InvalidBucketState,
        "Another branch comes from this one (provenance). Delete that one, or its pipeline, first.",
    ),
    Kind.HAS_CHILDREN: (s3.InvalidBucketState, "Later commits build on this one."),
    Kind.NOT_FINISHED: (
        s3.OperationAborted,
        "Somebody has a commit open on this branch. Finish it (pachctl finish commit) or wait until it is finished, then try again.",
    ),
    Kind.ALREADY_FINISHED: (s3.OperationAborted, "The commit was finished by somebody else meanwhile. Try again."),
    Kind.COMMIT_FAILED: (s3.InvalidBucketState, "The commit holds an error, so its files cannot be read. Use another commit."),
    Kind.UNAUTHENTICATED: (s3.InvalidAccessKeyId, ""),
    Kind.PERMISSION_DENIED: (s3.AccessDenied, ""),
    Kind.UNIMPLEMENTED: (s3.NotImplemented, "This Pachyderm is too old for what was asked. See docs/compatibility.rst."),
    Kind.OVERLOADED: (s3.SlowDown, ""),
    Kind.ABORTED: (s3.OperationAborted, ""),
    Kind.CANCELLED: (s3.ServiceUnavailable, "The gateway is stopping. Try again soon, or at another gateway."),
    Kind.DEADLINE: (s3.ServiceUnavailable, "Pachyderm did not answer in time; a write may have been done or not. Look, or try again."),
    Kind.UNAVAILABLE: (s3.ServiceUnavailable, ""),
    Kind.AUTH_OFF: (s3.InternalError, ""),
    Kind.UNRECOGNISED: (s3.InternalError, ""),
}
"""
An empty message stands for the class's own.
"""

_RETRIED = {Kind.UNAVAILABLE, Kind.DEADLINE, Kind.OVERLOADED}


def s3_error(error: PFSError) -> s3.S3Error:
    """
    The answer to a request that PFS has refused. PFS's own text never gets out; where S3 has no answer for it, it is logged.

    @return: an error not yet raised. Where the operation knows better than the kind alone what is meant, such as
        which of the two keys of a collision is at fault, it makes its own.
    """
    kind = error.kind
    factory, message = TABLE[kind]
    if factory is s3.InternalError:
        log.error("an error of PFS that S3 has no answer for: {error}", error=str(error))
    elif kind in _RETRIED:
        log.warn("PFS did not answer: {error}", error=str(error))
    return factory(message)


def known_error(error: Exception) -> Optional[s3.S3Error]:
    """
    The answer to a request that has failed in any way, C{None} if the failure is ours.
    """
    if isinstance(error, PFSError):
        return s3_error(error)
    return error if isinstance(error, s3.S3Error) else None


def reading_error(error: PFSError) -> s3.S3Error:
    """
    As L{s3_error}, for requests that only read: a collision of a file with a directory is not their own fault, but one in the commit.
    """
    if error.kind is Kind.COLLISION:
        return s3.InvalidBucketState(TABLE[Kind.COMMIT_FAILED][1])
    return s3_error(error)
