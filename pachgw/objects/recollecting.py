"""
Finding the record of an object: without a call where the index of the gateway's own branch is at hand, with one where it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Optional, Protocol

import txaio

from pachgw.objects.index import Index
from pachgw.objects.indexes import Indexes
from pachgw.objects.object_parts import pattern_of_parts, read_parts
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.records import ObjectRecord, directory_of_records, object_records
from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.small import SmallContents
from pachgw.objects.values import Caller, ObjectPart
from pachgw.pfs.messages import literal
from pachgw.s3.buckets import Bucket

_log = txaio.make_logger()
_DAMAGED = (ValueError, TypeError, LookupError, AttributeError)


class Shelf(Protocol):
    """
    The records of one path.
    """

    async def find(self, hash: bytes) -> Optional[ObjectRecord]:
        """
        The record of a content.

        @param hash: PFS's hash of it.
        """


class Recollector:
    """
    Finds records as they are now: the head of the own branch is asked for each request, as the data's is.
    """

    def __init__(
        self,
        resolver: Resolver,
        indexes: Indexes,
        met_cold: Callable[[Caller, Snapshot], None],
        branches: OwnBranches,
        contents: SmallContents,
    ) -> None:
        """
        @param met_cold: is told of an own branch's commit that has no index.
        """
        self._resolver = resolver
        self._indexes = indexes
        self._met_cold = met_cold
        self._branches = branches
        self._contents = contents

    async def shelf(self, caller: Caller, bucket: Bucket, path: str) -> Shelf:
        """
        The records of a path. Nothing of it may be shown before the caller's right has been checked.

        @param path: with its leading slash.
        """
        own = await self._resolver.own(caller, bucket)
        if own is None:
            return _Read({})
        index = self._indexes.find(own.name)
        if index is not None:
            return _Indexed(self, caller, bucket, own, index, path)
        self._met_cold(caller, own)
        content = await self._branches.read(caller, bucket, f"{literal(directory_of_records(path))}/*", own.commit)
        return _Read({record.hash: record for record in valid_records(content) if record.path == path})

    async def parts(self, caller: Caller, bucket: Bucket, record: ObjectRecord) -> Sequence[ObjectPart]:
        """
        The parts in which an object was uploaded, none if they are not known.
        """
        own = await self._resolver.own(caller, bucket) if record.parts else None
        if own is None:
            return ()
        content = await self._branches.read(caller, bucket, pattern_of_parts(record), own.commit)
        try:
            return read_parts(content, record)
        except _DAMAGED:
            _log.warn("damaged records of parts: {content}", content=content[:200])
            return ()

    async def read(self, caller: Caller, bucket: Bucket, own: Snapshot, index: Index, place: str) -> Optional[ObjectRecord]:
        """
        The record at a place of the own branch.
        """
        entry = index.find(place[1:].encode())
        if entry is None:
            return None
        content = self._contents.find(entry.hash, entry.size)
        if content is None:
            content = await self._branches.read(caller, bucket, literal(place), own.commit)
            self._contents.keep(entry.hash, content)
        return next(iter(valid_records(content)), None)


class _Read:
    """
    Records at hand.
    """

    def __init__(self, records: Mapping[bytes, ObjectRecord]) -> None:
        self._records = records

    async def find(self, hash: bytes) -> Optional[ObjectRecord]:
        """See L{Shelf}."""
        return self._records.get(hash)


class _Indexed:
    """
    Records that an index shows.
    """

    def __init__(self, recollector: Recollector, caller: Caller, bucket: Bucket, own: Snapshot, index: Index, path: str) -> None:
        self._recollector = recollector
        self._caller = caller
        self._bucket = bucket
        self._own = own
        self._index = index
        self._path = path

    async def find(self, hash: bytes) -> Optional[ObjectRecord]:
        """See L{Shelf}."""
        place = f"{directory_of_records(self._path)}/{hash.hex()}"
        record = await self._recollector.read(self._caller, self._bucket, self._own, self._index, place)
        return record if record is not None and (record.path, record.hash) == (self._path, hash) else None


def valid_records(content: bytes) -> list[ObjectRecord]:
    """
    The records in some lines; none if they are damaged: the object is then shown with the defaults.
    """
    try:
        return list(object_records(content))
    except _DAMAGED:
        _log.warn("a damaged record: {content}", content=content[:200])
        return []
