"""
The operations of S3 on PFS, put together.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from pachgw.objects import history, indexes, neighbours, small, stale_uploads
from pachgw.objects.batches import Bounds
from pachgw.objects.buckets import Buckets
from pachgw.objects.building import Builder
from pachgw.objects.completing import Completer
from pachgw.objects.copies import Copies
from pachgw.objects.dating import Dating
from pachgw.objects.deletes import Deletes
from pachgw.objects.failures import s3_error
from pachgw.objects.fetching import Fetcher
from pachgw.objects.finding import Finder
from pachgw.objects.history import Histories
from pachgw.objects.indexes import Indexes
from pachgw.objects.interfaces import Body, IObjects, OpenObject
from pachgw.objects.joining import Joiner
from pachgw.objects.listing import Lister
from pachgw.objects.neighbours import Neighbours
from pachgw.objects.old_commits import OldCommits
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.paths import PLAIN, Names
from pachgw.objects.puts import Puts
from pachgw.objects.reading import Reader
from pachgw.objects.recollecting import Recollector
from pachgw.objects.record_sweeps import RecordSweeps
from pachgw.objects.recording import Recorder
from pachgw.objects.replacing import Replacer
from pachgw.objects.resolving import Resolver
from pachgw.objects.rights import Rights
from pachgw.objects.small import SmallContents
from pachgw.objects.spool import Spool
from pachgw.objects.stale_uploads import StaleUploads
from pachgw.objects.standing import Standing
from pachgw.objects.times import Times
from pachgw.objects.upload_listing import UploadLister
from pachgw.objects.uploads import KnownUploads, Uploads
from pachgw.objects.values import (
    BucketEntry,
    Caller,
    CompletedPart,
    Deleted,
    Deletion,
    Listing,
    ListQuery,
    Part,
    PartListing,
    Source,
    Upload,
    UploadListing,
    VersionListing,
    VersionQuery,
    Wanted,
    Written,
)
from pachgw.objects.versions import Versions
from pachgw.objects.writer import Writer
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import NONE, Conditions
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata


@dataclass(frozen=True)
class ReadingSettings:
    """
    What reading may take, and what it may rely on.

    @ivar index_memory: for the indexes of commits, in bytes.
    @ivar content_memory: for small contents, in bytes.
    @ivar range_memory: for what ranges of an object share, in bytes.
    @ivar history_memory: for what commits have changed, in bytes.
    @ivar remember_rights: for how many seconds a right that PFS has granted is relied on without asking again. A right that
        is taken away holds so much longer.
    """

    index_memory: int = indexes.LIMIT
    content_memory: int = small.LIMIT
    range_memory: int = neighbours.LIMIT
    history_memory: int = history.LIMIT
    remember_rights: float = 0.0


@dataclass(frozen=True)
class WritingSettings:
    """
    How writing is done.

    @ivar accepted: acknowledge a write when PFS has taken its commit, without waiting until it is finished. It is faster; a write
        that collides with another, or a PFS that dies at that moment, may then take back what was acknowledged.
    @ivar bounds: of one commit.
    @ivar windows: by the name of a bucket as ListBuckets gives it, the seconds in which its writes are gathered from the first of them
        on, so that a pipeline runs once for many. Each is acknowledged when its commit is, at the end of the window.
    @ivar upload_age: seconds after its begin at which a multipart upload that was not completed is forgotten.
    @ivar sole: whether no other gateway writes to this PFS.
    """

    accepted: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    windows: Mapping[str, float] = field(default_factory=dict)
    upload_age: float = stale_uploads.AGE
    sole: bool = False


Result = TypeVar("Result")


@implementer(IObjects)
class ObjectStore:
    """
    Buckets and objects on a PFS.

    @ivar writer: counts the commits.
    @ivar indexes: count their memory.
    @ivar sweeps: collect records.
    @ivar old_commits: squashes those of the gateway's own branches.
    """

    def __init__(
        self,
        ipfs: IPFS,
        clock: IReactorTime,
        reading: Optional[ReadingSettings] = None,
        writing: Optional[WritingSettings] = None,
        names: Names = PLAIN,
    ) -> None:
        """
        @param names: how keys become paths.
        """
        reading = reading or ReadingSettings()
        writing = writing or WritingSettings()
        self.rights = Rights(ipfs, clock, reading.remember_rights)
        self.resolver = Resolver(ipfs, self.rights, names)
        self.indexes = Indexes(reading.index_memory)
        times = Times()
        self._builder = Builder(ipfs, clock, self.indexes, times)
        self._buckets = Buckets(ipfs, self.resolver)
        self._neighbours = Neighbours(ipfs, clock, reading.range_memory)
        contents = SmallContents(reading.content_memory)
        branches = OwnBranches(ipfs)
        finder = Finder(ipfs, clock, self.indexes, self._builder, times)
        recollector = Recollector(self.resolver, self.indexes, self._builder.met_cold, branches, contents)
        self._builder.dating = Dating(ipfs, self.resolver, branches, recollector)
        self._reader = Reader(self.resolver, finder, recollector, Fetcher(ipfs, contents, self._neighbours))
        self._lister = Lister(ipfs, clock, self.resolver, self.indexes, self._builder, times)
        self._versions = Versions(self.resolver, Histories(ipfs, names, reading.history_memory))
        self.writer = Writer(ipfs, clock, self.indexes, writing.accepted, writing.bounds, writing.windows, writing.sole)
        self._prepare_writing(ipfs, clock, branches, recollector, writing.upload_age)

    def _prepare_writing(self, ipfs: IPFS, clock: IReactorTime, branches: OwnBranches, recollector: Recollector, upload_age: float) -> None:
        standing = Standing(ipfs, self.indexes)
        self.sweeps = RecordSweeps(ipfs, clock, branches, self.writer)
        self.old_commits = OldCommits(ipfs, clock)
        replacer = Replacer(standing, self.writer, Recorder(clock, recollector, self.writer, self._kept))
        spool = Spool(ipfs, clock)
        known = KnownUploads(branches)
        self._puts = Puts(self.resolver, spool, replacer)
        self._deletes = Deletes(self.resolver, standing, self.writer)
        self._copies = Copies(ipfs, self.resolver, self.open, replacer)
        self._stale = StaleUploads(clock, branches, self.writer, upload_age)
        self._uploads = Uploads(clock, self.resolver, self.open, spool, self.writer, replacer, known, self._begun)
        self._completer = Completer(ipfs, self.resolver, branches, known, Joiner(ipfs, clock), self.writer, replacer)
        self._upload_lister = UploadLister(self.resolver, branches, known)

    def _kept(self, caller: Caller, bucket: Bucket) -> None:
        """
        A record is kept: an occasion to look after those of the repo.
        """
        self.sweeps.consider(caller, bucket)
        self.old_commits.consider(caller, bucket)

    def _begun(self, caller: Caller, bucket: Bucket) -> None:
        """
        An upload is begun: an occasion to look after those of the repo.
        """
        self._stale.consider(caller, bucket)
        self.old_commits.consider(caller, bucket)

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

    def open(
        self, caller: Caller, bucket: Bucket, key: str, version: Optional[str] = None, wanted: Optional[Wanted] = None
    ) -> Deferred[OpenObject]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._reader.open(caller, bucket, key, version, wanted)

    def list(self, caller: Caller, bucket: Bucket, query: ListQuery) -> Deferred[Listing]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._lister.list(caller, bucket, query)

    def list_versions(self, caller: Caller, bucket: Bucket, query: VersionQuery) -> Deferred[VersionListing]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return self._versions.list(caller, bucket, query)

    def put(
        self, caller: Caller, bucket: Bucket, key: str, body: Body, metadata: Metadata, conditions: Conditions = NONE
    ) -> Deferred[Written]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._puts.put(caller, bucket, key, body, metadata, conditions))

    def delete(self, caller: Caller, bucket: Bucket, key: str, conditions: Conditions = NONE) -> Deferred[Deleted]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._deletes.delete(caller, bucket, key, conditions))

    def delete_many(self, caller: Caller, bucket: Bucket, keys: Sequence[Deletion]) -> Deferred[Sequence[Deleted]]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._deletes.delete_many(caller, bucket, keys))

    def copy(
        self,
        caller: Caller,
        source: Source,
        bucket: Bucket,
        key: str,
        metadata: Optional[Metadata] = None,
        conditions: Conditions = NONE,
        algorithm: Optional[str] = None,
    ) -> Deferred[Written]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._copies.copy(caller, source, bucket, key, metadata, conditions))

    def create_upload(
        self,
        caller: Caller,
        bucket: Bucket,
        key: str,
        metadata: Metadata,
        algorithm: Optional[str] = None,
        checksum_type: Optional[ChecksumType] = None,
    ) -> Deferred[Upload]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._uploads.create(caller, bucket, key, metadata, algorithm, checksum_type))

    def upload_part(self, caller: Caller, bucket: Bucket, key: str, upload: str, number: int, body: Body) -> Deferred[Part]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._uploads.keep_part(caller, bucket, key, upload, number, body))

    def upload_part_copy(self, caller: Caller, bucket: Bucket, key: str, upload: str, number: int, source: Source) -> Deferred[Part]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._uploads.copy_part(caller, bucket, key, upload, number, source))

    def complete_upload(
        self,
        caller: Caller,
        bucket: Bucket,
        key: str,
        upload: str,
        parts: Sequence[CompletedPart],
        conditions: Conditions = NONE,
        checksum: Optional[Checksum] = None,
        size: Optional[int] = None,
    ) -> Deferred[Written]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._completer.complete(caller, bucket, key, upload, parts, conditions, checksum, size))

    def abort_upload(self, caller: Caller, bucket: Bucket, key: str, upload: str) -> Deferred[None]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._uploads.abort(caller, bucket, key, upload))

    def list_parts(self, caller: Caller, bucket: Bucket, key: str, upload: str, after: int = 0, limit: int = 1000) -> Deferred[PartListing]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._upload_lister.parts(caller, bucket, key, upload, after, limit))

    def list_uploads(
        self,
        caller: Caller,
        bucket: Bucket,
        prefix: str = "",
        delimiter: str = "",
        key_marker: str = "",
        id_marker: str = "",
        limit: int = 1000,
    ) -> Deferred[UploadListing]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._upload_lister.uploads(caller, bucket, prefix, delimiter, key_marker, id_marker, limit))

    def close(self) -> Deferred[None]:
        """See L{IObjects<pachgw.objects.interfaces.IObjects>}."""
        return _answer(self._close())

    async def _close(self) -> None:
        self._stale.close()
        self.sweeps.close()
        self.old_commits.close()
        await self.writer.close()
        self._builder.close()
        self._neighbours.close()
        self.indexes.clear()


def _answer(operation: Coroutine[Deferred[Any], Any, Result]) -> Deferred[Result]:
    """
    Run an operation, and give its refusals by PFS the form of S3.
    """

    async def answer() -> Result:
        try:
            return await operation
        except PFSError as error:
            raise s3_error(error) from error

    return Deferred.fromCoroutine(answer())
