"""
Writing the records of objects: beside the object's commit, so that they cost no second wait.

Both commits are finished before the acknowledgement. If the gateway dies in between, an object that nobody was told of has no record, or a
record describes bytes that are not there; neither is seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.changes import Change, Put
from pachgw.objects.contents import Contents
from pachgw.objects.destinations import own_branch
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.records import ObjectRecord
from pachgw.objects.sharing import SharedCalls
from pachgw.objects.values import Caller
from pachgw.objects.writer import Writer
from pachgw.pfs.interfaces import IPFS
from pachgw.s3.buckets import Bucket
from pachgw.s3.metadata import Checksum, Metadata


class _Repo(NamedTuple):
    caller: Caller
    bucket: Bucket


class Recorder:
    """
    Keeps what S3 knows of objects.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, branches: OwnBranches, writer: Writer) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._writer = writer
        self._heads: SharedCalls[_Repo, Optional[str]] = SharedCalls(
            lambda repo: Deferred.fromCoroutine(branches.head(repo.caller, repo.bucket))
        )

    def record(self, put: Put, metadata: Optional[Metadata], checksums: tuple[Checksum, ...]) -> tuple[Put, ObjectRecord]:
        """
        What there is to keep of a file that is put now.

        @return: and the file, with the record's time if the record is kept.
        """
        record = ObjectRecord(put.path, put.hash, put.size, round(self._clock.seconds(), 3), metadata or Metadata(), checksums)
        return put if record.plain else replace(put, modified=record.modified), record

    async def keep(self, caller: Caller, bucket: Bucket, record: ObjectRecord) -> None:
        """
        Keep a record. One that says nothing is not kept, and takes the place of one that says something.
        """
        if record.plain:
            await self._forget(caller, bucket, record)
        else:
            put = Put.of(record.place, record.line())
            await self._writer.submit(caller, own_branch(bucket), Change((put,)))

    async def _forget(self, caller: Caller, bucket: Bucket, record: ObjectRecord) -> None:
        head = await self._heads.get(_Repo(caller, Bucket(bucket.project, bucket.repo, "")))
        if head is None:
            return
        contents = Contents(self._pfs, own_branch(bucket).repo)
        if await contents.inspect(head, record.place, caller.token) is not None:
            await self._writer.submit(caller, own_branch(bucket), Change(deletes=(record.place,)))
