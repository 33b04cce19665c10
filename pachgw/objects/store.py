"""
The operations of S3 on PFS, put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime

from pachgw.objects import indexes, small
from pachgw.objects.buckets import Buckets
from pachgw.objects.building import Builder
from pachgw.objects.indexes import Indexes
from pachgw.objects.interfaces import OpenObject
from pachgw.objects.listing import Lister
from pachgw.objects.reading import Reader
from pachgw.objects.resolving import Resolver
from pachgw.objects.rights import Rights
from pachgw.objects.small import SmallContents
from pachgw.objects.times import Times
from pachgw.objects.values import BucketEntry, Caller, Listing, ListQuery
from pachgw.pfs.interfaces import IPFS
from pachgw.s3.buckets import Bucket


@dataclass(frozen=True)
class ReadingSettings:
    """
    What reading may take, and what it may rely on.

    @ivar index_memory: for the indexes of commits, in bytes.
    @ivar content_memory: for small contents, in bytes.
    @ivar remember_rights: for how many seconds a right that PFS has granted is relied on without asking again. A right that
        is taken away holds so much longer.
    """

    index_memory: int = indexes.LIMIT
    content_memory: int = small.LIMIT
    remember_rights: float = 0.0


class ObjectStore:
    """
    Buckets and objects on a PFS.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, reading: Optional[ReadingSettings] = None) -> None:
        reading = reading or ReadingSettings()
        self.rights = Rights(ipfs, clock, reading.remember_rights)
        self.resolver = Resolver(ipfs, self.rights)
        self.indexes = Indexes(reading.index_memory)
        times = Times()
        self._builder = Builder(ipfs, clock, self.indexes, times)
        self._buckets = Buckets(ipfs, self.resolver)
        self._reader = Reader(ipfs, clock, self.resolver, self.indexes, self._builder, times, SmallContents(reading.content_memory))
        self._lister = Lister(ipfs, clock, self.resolver, self.indexes, self._builder, times)

    def authenticate(self, token: str) -> Deferred[Caller]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return succeed(Caller(token))

    def auth_required(self) -> Deferred[bool]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self.rights.required()

    def list_buckets(self, caller: Caller) -> Deferred[Sequence[BucketEntry]]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._buckets.list(caller)

    def create_bucket(self, caller: Caller, bucket: Bucket) -> Deferred[None]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._buckets.create(caller, bucket)

    def delete_bucket(self, caller: Caller, bucket: Bucket) -> Deferred[None]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._buckets.delete(caller, bucket)

    def head_bucket(self, caller: Caller, bucket: Bucket) -> Deferred[None]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._buckets.head(caller, bucket)

    def open(self, caller: Caller, bucket: Bucket, key: str, version: Optional[str] = None) -> Deferred[OpenObject]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._reader.open(caller, bucket, key, version)

    def list(self, caller: Caller, bucket: Bucket, query: ListQuery) -> Deferred[Listing]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._lister.list(caller, bucket, query)

    def close(self) -> Deferred[None]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        self._builder.close()
        self.indexes.clear()
        return succeed(None)
