"""
What a commit holds at one path: from its index if there is one, by one call of PFS if there is none.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.interfaces import IReactorTime

from pachgw.objects.blocks import Entry, entry_of
from pachgw.objects.building import Builder
from pachgw.objects.indexes import Indexes
from pachgw.objects.resolving import Snapshot
from pachgw.objects.times import Times
from pachgw.objects.values import Caller
from pachgw.objects.walking import WalkReader
from pachgw.pfs import methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs


class Finder:
    """
    Looks for files and directories.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, indexes: Indexes, builder: Builder, times: Times) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._indexes = indexes
        self._builder = builder
        self._times = times

    def knows(self, snapshot: Snapshot) -> bool:
        """
        Whether PFS need not be asked what a commit holds.
        """
        return self._indexes.find(snapshot.name) is not None

    async def file(self, caller: Caller, snapshot: Snapshot, path: str) -> Optional[Entry]:
        """
        The file at a path, with its leading slash.

        @raise PFSError: PFS cannot tell.
        """
        index = self._indexes.find(snapshot.name)
        if index is not None:
            return index.find(path[1:].encode())
        self._builder.met_cold(caller, snapshot)
        try:
            info = await self._pfs.call(methods.INSPECT_FILE, pfs.InspectFileRequest(file=snapshot.file(path)), caller.token)
        except PFSError as error:
            if error.kind is Kind.FILE_NOT_FOUND:
                return None
            raise
        return self.steady(snapshot, entry_of(info, self._clock.seconds())) if info.file_type == pfs.FILE else None

    async def first_below(self, caller: Caller, snapshot: Snapshot, path: str) -> Optional[Entry]:
        """
        The first file below a directory, whose path has a slash at both ends.

        @raise PFSError: PFS cannot tell.
        """
        directory = path[1:].encode()
        index = self._indexes.find(snapshot.name)
        if index is not None:
            entry = index.cursor(directory).next()
        else:
            self._builder.met_cold(caller, snapshot)
            cursor = WalkReader(self._pfs, caller, snapshot, self._clock.seconds(), number=4)
            try:
                await cursor.seek(directory)
                entry = next(iter(await cursor.read(1)), None)
            finally:
                cursor.close()
        return entry if entry is not None and entry.name.startswith(directory) else None

    def steady(self, snapshot: Snapshot, entry: Entry) -> Entry:
        """
        The entry with the time that was first said of it.
        """
        return self._times.steady(snapshot.project, snapshot.repo, snapshot.branch.branch.name, entry)
