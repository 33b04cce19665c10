"""
Finding an object and reading its bytes.
"""

from __future__ import annotations

import hashlib
from typing import Optional

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pachgw.objects import neighbours as ranges
from pachgw.objects.blocks import Entry, entry_of
from pachgw.objects.building import Builder
from pachgw.objects.exact import AtHand, Exact
from pachgw.objects.failures import s3_error
from pachgw.objects.indexes import CommitName, Indexes
from pachgw.objects.interfaces import OpenObject
from pachgw.objects.neighbours import Neighbours
from pachgw.objects.paths import directory_of, path_of
from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.rights import READ
from pachgw.objects.small import LARGEST, Kept, SmallContents
from pachgw.objects.times import Times
from pachgw.objects.values import Caller, ObjectInfo
from pachgw.objects.walking import WalkReader
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Content
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.errors import NoSuchKey
from pachgw.s3.keys import is_marker

EMPTY = hashlib.blake2b(digest_size=32).digest()
"""
PFS's hash of a file without content.
"""

_COLD = 3


class ReadableObject:
    """
    An L{OpenObject<pachgw.objects.interfaces.OpenObject>}.

    @ivar info: what is known of it.
    """

    def __init__(self, reader: Reader, caller: Caller, file: Optional[pfs.File], info: ObjectInfo) -> None:
        self._reader = reader
        self._caller = caller
        self._file = file
        self.info = info

    def content(self, start: int, length: int) -> Content:
        """
        See L{OpenObject<pachgw.objects.interfaces.OpenObject>}.
        """
        if self._file is None or length == 0:
            return AtHand(None)
        return self._reader.content(self._caller, self._file, self.info, start, length)


class Reader:
    """
    Opens objects: from the index of the commit if there is one, by one call of PFS if there is none.
    """

    def __init__(
        self,
        ipfs: IPFS,
        clock: IReactorTime,
        resolver: Resolver,
        indexes: Indexes,
        builder: Builder,
        times: Times,
        small: SmallContents,
        neighbours: Neighbours,
    ) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._resolver = resolver
        self._indexes = indexes
        self._builder = builder
        self._times = times
        self._small = small
        self._neighbours = neighbours
        self._cold: tuple[Optional[CommitName], int] = (None, 0)

    def open(self, caller: Caller, bucket: Bucket, key: str, version: Optional[str] = None) -> Deferred[OpenObject]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return Deferred.fromCoroutine(self._open(caller, bucket, key, version))

    def content(self, caller: Caller, file: pfs.File, info: ObjectInfo, start: int, length: int) -> Content:
        """
        Bytes of an object that the caller may read.

        @param file: with its true path, which is escaped here.
        @param length: at least 1.
        """
        kept = self._small.find(info.hash, info.size)
        if kept is not None:
            return AtHand(memoryview(kept)[start : start + length])
        where = pfs.File(commit=file.commit, path=messages.literal(file.path))
        request = pfs.GetFileRequest(file=where, offset=start)
        if length < info.size and length <= ranges.LARGEST:
            return self._neighbours.content(request, caller.token, info.hash, info.size, length)
        content = Exact(self._pfs.content(request, caller.token), length)
        return Kept(content, self._small, info.hash, info.size) if info.size <= LARGEST else content

    async def _open(self, caller: Caller, bucket: Bucket, key: str, version: Optional[str]) -> OpenObject:
        snapshot = await self._resolver.resolve(caller, bucket, READ, version)
        try:
            if is_marker(key):
                return await self._open_marker(caller, snapshot, key)
            return await self._open_file(caller, snapshot, key)
        except PFSError as error:
            raise s3_error(error) from error

    async def _open_file(self, caller: Caller, snapshot: Snapshot, key: str) -> ReadableObject:
        path = path_of(key)
        entry = await self._find(caller, snapshot, path) if path is not None else None
        if path is None or entry is None:
            raise NoSuchKey(Key=key)
        info = ObjectInfo(key, entry.size, entry.hash, entry.modified, snapshot.commit)
        return ReadableObject(self, caller, snapshot.file(path), info)

    async def _find(self, caller: Caller, snapshot: Snapshot, path: str) -> Optional[Entry]:
        """
        The file at a path.
        """
        index = self._indexes.find(snapshot.name)
        if index is not None:
            return index.find(path[1:].encode())
        self._met_cold(caller, snapshot)
        try:
            info = await self._pfs.call(methods.INSPECT_FILE, pfs.InspectFileRequest(file=snapshot.file(path)), caller.token)
        except PFSError as error:
            if error.kind is Kind.FILE_NOT_FOUND:
                return None
            raise
        return self._steady(snapshot, entry_of(info, self._clock.seconds())) if info.file_type == pfs.FILE else None

    async def _open_marker(self, caller: Caller, snapshot: Snapshot, key: str) -> ReadableObject:
        """
        A directory's marker is there as long as the directory is, whether or not somebody has put it.
        """
        path = directory_of(key)
        first = await self._first_below(caller, snapshot, path[1:].encode()) if path is not None else None
        if path is None or first is None:
            raise NoSuchKey(Key=key)
        entry = self._steady(snapshot, Entry(path[1:].encode(), 0, first.modified, EMPTY))
        return ReadableObject(self, caller, None, ObjectInfo(key, 0, EMPTY, entry.modified, snapshot.commit, marker=True))

    async def _first_below(self, caller: Caller, snapshot: Snapshot, directory: bytes) -> Optional[Entry]:
        index = self._indexes.find(snapshot.name)
        if index is not None:
            entry = index.cursor(directory).next()
        else:
            self._met_cold(caller, snapshot)
            cursor = WalkReader(self._pfs, caller, snapshot, self._clock.seconds(), number=4)
            try:
                await cursor.seek(directory)
                entry = next(iter(await cursor.read(1)), None)
            finally:
                cursor.close()
        return entry if entry is not None and entry.name.startswith(directory) else None

    def _met_cold(self, caller: Caller, snapshot: Snapshot) -> None:
        """
        Have a commit indexed when several objects of it were asked for.
        """
        commit, count = self._cold
        self._cold = (snapshot.name, count + 1 if commit == snapshot.name else 1)
        if self._cold[1] >= _COLD:
            self._builder.grow(caller, snapshot)

    def _steady(self, snapshot: Snapshot, entry: Entry) -> Entry:
        return self._times.steady(snapshot.project, snapshot.repo, snapshot.branch.branch.name, entry)
