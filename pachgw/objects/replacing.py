"""
Putting an object in place of what is at its key: what PUT, copy and completed uploads have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from pachgw.objects.batches import Decide
from pachgw.objects.changes import Change, Landed, Put, ancestors
from pachgw.objects.destinations import Place, branch_of
from pachgw.objects.recording import Recorder
from pachgw.objects.records import ObjectRecord
from pachgw.objects.spool import Spooled
from pachgw.objects.standing import Found, Standing
from pachgw.objects.values import ObjectInfo, ObjectPart, Written, etag_of
from pachgw.objects.writer import Writer
from pachgw.s3.conditions import Conditions
from pachgw.s3.errors import InvalidFilePath
from pachgw.s3.keys import is_marker, marker_path
from pachgw.s3.metadata import Checksum, Metadata


class Replacer:
    """
    Replaces objects.
    """

    def __init__(self, standing: Standing, writer: Writer, recorder: Recorder) -> None:
        self._standing = standing
        self._writer = writer
        self._recorder = recorder

    async def refuse_early(self, place: Place, conditions: Conditions) -> None:
        """
        Look at what is known or can be asked before the content is there: what does not hold now spares the client the sending.

        @raise S3Error: the replacement would collide, or its conditions do not hold.
        """
        if is_marker(place.path):
            return
        self._standing.refuse_collision(place.snapshot, place.path)
        if conditions:
            conditions.check_write(_etag(await self._standing.find(place.caller, place.snapshot, place.path)))

    async def replace(
        self,
        place: Place,
        content: Spooled,
        metadata: Optional[Metadata],
        checksums: tuple[Checksum, ...],
        conditions: Conditions,
        parts: Sequence[ObjectPart] = (),
    ) -> Written:
        """
        Replace an object by content that is at hand.

        @param conditions: judged by the commit that the new one follows.
        @param parts: in which it was uploaded.
        """
        if is_marker(place.path):
            return await self._mark(place, content, metadata, checksums, conditions)
        put, record = self._recorder.record(content.put(place.path), metadata, checksums, len(parts))
        change = Change((put,), sweeps=tuple(_sweeps(put.path)), renew=content.renew)
        landed = await self._commit(place, change, self._decide(place, change, conditions), record, parts)
        return _written(place, landed, record)

    async def keep(
        self, place: Place, content: Spooled, metadata: Optional[Metadata], checksums: tuple[Checksum, ...], parts: Sequence[ObjectPart]
    ) -> None:
        """
        Keep what there is to know of an object that is there already, as L{replace} does.
        """
        _, record = self._recorder.record(content.put(place.path), metadata, checksums, len(parts))
        await self._recorder.keep(place.caller, place.bucket, record, parts)

    async def _commit(
        self, place: Place, change: Change, decide: Optional[Decide], record: ObjectRecord, parts: Sequence[ObjectPart] = ()
    ) -> Landed:
        """
        Commit an object, and keep what there is to know of it.
        """
        beside = self._recorder.beside(place.caller, place.bucket, record, parts)
        return await self._writer.submit(place.caller, branch_of(place.bucket), change, decide, beside)

    def _decide(self, place: Place, change: Change, conditions: Conditions) -> Optional[Decide]:
        """
        How a conditional write is decided: by what is at its path in the commit before it.
        """
        if not conditions:
            return None

        async def decide(parent: str) -> Change:
            conditions.check_write(_etag(await self._standing.find(place.caller, place.snapshot, place.path, parent)))
            return change

        return decide

    async def _mark(
        self, place: Place, content: Spooled, metadata: Optional[Metadata], checksums: tuple[Checksum, ...], conditions: Conditions
    ) -> Written:
        """
        Make a directory that has no files. One that has some is there already.
        """
        if content.size:
            raise holds_bytes(place.key)
        found = await self._standing.find(place.caller, place.snapshot, place.path.rstrip("/"))
        conditions.check_write(_etag(found))
        put, record = self._recorder.record(Put.of(marker_path(place.path), b""), metadata, checksums)
        if found is not None and found.directory:
            await self._recorder.keep(place.caller, place.bucket, record)
            landed = Landed(place.snapshot.commit, "", place.snapshot.branch.updated_at.seconds)
        else:
            self._standing.refuse_collision(place.snapshot, put.path)
            landed = await self._commit(place, Change((put,)), None, record)
        return _written(place, landed, record)


def _written(place: Place, landed: Landed, record: ObjectRecord) -> Written:
    modified = landed.finished if record.plain else record.modified
    told = record.metadata, record.checksums
    return Written(ObjectInfo(place.key, record.size, record.hash, modified, landed.id, *told, marker=is_marker(place.path)))


def holds_bytes(key: str) -> InvalidFilePath:
    """
    The refusal of a directory's marker that has content.
    """
    return InvalidFilePath("A key that ends in '/' is a directory, which holds no bytes. Leave the '/' off, or send nothing.", Key=key)


def _sweeps(path: str) -> Iterator[str]:
    """
    The markers that a file at a path makes superfluous: those of the directories above it.
    """
    return (marker_path(f"{above}/") for above in ancestors(path))


def _etag(found: Optional[Found]) -> Optional[str]:
    return None if found is None else etag_of(found.hash)
