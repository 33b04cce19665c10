"""
What the web knows of objects: L{IObjects} does the work, L{OpenObject} gives bytes, L{Body} takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Protocol

from twisted.internet.defer import Deferred
from zope.interface import Interface

from pachgw.objects.values import (
    BucketEntry,
    Caller,
    CompletedPart,
    Deleted,
    Deletion,
    Listing,
    ListQuery,
    ObjectInfo,
    ObjectPart,
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
from pachgw.pfs.interfaces import Content
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import NONE, Conditions
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata


class OpenObject(Protocol):
    """
    An object whose bytes may be read. It holds nothing until L{content} is called, but what L{IObjects.open} was told to ask for early.
    """

    info: ObjectInfo

    def content(self, start: int, length: int) -> Content:
        """
        The bytes from C{start}, exactly C{length} of them. If PFS gives fewer, the read fails.
        """

    def close(self) -> None:
        """
        Give up what was asked for early and has not been taken by L{content}. May be called at any time, also twice.
        """

    def parts(self) -> Deferred[Sequence[ObjectPart]]:
        """
        The parts in which the object was uploaded, none if it was not, or if they are not known.
        """


class Body(Protocol):
    """
    The bytes of a request, decoded, hashed and checked as they arrive; pulled by the writer.

    @ivar length: how many bytes there will be, if the request says.
    """

    length: Optional[int]

    def read(self) -> Deferred[bytes]:
        """
        What comes next, of any size up to about 1 MiB. At most one read may be outstanding.

        @return: fires with some bytes, or with C{b""} when all has arrived I{and} every signature and checksum has held.
        @raise S3Error: (by the Deferred) when the body is not what the request promised. Nothing may then be changed.
        """

    def checksums(self) -> tuple[Checksum, ...]:
        """
        The checksums of the decoded bytes that the request gave or asked for; to be called after the end.
        """

    def cancel(self) -> None:
        """
        Say that no more is wanted: the request has failed. An outstanding read fails with C{CancelledError}.
        """


class IObjects(Interface):
    """
    The operations of S3 on PFS. Every Deferred may be cancelled when the client has gone, fails with an
    L{S3Error<pachgw.s3.errors.S3Error>} where S3 has an answer for it, and with anything else only for a failure of ours.
    """

    def authenticate(token: str) -> Deferred[Caller]:
        """
        The holder of a token. PFS is not asked here, which would cost every request a call: it is asked by the operation that follows,
        beside what else that asks, and a token that PFS does not know then fails with C{InvalidAccessKeyId}.
        """

    def auth_required() -> Deferred[bool]:
        """
        Whether auth is on in PFS now.
        """

    def list_buckets(caller: Caller) -> Deferred[Sequence[BucketEntry]]:
        """The buckets that the caller may list, by name."""

    def create_bucket(caller: Caller, bucket: Bucket) -> Deferred[None]:
        """@raise BucketAlreadyOwnedByYou: it exists."""

    def delete_bucket(caller: Caller, bucket: Bucket) -> Deferred[None]:
        """@raise BucketNotEmpty: it holds files."""

    def head_bucket(caller: Caller, bucket: Bucket) -> Deferred[None]:
        """@raise NoSuchBucket: it does not exist."""

    def open(
        caller: Caller, bucket: Bucket, key: str, version: Optional[str] = None, wanted: Optional[Wanted] = None
    ) -> Deferred[OpenObject]:
        """
        Find an object, for HEAD, GET and GetObjectAttributes.

        @param wanted: the bytes that will be asked for at once; where PFS must tell what the object is, it is asked for them at the same
            time. Who gives this must call L{OpenObject.close}.
        @raise NoSuchKey: and C{NoSuchBucket}, C{NoSuchVersion}.
        """

    def list(caller: Caller, bucket: Bucket, query: ListQuery) -> Deferred[Listing]:
        """A page of the bucket's keys."""

    def list_versions(caller: Caller, bucket: Bucket, query: VersionQuery) -> Deferred[VersionListing]:
        """A page of the history of the bucket's keys."""

    def put(caller: Caller, bucket: Bucket, key: str, body: Body, metadata: Metadata, conditions: Conditions = NONE) -> Deferred[Written]:
        """
        Replace an object. What can be refused before the body has been read is refused before its first C{read}.
        """

    def delete(caller: Caller, bucket: Bucket, key: str, conditions: Conditions = NONE) -> Deferred[Deleted]:
        """Delete an object, or agree that it is not there."""

    def delete_many(caller: Caller, bucket: Bucket, keys: Sequence[Deletion]) -> Deferred[Sequence[Deleted]]:
        """Delete objects in one commit; one result for each, in order."""

    def copy(
        caller: Caller,
        source: Source,
        bucket: Bucket,
        key: str,
        metadata: Optional[Metadata] = None,
        conditions: Conditions = NONE,
        algorithm: Optional[str] = None,
    ) -> Deferred[Written]:
        """
        Copy by reference. C{metadata} replaces the source's (C{x-amz-metadata-directive: REPLACE}), C{None} keeps it.
        C{algorithm}: the checksum to have.
        """

    def create_upload(
        caller: Caller,
        bucket: Bucket,
        key: str,
        metadata: Metadata,
        algorithm: Optional[str] = None,
        checksum_type: Optional[ChecksumType] = None,
    ) -> Deferred[Upload]:
        """Begin a multipart upload."""

    def upload_part(caller: Caller, bucket: Bucket, key: str, upload: str, number: int, body: Body) -> Deferred[Part]:
        """Keep a part, or replace it. Durable when acknowledged."""

    def upload_part_copy(caller: Caller, bucket: Bucket, key: str, upload: str, number: int, source: Source) -> Deferred[Part]:
        """Keep (a range of) an object as a part."""

    def complete_upload(
        caller: Caller,
        bucket: Bucket,
        key: str,
        upload: str,
        parts: Sequence[CompletedPart],
        conditions: Conditions = NONE,
        checksum: Optional[Checksum] = None,
        size: Optional[int] = None,
    ) -> Deferred[Written]:
        """
        Make the object. Repeated, it gives the same answer. C{checksum} and C{size} (C{x-amz-mp-object-size}) are what the
        client says of the whole.
        """

    def abort_upload(caller: Caller, bucket: Bucket, key: str, upload: str) -> Deferred[None]:
        """Forget an upload and its parts."""

    def list_parts(caller: Caller, bucket: Bucket, key: str, upload: str, after: int = 0, limit: int = 1000) -> Deferred[PartListing]:
        """The parts so far, by number."""

    def list_uploads(
        caller: Caller, bucket: Bucket, prefix: str = "", delimiter: str = "", key_marker: str = "", id_marker: str = "", limit: int = 1000
    ) -> Deferred[UploadListing]:
        """The uploads under way, by key and then by when they began."""

    def close() -> Deferred[None]:
        """
        Let what has been accepted end, within a bounded time, and free everything.
        """
