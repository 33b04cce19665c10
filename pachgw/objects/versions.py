"""
Pages of a bucket's versions: each commit that changed a key made one, each that removed it a delete marker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Optional

from twisted.internet.defer import Deferred, FirstError

from pachgw.objects.blocks import Entry
from pachgw.objects.cursors import LAST, NEXT
from pachgw.objects.failures import reading_error
from pachgw.objects.history import REMOVED, Histories, Link
from pachgw.objects.index import Index
from pachgw.objects.paths import utf8
from pachgw.objects.resolving import Resolver
from pachgw.objects.rights import HISTORY
from pachgw.objects.values import Caller, ObjectInfo, Version, VersionListing, VersionQuery
from pachgw.pfs.errors import PFSError
from pachgw.s3.buckets import Bucket

_SKIPPED = 200


class Versions:
    """
    Lists versions by merging what the commits of the branch have changed, from where the page begins.
    """

    def __init__(self, resolver: Resolver, histories: Histories) -> None:
        self._resolver = resolver
        self._histories = histories

    def list(self, caller: Caller, bucket: Bucket, query: VersionQuery) -> Deferred[VersionListing]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return Deferred.fromCoroutine(self._list(caller, bucket, query))

    async def _list(self, caller: Caller, bucket: Bucket, query: VersionQuery) -> VersionListing:
        snapshot = await self._resolver.resolve(caller, bucket, HISTORY)
        if query.limit == 0 or not self._resolver.names.may_begin(query.prefix):
            return VersionListing([], [], False)
        try:
            chain = await self._histories.chain(caller, snapshot)
            changes = await self._histories.changes(caller, snapshot, chain)
        except FirstError as error:
            self._histories.forget(snapshot)
            if isinstance(error.subFailure.value, PFSError):
                raise reading_error(error.subFailure.value) from error
            raise
        except PFSError as error:
            raise reading_error(error) from error
        return _Page(query, chain).read(changes)


class _Page:
    """
    A page as it fills.
    """

    def __init__(self, query: VersionQuery, chain: Sequence[Link]) -> None:
        self._query = query
        self._chain = chain
        self._prefix = utf8(query.prefix)
        self._delimiter = utf8(query.delimiter)
        self._marker = utf8(query.key_marker)
        self._versions: list[Version] = []
        self._prefixes: list[str] = []
        self._next = ("", "")

    def read(self, changes: Sequence[Index]) -> VersionListing:
        """
        Fill the page.

        @param changes: of each commit of the chain.
        """
        start = max(self._prefix, self._marker + (b"" if self._query.version_marker or not self._marker else NEXT))
        truncated = not self._fill(changes, start)
        key, version = self._next if truncated else ("", "")
        return VersionListing(self._versions, self._prefixes, truncated, key, version)

    def _fill(self, changes: Sequence[Index], start: bytes) -> bool:
        """
        Add what fits.

        @return: whether that was all.
        """
        group: Optional[bytes] = self._marker if self._delimiter and self._marker.endswith(self._delimiter) else None
        while True:
            skipped = 0
            for name, found in groupby(_merged(changes, start), itemgetter(0)):
                if not name.startswith(self._prefix):
                    return True
                if group is not None and name.startswith(group):
                    skipped += 1
                    if skipped > _SKIPPED:
                        start = group + LAST
                        break
                    continue
                group = self._group(name)
                if not (self._add_versions(name, found) if group is None else self._add_prefix(group)):
                    return False
            else:
                return True

    def _group(self, name: bytes) -> Optional[bytes]:
        """
        The common prefix to which a key belongs.
        """
        cut = name.find(self._delimiter, len(self._prefix)) if self._delimiter else -1
        return None if cut < 0 else name[: cut + len(self._delimiter)]

    def _full(self) -> bool:
        return len(self._versions) + len(self._prefixes) >= self._query.limit

    def _add_prefix(self, group: bytes) -> bool:
        if self._full():
            return False
        self._prefixes.append(group.decode())
        self._next = (self._prefixes[-1], "")
        return True

    def _add_versions(self, name: bytes, found: Iterator[tuple[bytes, int, Entry]]) -> bool:
        """
        Add the versions of one key, newest first, as far as they fit and come after the marker.
        """
        key = name.decode()
        after = self._position_of_marker() if name == self._marker else -1
        for number, (_, position, entry) in enumerate(found):
            if position <= after:
                continue
            if self._full():
                return False
            link = self._chain[position]
            info = None if entry.hash == REMOVED else ObjectInfo(key, entry.size, entry.hash, entry.modified, link.id)
            self._versions.append(Version(key, link.id, entry.modified, number == 0, info))
            self._next = (key, link.id)
        return True

    def _position_of_marker(self) -> int:
        """
        Where the version-id-marker is in the history; behind everything if it is not in it.
        """
        marker = self._query.version_marker
        return next((position for position, link in enumerate(self._chain) if link.id == marker), len(self._chain))


def _merged(changes: Sequence[Index], start: bytes) -> Iterator[tuple[bytes, int, Entry]]:
    """
    All changes from C{start} on, by name and then newest first.
    """
    return merge(*(_changes(index, position, start) for position, index in enumerate(changes) if index.blocks))


def _changes(index: Index, position: int, start: bytes) -> Iterator[tuple[bytes, int, Entry]]:
    cursor = index.cursor(start)
    while (entry := cursor.next()) is not None:
        yield entry.name, position, entry
