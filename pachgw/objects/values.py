"""
The values that go into and come out of the operations on objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from pachgw.s3.copy_source import Source as Source
from pachgw.s3.documents_delete import Deletion as Deletion
from pachgw.s3.documents_multipart import CompletedPart as CompletedPart
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata


@dataclass(frozen=True)
class Caller:
    """
    Who asks: the holder of a token, or with C{None} nobody in particular. A right is never remembered here, it is asked of PFS.
    """

    token: Optional[str] = field(default=None, repr=False)


def etag_of(hash: bytes) -> str:
    """
    The ETag of a file, without its quotes: PFS's hash in hex, and C{-1} so that no client takes it for an MD5.
    """
    return hash.hex() + "-1"


class Wanted(NamedTuple):
    """
    The bytes that will be asked for of an object whose size is not known yet.

    @ivar start: the first byte.
    @ivar length: how many; C{None} for all from there on.
    """

    start: int
    length: Optional[int] = None


@dataclass(frozen=True)
class ObjectInfo:
    """
    An object at one version.

    @ivar size: in bytes.
    @ivar hash: PFS's hash of the file, 32 bytes.
    @ivar modified: when the object changed, in seconds since the epoch.
    @ivar version: the commit that was read.
    @ivar metadata: what was given at the PUT, if it is known.
    @ivar checksums: those that are known.
    @ivar marker: whether this is a directory marker, a key that ends in C{/}.
    @ivar parts: in how many parts it was uploaded, 0 if in none, or if that is not known.
    """

    key: str
    size: int
    hash: bytes
    modified: float
    version: str
    metadata: Optional[Metadata] = None
    checksums: tuple[Checksum, ...] = ()
    marker: bool = False
    parts: int = 0

    @property
    def etag(self) -> str:
        """
        The ETag, without its quotes.
        """
        return etag_of(self.hash)


@dataclass(frozen=True)
class ObjectPart:
    """
    A part in which an object was uploaded.

    @ivar number: from 1, without gaps.
    @ivar size: in bytes.
    @ivar checksums: that of the object's algorithm, if it is known.
    """

    number: int
    size: int
    checksums: tuple[Checksum, ...] = ()


@dataclass(frozen=True)
class BucketEntry:
    """
    A row of ListBuckets.

    @ivar created: when its repo was created, in seconds since the epoch.
    """

    name: str
    created: float


@dataclass(frozen=True)
class ListQuery:
    """
    What a listing asks for.

    @ivar after: begin behind this key or common prefix (v1's marker, v2's start-after).
    @ivar token: v2's continuation token, opaque.
    @ivar limit: the most entries to give, 0 to 1000.
    """

    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    token: str = ""
    limit: int = 1000


@dataclass(frozen=True)
class Listing:
    """
    A page of a listing, in key order.

    @ivar truncated: whether more follows.
    @ivar last: the last key or common prefix given; v1's NextMarker.
    @ivar token: v2's next continuation token, empty when nothing follows.
    """

    objects: Sequence[ObjectInfo]
    prefixes: Sequence[str]
    truncated: bool
    last: str = ""
    token: str = ""


@dataclass(frozen=True)
class VersionQuery:
    """
    What ListObjectVersions asks for; fields as in L{ListQuery}.
    """

    prefix: str = ""
    delimiter: str = ""
    key_marker: str = ""
    version_marker: str = ""
    limit: int = 1000


@dataclass(frozen=True)
class Version:
    """
    One version of a key.

    @ivar info: the object, or C{None} for a delete marker.
    @ivar version: the commit that made it.
    """

    key: str
    version: str
    modified: float
    latest: bool
    info: Optional[ObjectInfo]


@dataclass(frozen=True)
class VersionListing:
    """
    A page of versions: by key, and newest first within a key.
    """

    versions: Sequence[Version]
    prefixes: Sequence[str]
    truncated: bool
    next_key: str = ""
    next_version: str = ""


@dataclass(frozen=True)
class Written:
    """
    What a PUT, a copy or a completed upload made.

    @ivar info: the object as it now is; C{info.version} is the commit that holds it.
    """

    info: ObjectInfo


@dataclass(frozen=True)
class Deleted:
    """
    What became of one key of DeleteObjects.

    @ivar version: the commit without it, if there is a new one.
    @ivar error: why it was not deleted, an L{S3Error<pachgw.s3.errors.S3Error>}.
    """

    key: str
    version: Optional[str] = None
    error: Optional[Exception] = None


@dataclass(frozen=True)
class Upload:
    """
    A multipart upload that is under way.

    @ivar started: in seconds since the epoch.
    @ivar algorithm: the checksum algorithm that was asked for, if one was.
    """

    key: str
    id: str
    started: float
    algorithm: Optional[str] = None
    checksum_type: Optional[ChecksumType] = None


@dataclass(frozen=True)
class Part:
    """
    A part of an upload. C{etag} is without quotes.
    """

    number: int
    etag: str
    size: int
    modified: float
    checksums: tuple[Checksum, ...] = ()


@dataclass(frozen=True)
class PartListing:
    """
    A page of ListParts.
    """

    upload: Upload
    parts: Sequence[Part]
    truncated: bool


@dataclass(frozen=True)
class UploadListing:
    """
    A page of ListMultipartUploads.
    """

    uploads: Sequence[Upload]
    prefixes: Sequence[str]
    truncated: bool
    next_key: str = ""
    next_id: str = ""
