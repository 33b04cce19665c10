"""
Opening an object, for HEAD, GET and GetObjectAttributes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Optional

from twisted.internet.defer import Deferred

from pachgw.objects.blocks import Entry
from pachgw.objects.early import Early
from pachgw.objects.exact import AtHand
from pachgw.objects.failures import reading_error
from pachgw.objects.fetching import Fetcher
from pachgw.objects.finding import Finder
from pachgw.objects.interfaces import OpenObject
from pachgw.objects.recollecting import Recollector
from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.rights import READ
from pachgw.objects.sharing import beside
from pachgw.objects.values import Caller, ObjectInfo, ObjectPart, Wanted
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import Content
from pachgw.s3.buckets import Bucket
from pachgw.s3.errors import NoSuchKey
from pachgw.s3.keys import marker_path

EMPTY = hashlib.blake2b(digest_size=32).digest()
"""
PFS's hash of a file without content.
"""

_Parts = Callable[[], Coroutine[Deferred[Any], Any, Sequence[ObjectPart]]]
_Finding = Coroutine[Deferred[Any], Any, tuple[Snapshot, Optional[Entry]]]


class ReadableObject:
    """
    An L{OpenObject<pachgw.objects.interfaces.OpenObject>}.

    @ivar info: what is known of it.
    """

    def __init__(
        self, fetcher: Fetcher, caller: Caller, snapshot: Snapshot, path: str, info: ObjectInfo, parts: _Parts, early: Early
    ) -> None:
        """
        @param path: of its file.
        @param parts: looks up the parts in which the object was uploaded.
        @param early: what of its bytes is on its way.
        """
        self._fetcher = fetcher
        self._caller = caller
        self._snapshot = snapshot
        self._path = path
        self._parts = parts
        self._early = early
        self.info = info

    def content(self, start: int, length: int) -> Content:
        """
        See L{OpenObject<pachgw.objects.interfaces.OpenObject>}.
        """
        if length == 0:
            return AtHand(None)
        return self._fetcher.content(self._caller, self._snapshot, self._path, self.info, start, length, self._early)

    def close(self) -> None:
        """
        See L{OpenObject<pachgw.objects.interfaces.OpenObject>}.
        """
        self._early.cancel()

    def parts(self) -> Deferred[Sequence[ObjectPart]]:
        """
        See L{OpenObject<pachgw.objects.interfaces.OpenObject>}.
        """
        return Deferred.fromCoroutine(self._parts())


class Reader:
    """
    Opens objects, with what the commit says of them and what their records do.
    """

    def __init__(self, resolver: Resolver, finder: Finder, recollector: Recollector, fetcher: Fetcher) -> None:
        self._resolver = resolver
        self._finder = finder
        self._recollector = recollector
        self._fetcher = fetcher

    def open(
        self, caller: Caller, bucket: Bucket, key: str, version: Optional[str] = None, wanted: Optional[Wanted] = None
    ) -> Deferred[OpenObject]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return Deferred.fromCoroutine(self._open_early(caller, bucket, key, version, Early(wanted)))

    async def _open_early(self, caller: Caller, bucket: Bucket, key: str, version: Optional[str], early: Early) -> OpenObject:
        """
        Open an object, or leave nothing of it on its way.
        """
        try:
            return await self._open(caller, bucket, key, version, early)
        except BaseException:
            early.cancel()
            raise

    async def _open(self, caller: Caller, bucket: Bucket, key: str, version: Optional[str], early: Early) -> OpenObject:
        resolved = self._resolver.resolve(caller, bucket, READ, version)
        path = self._resolver.names.path_of(key)
        directory = self._resolver.names.directory_of(key)
        try:
            if path is not None:
                return await self._open_at(caller, bucket, key, path, self._find(caller, resolved, path, early), early)
            if directory is not None:
                return await self._open_at(caller, bucket, key, marker_path(directory), self._mark(caller, resolved, directory), early)
        except PFSError as error:
            raise reading_error(error) from error
        await resolved
        raise NoSuchKey(Key=key)

    async def _open_at(self, caller: Caller, bucket: Bucket, key: str, path: str, finding: _Finding, early: Early) -> OpenObject:
        """
        Open what is found, looking for its records at the same time.

        @param path: to which its records belong.
        """
        recalling = Deferred.fromCoroutine(self._recollector.shelf(caller, bucket, path))
        (snapshot, entry), shelf = await beside(finding, recalling)
        if entry is None:
            raise NoSuchKey(Key=key)
        info = ObjectInfo(key, entry.size, entry.hash, entry.modified, snapshot.commit, marker=path.endswith(marker_path("/")))
        record = await shelf.find(entry.hash)
        if record is not None:
            info = replace(info, modified=record.modified, metadata=record.metadata, checksums=record.checksums, parts=record.parts)

        async def parts() -> Sequence[ObjectPart]:
            return () if record is None else await self._recollector.parts(caller, bucket, record)

        return ReadableObject(self._fetcher, caller, snapshot, path, info, parts, early)

    async def _find(self, caller: Caller, resolved: Deferred[Snapshot], path: str, early: Early) -> tuple[Snapshot, Optional[Entry]]:
        snapshot = await resolved
        if not self._finder.knows(snapshot):
            early.begin(lambda start: self._fetcher.stream(caller, snapshot, path, start))
        return snapshot, await self._finder.file(caller, snapshot, path)

    async def _mark(self, caller: Caller, resolved: Deferred[Snapshot], directory: str) -> tuple[Snapshot, Optional[Entry]]:
        """
        A directory's marker is there as long as the directory is, whether or not somebody has put it.
        """
        snapshot = await resolved
        first = await self._finder.first_below(caller, snapshot, directory)
        if first is None:
            return snapshot, None
        return snapshot, self._finder.steady(snapshot, Entry(directory[1:].encode(), 0, first.modified, EMPTY))
