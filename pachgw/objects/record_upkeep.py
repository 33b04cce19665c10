"""
Looking after the records of a repo: which there are, and which describe what no commit holds any more.

A record outlives its object, for old versions have it too. It is left over only when branches or commits were deleted, or when a
gateway died between a record and its object. Finding that out takes a few calls for each record, so it is a command and not done while
serving.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from pachgw.objects.changes import Change
from pachgw.objects.contents import Contents
from pachgw.objects.destinations import own_branch
from pachgw.objects.object_parts import directory_of_parts
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.records import OBJECTS, ObjectRecord, object_records
from pachgw.objects.resolving import OWN_BRANCH
from pachgw.objects.values import Caller
from pachgw.objects.writer import Writer
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Messages
from pachgw.pfs.messages import commit
from pachgw.pfs.methods import FIND_COMMITS, LIST_BRANCH
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket

SETTLED = 3600.0
"""
Seconds after which the object of a record must be there.
"""

Answer = TypeVar("Answer", bound=Message)

_AT_ONCE = 500
_SHARDS = [f"{number:02x}" for number in range(256)]


class RecordUpkeep:
    """
    Looks after the records of one repo.
    """

    def __init__(self, ipfs: IPFS, caller: Caller, project: str, repo: str) -> None:
        self._pfs = ipfs
        self._caller = caller
        self._bucket = Bucket(project, repo, OWN_BRANCH)
        self._branches = OwnBranches(ipfs)
        self._contents = Contents(ipfs, own_branch(self._bucket).repo)

    async def records(self) -> AsyncIterator[ObjectRecord]:
        """
        All records, as the head of the gateway's own branch has them.
        """
        head = await self._branches.head(self._caller, self._bucket)
        for shard in _SHARDS if head is not None else []:
            for record in object_records(await self._branches.read(self._caller, self._bucket, f"{OBJECTS}/{shard}*/*", head or "")):
                yield record

    async def left_over(self, now: float) -> AsyncIterator[ObjectRecord]:
        """
        Those records whose content no commit of a branch holds at their path.

        @param now: seconds since the epoch; what is younger than L{SETTLED} is not judged.
        """
        heads = await self._heads()
        async for record in self.records():
            if record.modified < now - SETTLED and not await self._held(heads, record):
                yield record

    async def collect(self, writer: Writer, now: float) -> int:
        """
        Remove what is left over.

        @return: how many records that were.
        """
        left_over = [record async for record in self.left_over(now)]
        for start in range(0, len(left_over), _AT_ONCE):
            some = left_over[start : start + _AT_ONCE]
            deletes = [path for record in some for path in (record.place, f"{directory_of_parts(record.path, record.hash)}/")]
            await writer.submit(self._caller, own_branch(self._bucket), Change(deletes=tuple(deletes)))
        return len(left_over)

    async def _heads(self) -> Sequence[str]:
        infos = self._pfs.stream(LIST_BRANCH, pfs.ListBranchRequest(repo=own_branch(self._bucket).repo), self._caller.token)
        return [info.head.id async for info in _all(infos) if info.branch.name != OWN_BRANCH]

    async def _held(self, heads: Sequence[str], record: ObjectRecord) -> bool:
        """
        Whether a branch has, or has had, the content at the path.
        """
        for head in heads:
            if await self._has(head, record):
                return True
        for head in heads:
            request = pfs.FindCommitsRequest(start=commit(own_branch(self._bucket).repo, head), file_path=record.path)
            stream = self._pfs.stream(FIND_COMMITS, request, self._caller.token)
            try:
                async for answer in _all(stream):
                    if answer.HasField("found_commit") and await self._has(answer.found_commit.id, record):
                        return True
            finally:
                stream.cancel()
        return False

    async def _has(self, id: str, record: ObjectRecord) -> bool:
        try:
            info = await self._contents.inspect(id, record.path, self._caller.token)
        except PFSError as error:
            if error.kind is not Kind.COLLISION:
                raise
            return True
        return info is not None and info.file_type == pfs.FILE and info.hash == record.hash


async def _all(stream: Messages[Answer]) -> AsyncIterator[Answer]:
    while answers := await stream.read():
        for answer in answers:
            yield answer
