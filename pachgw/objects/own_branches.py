"""
The gateway's own branch of each repo: reading what is kept there.
"""

from __future__ import annotations

from typing import Optional

from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet.defer import Deferred

from pachgw.objects.destinations import own_branch
from pachgw.objects.resolving import OWN_BRANCH, Snapshot
from pachgw.objects.tar_contents import tar_contents
from pachgw.objects.values import Caller
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Buffer, Content, Messages
from pachgw.pfs.messages import commit, file
from pachgw.pfs.methods import GET_FILE_TAR, INSPECT_BRANCH, LIST_FILE
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.errors import SlowDown

LIMIT = 64 * 1024 * 1024
"""
The most bytes of records that one request may read.
"""

_MISSING = frozenset({Kind.REPO_NOT_FOUND, Kind.BRANCH_NOT_FOUND, Kind.COMMIT_NOT_FOUND, Kind.FILE_NOT_FOUND})


def own_snapshot(bucket: Bucket, id: str) -> Snapshot:
    """
    A commit of the branch beside a bucket, to be read file by file.
    """
    return Snapshot(bucket.project, bucket.repo, id, pfs.BranchInfo(branch=own_branch(bucket)))


class OwnBranches:
    """
    Reads the gateway's own branches. One that is not there is empty.
    """

    def __init__(self, ipfs: IPFS) -> None:
        self._pfs = ipfs

    async def snapshot(self, caller: Caller, bucket: Bucket) -> Optional[Snapshot]:
        """
        The head beside a bucket, C{None} if there is none yet.
        """
        try:
            info = await self._pfs.call(INSPECT_BRANCH, pfs.InspectBranchRequest(branch=own_branch(bucket)), caller.token)
        except PFSError as error:
            if error.kind in _MISSING:
                return None
            raise
        return own_snapshot(bucket, info.head.id)

    async def read(self, caller: Caller, bucket: Bucket, pattern: str, id: str = "") -> bytes:
        """
        The contents of the files that a glob of ours matches, one after the other.

        @param id: of the commit to read, the head if it is not given.
        @return: empty if there are none.
        """
        where = commit(own_branch(bucket).repo, id, None if id else OWN_BRANCH)
        request = pfs.GetFileRequest(file=file(where, pattern))
        try:
            if "*" not in pattern:
                return await _gather(self._pfs.content(request, caller.token))
            archive = await _gather(_Values(self._pfs.stream(GET_FILE_TAR, request, caller.token)))
            return tar_contents(archive)
        except PFSError as error:
            if error.kind not in _MISSING:
                raise
            return b""

    async def names(self, caller: Caller, bucket: Bucket, directory: str) -> list[str]:
        """
        The names of what is in a directory of the head.

        @return: empty if there is nothing.
        """
        where = file(commit(own_branch(bucket).repo, branch_name=OWN_BRANCH), directory)
        stream = self._pfs.stream(LIST_FILE, pfs.ListFileRequest(file=where), caller.token)
        found: list[str] = []
        try:
            while infos := await stream.read():
                found.extend(info.file.path.rstrip("/").rpartition("/")[2] for info in infos)
        except PFSError as error:
            if error.kind not in _MISSING:
                raise
        finally:
            stream.cancel()
        return found


class _Values:
    """
    Messages of bytes as content.
    """

    def __init__(self, messages: Messages[BytesValue]) -> None:
        self._messages = messages

    def read(self) -> Deferred[list[Buffer]]:
        """
        See L{Content}.
        """
        return self._messages.read().addCallback(lambda messages: [message.value for message in messages])

    def cancel(self) -> None:
        """
        See L{Content}.
        """
        self._messages.cancel()


async def _gather(stream: Content) -> bytes:
    buffers: list[Buffer] = []
    size = 0
    try:
        while pieces := await stream.read():
            buffers.extend(pieces)
            size += sum(map(len, pieces))
            if size > LIMIT:
                raise SlowDown("There are too many uploads under way in this repo. Complete or abort some.")
    finally:
        stream.cancel()
    return b"".join(buffers)
