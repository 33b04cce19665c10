"""
CompleteMultipartUpload: the parts become one object, by reference.

It is made of what a finished commit of the gateway's own branch holds, which no part that is sent or given up meanwhile can change.
First the head of the bucket's branch is noted on the gateway's own branch, while the parts are joined. Then the object is committed, then
what it became is recorded and the parts are dropped; only then is it acknowledged. A Complete that is repeated finds the record; or after a
death in between the note, and with it the object among the commits since: then what belongs beside the object may not have been kept yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.objects.changes import Change, Put
from pachgw.objects.contents import Contents
from pachgw.objects.destinations import Place, branch_of, own_branch, place
from pachgw.objects.joining import Joiner
from pachgw.objects.object_parts import parts_made_of
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.part_checks import check_parts, checksum_of_whole
from pachgw.objects.recent import commits_since
from pachgw.objects.replacing import Replacer
from pachgw.objects.resolving import Resolver
from pachgw.objects.spool import Spooled
from pachgw.objects.upload_records import (
    CompletedRecord,
    PartRecord,
    UploadRecord,
    completed_path,
    completed_records,
    completing_head,
    completing_line,
    completing_path,
    directory_of_upload,
    part_info_path,
    part_path,
    part_records,
)
from pachgw.objects.uploads import KnownUploads
from pachgw.objects.values import Caller, CompletedPart, ObjectInfo, Written
from pachgw.objects.writer import Writer
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit, file
from pachgw.pfs.methods import INSPECT_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import Conditions
from pachgw.s3.errors import NoSuchUpload
from pachgw.s3.metadata import Checksum


class Completer:
    """
    Makes objects of uploads.
    """

    def __init__(
        self, ipfs: IPFS, resolver: Resolver, branches: OwnBranches, known: KnownUploads, joiner: Joiner, writer: Writer, replacer: Replacer
    ) -> None:
        self._pfs = ipfs
        self._resolver = resolver
        self._branches = branches
        self._known = known
        self._joiner = joiner
        self._writer = writer
        self._replacer = replacer
        self._running: dict[str, list[Deferred[None]]] = {}

    async def complete(
        self,
        caller: Caller,
        bucket: Bucket,
        key: str,
        id: str,
        parts: Sequence[CompletedPart],
        conditions: Conditions,
        checksum: Optional[Checksum],
        size: Optional[int],
    ) -> Written:
        """
        See L{IObjects.complete_upload<pachgw.objects.interfaces.IObjects.complete_upload>}. One at a time for each upload.
        """
        target = await place(self._resolver, caller, bucket, key)
        await self._enter(id)
        try:
            head = await self._writer.settle(caller, own_branch(bucket))
            if not head:
                raise NoSuchUpload(UploadId=id)
            try:
                upload = await self._known.find(caller, bucket, key, id, head)
            except NoSuchUpload:
                return await self._repeated(target, id)
            kept = {record.number: record for record in part_records(await self._branches.read(caller, bucket, part_info_path(id), head))}
            chosen = check_parts(parts, kept, size)
            total = checksum_of_whole(upload, chosen, checksum)
            return await self._make(target, upload, head, chosen, () if total is None else (total,), conditions)
        finally:
            self._leave(id)

    async def _make(
        self,
        target: Place,
        upload: UploadRecord,
        head: str,
        chosen: Sequence[PartRecord],
        checksums: tuple[Checksum, ...],
        conditions: Conditions,
    ) -> Written:
        begun = completing_head(await self._branches.read(target.caller, target.bucket, completing_path(upload.id), head))
        if begun is None:
            await self._replacer.refuse_early(target, conditions)
        noting = Deferred.fromCoroutine(self._note(target, upload, begun))
        try:
            content = await self._join(target, upload, head, chosen)
        except BaseException:
            noting.addErrback(lambda _: None)
            noting.cancel()
            raise
        try:
            await noting
            parts = parts_made_of(chosen, checksums)
            written = None if begun is None else await self._made_already(target, upload, content, begun, checksums)
            if written is None:
                written = await self._replacer.replace(target, content, upload.metadata, checksums, conditions, parts)
            else:
                await self._replacer.keep(target, content, upload.metadata, checksums, parts)
        finally:
            content.release()
        record = CompletedRecord(upload.id, upload.branch, written.info)
        change = Change((Put.of(record.place, record.line()),), (directory_of_upload(upload.id),))
        await self._writer.submit(target.caller, own_branch(target.bucket), change)
        return written

    async def _join(self, target: Place, upload: UploadRecord, head: str, chosen: Sequence[PartRecord]) -> Spooled:
        where = commit(own_branch(target.bucket).repo, head)
        sources = [file(where, part_path(upload.id, part.number)) for part in chosen]
        if len(chosen) == 1:
            return Spooled(sources[0] if chosen[0].size else b"", chosen[0].size, chosen[0].hash)
        return await self._joiner.join(target.caller, sources, sum(part.size for part in chosen))

    async def _note(self, target: Place, upload: UploadRecord, begun: Optional[str]) -> None:
        """
        Keep where the bucket's branch was before the object.
        """
        if begun is None:
            put = Put.of(completing_path(upload.id), completing_line(upload.id, target.snapshot.commit))
            await self._writer.submit(target.caller, own_branch(target.bucket), Change((put,)))

    async def _made_already(
        self, target: Place, upload: UploadRecord, content: Spooled, begun: str, checksums: tuple[Checksum, ...]
    ) -> Optional[Written]:
        """
        The object, if a Complete that was not answered has made it.
        """
        branch = branch_of(target.bucket)
        token = target.caller.token
        contents = Contents(self._pfs, branch.repo)
        change = Change((content.put(target.path),))
        for id in await commits_since(self._pfs, branch, begun, target.snapshot.commit, token):
            if await contents.hold(id, [change], token):
                request = pfs.InspectCommitRequest(commit=commit(branch.repo, id), wait=pfs.FINISHED)
                info = await self._pfs.call(INSPECT_COMMIT, request, token)
                if info.error:
                    continue
                made = ObjectInfo(target.key, content.size, content.hash, info.finished.seconds, id, upload.metadata, checksums)
                return Written(made)
        return None

    async def _repeated(self, target: Place, id: str) -> Written:
        """
        What the first Complete was answered.
        """
        for record in completed_records(await self._branches.read(target.caller, target.bucket, completed_path(id))):
            if record.branch == target.bucket.branch and record.info.key == target.key:
                return Written(record.info)
        raise NoSuchUpload(UploadId=id)

    async def _enter(self, id: str) -> None:
        while id in self._running:
            waiting = self._running[id]
            waiter: Deferred[None] = Deferred(waiting.remove)
            waiting.append(waiter)
            await waiter
        self._running[id] = []

    def _leave(self, id: str) -> None:
        for waiter in list(self._running.pop(id)):
            if not waiter.called:
                waiter.callback(None)
