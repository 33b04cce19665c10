"""
When objects were put, by their records: so that a listing tells what HEAD does, after a restart and at another gateway as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from twisted.internet.defer import Deferred, FirstError, gatherResults

from pachgw.objects.blocks import Entry
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.recollecting import Recollector, valid_records
from pachgw.objects.records import OBJECTS
from pachgw.objects.resolving import OWN_BRANCH, Resolver, Snapshot
from pachgw.objects.values import Caller
from pachgw.pfs import methods
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket

FEW = 16
"""
For so many files at the most, each one's record is looked for.
"""

EARLY = 512 * 1024
"""
So many bytes of records are read before an index is built, about 1,500 records; more of them while it is built.
"""

MOST = 8 * 1024 * 1024
"""
The most bytes of records that are read together, about 20,000 records. In a repo with more of them, an index that must be built anew
shows the time of its commit, until the objects change.
"""

Dates = Mapping[tuple[bytes, bytes], float]
"""
By a file's name and hash, the time of its record.
"""


def dated(entry: Entry, dates: Dates) -> Entry:
    """
    An entry with its record's time, if it has one.
    """
    date = dates.get((entry.name, entry.hash))
    return entry if date is None else entry._replace(modified=date)


class Dating:
    """
    Reads records for the times in them. Where PFS does not give them, there are none: a time is no reason to fail.
    """

    def __init__(self, ipfs: IPFS, resolver: Resolver, branches: OwnBranches, recollector: Recollector) -> None:
        self._pfs = ipfs
        self._resolver = resolver
        self._branches = branches
        self._recollector = recollector

    async def few(self, caller: Caller, snapshot: Snapshot, entries: Sequence[Entry]) -> Dates:
        """
        The dates of some files, if they are no more than L{FEW}.
        """
        if len(entries) > FEW or _own(snapshot):
            return {}
        finding = [Deferred.fromCoroutine(self._find(caller, snapshot, entry)) for entry in entries]
        try:
            dates = await gatherResults(finding, consumeErrors=True)
        except FirstError as error:
            error.subFailure.trap(PFSError)
            return {}
        return {(entry.name, entry.hash): date for entry, date in zip(entries, dates, strict=True) if date is not None}

    async def amount(self, caller: Caller, snapshot: Snapshot) -> int:
        """
        How many bytes of records there are, C{0} if they are too many to read.
        """
        try:
            own = None if _own(snapshot) else await self._resolver.own(caller, _bucket(snapshot))
            if own is None:
                return 0
            info = await self._pfs.call(methods.INSPECT_FILE, pfs.InspectFileRequest(file=own.file(OBJECTS)), caller.token)
        except PFSError:
            return 0
        return info.size_bytes if info.size_bytes <= MOST else 0

    async def all(self, caller: Caller, snapshot: Snapshot) -> Dates:
        """
        The dates of all files that have a record.
        """
        try:
            content = await self._branches.read(caller, _bucket(snapshot), f"{OBJECTS}/*/*")
        except PFSError:
            return {}
        return {(record.path[1:].encode(), record.hash): record.modified for record in valid_records(content)}

    async def _find(self, caller: Caller, snapshot: Snapshot, entry: Entry) -> Optional[float]:
        shelf = await self._recollector.shelf(caller, _bucket(snapshot), f"/{entry.name.decode()}")
        record = await shelf.find(entry.hash)
        return None if record is None else record.modified


def _own(snapshot: Snapshot) -> bool:
    return bool(snapshot.branch.branch.name == OWN_BRANCH)


def _bucket(snapshot: Snapshot) -> Bucket:
    return Bucket(snapshot.project, snapshot.repo, OWN_BRANCH)
