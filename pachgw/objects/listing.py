"""
Pages of a bucket's keys.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.blocks import Entry
from pachgw.objects.building import Builder
from pachgw.objects.cursors import Cursor, IndexReader
from pachgw.objects.failures import reading_error
from pachgw.objects.growing import GrowingReader
from pachgw.objects.indexes import Indexes
from pachgw.objects.keyed import KeyedIndexes, KeyReader
from pachgw.objects.pages import Page, read_page
from pachgw.objects.paths import utf8
from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.rights import LIST
from pachgw.objects.skipping import SkippingReader
from pachgw.objects.times import Times
from pachgw.objects.values import Caller, Listing, ListQuery, ObjectInfo
from pachgw.objects.walking import WalkReader
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.s3.buckets import Bucket
from pachgw.s3.continuation import Continuation, parse_token
from pachgw.s3.errors import InvalidArgument, NoSuchVersion

_SKIPPING = 200


class Lister:
    """
    Lists from the index of the commit; from the one that is being built, if the page begins where the builder has been; and from
    PFS itself otherwise.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, resolver: Resolver, indexes: Indexes, builder: Builder, times: Times) -> None:
        self._names = resolver.names
        self._keyed = KeyedIndexes(ipfs, clock, indexes, builder, resolver.names)
        self._pfs = ipfs
        self._clock = clock
        self._resolver = resolver
        self._indexes = indexes
        self._builder = builder
        self._times = times

    def list(self, caller: Caller, bucket: Bucket, query: ListQuery) -> Deferred[Listing]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return Deferred.fromCoroutine(self._list(caller, bucket, query))

    async def _list(self, caller: Caller, bucket: Bucket, query: ListQuery) -> Listing:
        place = parse_token(query.token, bucket.name, query.prefix, query.delimiter) if query.token else None
        snapshot = await self._snapshot(caller, bucket, place)
        after = utf8(query.after if place is None else place.last)
        if self._names.may_begin(query.prefix):
            try:
                page = await self._page(caller, snapshot, query, after)
            except PFSError as error:
                raise reading_error(error) from error
        else:
            page = Page()
        last = page.last.decode()
        token = Continuation(snapshot.commit, last).token(bucket.name, query.prefix, query.delimiter) if page.truncated else ""
        objects = [_object(key, entry, snapshot) for key, entry in page.entries]
        return Listing(objects, [prefix.decode() for prefix in page.prefixes], page.truncated, last, token)

    async def _snapshot(self, caller: Caller, bucket: Bucket, place: Optional[Continuation]) -> Snapshot:
        """
        The commit to list: the head, or where an earlier page has been.
        """
        try:
            return await self._resolver.resolve(caller, bucket, LIST, None if place is None else place.commit)
        except NoSuchVersion as error:
            raise InvalidArgument(
                "The commit on which this listing began is no longer in the branch's history. Begin anew.",
                ArgumentName="continuation-token",
            ) from error

    async def _page(self, caller: Caller, snapshot: Snapshot, query: ListQuery, after: bytes) -> Page:
        prefix, delimiter = utf8(query.prefix), utf8(query.delimiter)
        if self._names.escaped:
            return await read_page(KeyReader(await self._keyed.find(caller, snapshot, query.prefix)), prefix, delimiter, after, query.limit)
        cursor, own = self._cursor(caller, snapshot, max(prefix, after), query)
        try:
            page = await read_page(cursor, prefix, delimiter, after, query.limit)
        finally:
            cursor.close()
        if own:
            page.entries = [(key, self._steady(snapshot, entry)) for key, entry in page.entries]
            self._builder.grow(caller, snapshot)
        return page

    def _cursor(self, caller: Caller, snapshot: Snapshot, start: bytes, query: ListQuery) -> tuple[Cursor, bool]:
        """
        The cheapest way to a page.

        @return: and whether it leads to PFS.
        """
        index = self._indexes.find(snapshot.name)
        if index is not None:
            return IndexReader(index), False

        def walk() -> WalkReader:
            return WalkReader(self._pfs, caller, snapshot, self._clock.seconds(), _SKIPPING if query.delimiter else query.limit + 50)

        def change() -> Optional[Cursor]:
            growth = self._builder.grow(caller, snapshot)
            if growth is not None:
                return GrowingReader(growth, walk)
            index = self._indexes.find(snapshot.name)
            return None if index is None else IndexReader(index)

        if query.delimiter:
            return SkippingReader(walk(), change), True
        growth = self._builder.growing(snapshot.name) if start else self._builder.grow(caller, snapshot)
        if growth is not None and growth.serves(start):
            return GrowingReader(growth, walk), False
        return walk(), True

    def _steady(self, snapshot: Snapshot, entry: Entry) -> Entry:
        return self._times.steady(snapshot.project, snapshot.repo, snapshot.branch.branch.name, entry)


def _object(key: bytes, entry: Entry, snapshot: Snapshot) -> ObjectInfo:
    return ObjectInfo(key.decode(), entry.size, entry.hash, entry.modified, snapshot.commit, marker=key.endswith(b"/"))
