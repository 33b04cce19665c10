"""
ListParts and ListMultipartUploads.
"""

from __future__ import annotations

from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.resolving import Resolver
from pachgw.objects.rights import LIST
from pachgw.objects.upload_records import UploadRecord, part_info_path, part_records, upload_path, upload_records
from pachgw.objects.uploads import KnownUploads
from pachgw.objects.values import Caller, PartListing, UploadListing
from pachgw.s3.buckets import Bucket


class UploadLister:
    """
    Lists uploads and their parts.
    """

    def __init__(self, resolver: Resolver, branches: OwnBranches, known: KnownUploads) -> None:
        self._resolver = resolver
        self._branches = branches
        self._known = known

    async def parts(self, caller: Caller, bucket: Bucket, key: str, id: str, after: int, limit: int) -> PartListing:
        """
        See L{IObjects.list_parts<pachgw.objects.interfaces.IObjects.list_parts>}.
        """
        await self._resolver.resolve(caller, bucket, LIST)
        upload = await self._known.find(caller, bucket, key, id)
        records = part_records(await self._branches.read(caller, bucket, part_info_path(id)))
        rest = sorted((record for record in records if record.number > after), key=lambda record: record.number)
        return PartListing(upload.upload, [record.part for record in rest[:limit]], len(rest) > limit)

    async def uploads(
        self, caller: Caller, bucket: Bucket, prefix: str, delimiter: str, key_marker: str, id_marker: str, limit: int
    ) -> UploadListing:
        """
        See L{IObjects.list_uploads<pachgw.objects.interfaces.IObjects.list_uploads>}.
        """
        await self._resolver.resolve(caller, bucket, LIST)
        found = upload_records(await self._branches.read(caller, bucket, upload_path("*")))
        mine = [record for record in found if record.branch == bucket.branch and record.key.startswith(prefix)]
        mine.sort(key=lambda record: (record.key.encode(), record.started, record.id))
        return _page(_behind(mine, key_marker, id_marker), prefix, delimiter, key_marker, limit)


def _behind(records: list[UploadRecord], key: str, id: str) -> list[UploadRecord]:
    """
    What follows a marker. Without an upload ID all of the marker's key are behind us.
    """
    if not key:
        return records
    place = next((at for at, record in enumerate(records) if id and (record.key, record.id) == (key, id)), None)
    if place is not None:
        return records[place + 1 :]
    return [record for record in records if record.key.encode() > key.encode()]


def _page(records: list[UploadRecord], prefix: str, delimiter: str, after: str, limit: int) -> UploadListing:
    uploads: list[UploadRecord] = []
    prefixes: list[str] = []
    last = ("", "")
    for record in records:
        cut = record.key.find(delimiter, len(prefix)) if delimiter else -1
        group = record.key[: cut + len(delimiter)] if cut >= 0 else None
        if group is not None and (group == after or (prefixes and prefixes[-1] == group)):
            continue
        if len(uploads) + len(prefixes) == limit:
            return UploadListing([record.upload for record in uploads], prefixes, limit > 0, *last)
        if group is not None:
            prefixes.append(group)
            last = (group, "")
        else:
            uploads.append(record)
            last = (record.key, record.id)
    return UploadListing([record.upload for record in uploads], prefixes, False)
