"""
Writing the records of objects: beside the object's commit, so that they cost no second wait.

Both are safe before the acknowledgement. If the gateway dies in between, an object that was not acknowledged may have no record, or a
record describe bytes that are not there, which is never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Optional

from twisted.internet.interfaces import IReactorTime

from pachgw.objects.batches import Beside
from pachgw.objects.changes import Change, Put
from pachgw.objects.destinations import own_branch
from pachgw.objects.object_parts import part_puts
from pachgw.objects.recollecting import Recollector
from pachgw.objects.records import ObjectRecord
from pachgw.objects.values import Caller, ObjectPart
from pachgw.objects.writer import Writer
from pachgw.s3.buckets import Bucket
from pachgw.s3.metadata import Checksum, Metadata


class Recorder:
    """
    Keeps what S3 knows of objects.
    """

    def __init__(self, clock: IReactorTime, recollector: Recollector, writer: Writer, kept: Callable[[Caller, Bucket], None]) -> None:
        """
        @param kept: is told of each object of which a record is kept.
        """
        self._kept = kept
        self._clock = clock
        self._recollector = recollector
        self._writer = writer

    def record(self, put: Put, metadata: Optional[Metadata], checksums: tuple[Checksum, ...], parts: int = 0) -> tuple[Put, ObjectRecord]:
        """
        What there is to keep of a file that is put now.

        @param parts: in how many parts it was uploaded.
        @return: and the file, with the record's time if the record is kept.
        """
        record = ObjectRecord(put.path, put.hash, put.size, round(self._clock.seconds(), 3), metadata or Metadata(), checksums, parts)
        return put if record.plain else replace(put, modified=record.modified), record

    def beside(self, caller: Caller, bucket: Bucket, record: ObjectRecord, parts: Sequence[ObjectPart] = ()) -> Beside:
        """
        What to commit beside the file. A record that says nothing is not kept, and takes the place of one that says something.

        @param parts: in which the object was uploaded.
        """
        if record.plain:
            return partial(self._superseded, caller, bucket, record)
        self._kept(caller, bucket)
        return Change((Put.of(record.place, record.line()), *part_puts(record, parts)))

    async def keep(self, caller: Caller, bucket: Bucket, record: ObjectRecord, parts: Sequence[ObjectPart] = ()) -> None:
        """
        Keep a record of what is there already, as L{beside} does of what is put.
        """
        beside = self.beside(caller, bucket, record, parts)
        change = beside if isinstance(beside, Change) else await beside()
        if change is not None:
            await self._writer.submit(caller, own_branch(bucket), change)

    async def _superseded(self, caller: Caller, bucket: Bucket, record: ObjectRecord) -> Optional[Change]:
        """
        Take away what another record says of the same content.
        """
        shelf = await self._recollector.shelf(caller, bucket, record.path)
        return None if await shelf.find(record.hash) is None else Change(deletes=(record.place,))
