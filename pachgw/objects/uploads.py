"""
Multipart uploads: begun, given parts, given up.

A part is a file on the gateway's own branch when it is acknowledged, so it outlives every gateway, and any gateway may go on with it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Optional

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.changes import Change, Put
from pachgw.objects.copies import Open, origin
from pachgw.objects.destinations import destination, own_branch, place
from pachgw.objects.interfaces import Body
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.ranged_body import RangedBody
from pachgw.objects.replacing import Replacer
from pachgw.objects.resolving import Resolver
from pachgw.objects.sharing import together
from pachgw.objects.spool import Spool, Spooled
from pachgw.objects.upload_records import (
    PartRecord,
    UploadRecord,
    directory_of_upload,
    part_info_path,
    part_path,
    upload_path,
    upload_records,
)
from pachgw.objects.values import Caller, Part, Source, Upload
from pachgw.objects.writer import Writer
from pachgw.s3.buckets import Bucket
from pachgw.s3.checksum_parts import multipart_type
from pachgw.s3.conditions import NONE
from pachgw.s3.errors import InvalidFilePath, InvalidRange, InvalidRequest, NoSuchUpload
from pachgw.s3.keys import is_marker
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class KnownUploads:
    """
    Finds uploads on the gateway's own branch.
    """

    def __init__(self, branches: OwnBranches) -> None:
        self._branches = branches

    async def find(self, caller: Caller, bucket: Bucket, key: str, id: str, commit: str = "") -> UploadRecord:
        """
        An upload of a key of a bucket.

        @param commit: of the own branch, to look at; the head if it is not given.
        @raise NoSuchUpload: there is none.
        """
        if _ID.fullmatch(id):
            for record in upload_records(await self._branches.read(caller, bucket, upload_path(id), commit)):
                if record.key == key and record.branch == bucket.branch:
                    return record
        raise NoSuchUpload(UploadId=id)


class Uploads:
    """
    Begins uploads, keeps their parts, and gives them up.
    """

    def __init__(
        self,
        clock: IReactorTime,
        resolver: Resolver,
        open: Open,
        spool: Spool,
        writer: Writer,
        replacer: Replacer,
        known: KnownUploads,
        begun: Callable[[Caller, Bucket], None],
    ) -> None:
        """
        @param begun: is told of each upload that is begun.
        """
        self._clock = clock
        self._resolver = resolver
        self._open = open
        self._spool = spool
        self._writer = writer
        self._replacer = replacer
        self._known = known
        self._begun = begun

    async def create(
        self, caller: Caller, bucket: Bucket, key: str, metadata: Metadata, algorithm: Optional[str], type: Optional[ChecksumType]
    ) -> Upload:
        """
        See L{IObjects.create_upload<pachgw.objects.interfaces.IObjects.create_upload>}.
        """
        if algorithm is None and type is not None:
            raise InvalidRequest("x-amz-checksum-type needs x-amz-checksum-algorithm beside it.")
        if algorithm is not None:
            type = multipart_type(algorithm, None if type is None else type.value)
        target = await place(self._resolver, caller, bucket, key)
        if is_marker(target.path):
            raise InvalidFilePath("A directory cannot be uploaded in parts. Leave the '/' off.", Key=key)
        await self._replacer.refuse_early(target, NONE)
        record = UploadRecord(uuid.uuid4().hex, bucket.branch, key, self._clock.seconds(), metadata, algorithm, type)
        await self._writer.submit(caller, own_branch(bucket), Change((Put.of(record.place, record.line()),)))
        self._begun(caller, bucket)
        return record.upload

    async def keep_part(self, caller: Caller, bucket: Bucket, key: str, id: str, number: int, body: Body) -> Part:
        """
        See L{IObjects.upload_part<pachgw.objects.interfaces.IObjects.upload_part>}.
        """
        await self._find(caller, bucket, key, id)
        content = await self._spool.take(body, caller)
        try:
            return await self._keep(caller, bucket, id, number, content, body.checksums())
        finally:
            content.release()

    async def copy_part(self, caller: Caller, bucket: Bucket, key: str, id: str, number: int, source: Source) -> Part:
        """
        See L{IObjects.upload_part_copy<pachgw.objects.interfaces.IObjects.upload_part_copy>}. A whole object is taken by reference; of a
        range the bytes pass through, since PFS refers to whole files only.
        """
        opening = self._open(caller, source.bucket, source.key, source.version)
        _, opened = await together(Deferred.fromCoroutine(self._find(caller, bucket, key, id)), opening)
        info = opened.info
        source.conditions.check_copy(info.etag, info.modified)
        start, length = _range(source, info.size)
        if length == info.size:
            content = Spooled(b"" if info.size == 0 else origin(self._resolver.names, source, info), info.size, info.hash)
            sums = tuple(sum for sum in info.checksums if sum.type is ChecksumType.FULL_OBJECT)
            return await self._keep(caller, bucket, id, number, content, sums)
        body = RangedBody(opened.content(start, length), length)
        try:
            content = await self._spool.take(body, caller)
        finally:
            body.cancel()
        try:
            return await self._keep(caller, bucket, id, number, content, ())
        finally:
            content.release()

    async def abort(self, caller: Caller, bucket: Bucket, key: str, id: str) -> None:
        """
        See L{IObjects.abort_upload<pachgw.objects.interfaces.IObjects.abort_upload>}.
        """
        await self._find(caller, bucket, key, id)
        await self._writer.submit(caller, own_branch(bucket), Change(deletes=(directory_of_upload(id),)))

    async def _find(self, caller: Caller, bucket: Bucket, key: str, id: str) -> UploadRecord:
        """
        The upload, if the caller may write to its bucket.
        """
        allowed = Deferred.fromCoroutine(destination(self._resolver, caller, bucket))
        record, _ = await together(Deferred.fromCoroutine(self._known.find(caller, bucket, key, id)), allowed)
        return record

    async def _keep(self, caller: Caller, bucket: Bucket, id: str, number: int, content: Spooled, checksums: tuple[Checksum, ...]) -> Part:
        record = PartRecord(number, content.hash, content.size, self._clock.seconds(), checksums)
        puts = (content.put(part_path(id, number)), Put.of(part_info_path(id, number), record.line()))
        await self._writer.submit(caller, own_branch(bucket), Change(puts, renew=content.renew))
        return record.part


def _range(source: Source, size: int) -> tuple[int, int]:
    """
    Where the bytes of a part that is copied begin, and how many they are.

    @raise InvalidRange: the source has not so many.
    """
    start = source.start or 0
    stop = size - 1 if source.stop is None else source.stop
    if source.start is not None and (stop >= size or start > stop):
        raise InvalidRange(f"The range must lie within the source, which has {size} bytes.", ActualObjectSize=str(size))
    return start, stop - start + 1
