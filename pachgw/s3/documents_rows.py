"""
What the writers of documents need to know of the values that they write, so that they need not know where those come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Protocol

from pachgw.s3.metadata import Checksum, ChecksumType, Metadata


class Keyed(Protocol):
    """
    Something that has a key.
    """

    @property
    def key(self) -> str:
        """The object's key."""


class BucketRow(Protocol):
    """
    A bucket in the list.
    """

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def created(self) -> float:
        """When it was created, in seconds since the epoch."""


class ObjectRow(Keyed, Protocol):
    """
    An object in a listing.
    """

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def etag(self) -> str:
        """Without quotes."""

    @property
    def modified(self) -> float:
        """In seconds since the epoch."""

    @property
    def metadata(self) -> Optional[Metadata]:
        """If it is known."""

    @property
    def checksums(self) -> Sequence[Checksum]:
        """Those that are known."""


class ObjectPartRow(Protocol):
    """
    A part in which an object was uploaded.
    """

    @property
    def number(self) -> int:
        """From 1, without gaps."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def checksums(self) -> Sequence[Checksum]:
        """Those that are known."""


class VersionRow(Keyed, Protocol):
    """
    A version of a key.
    """

    @property
    def version(self) -> str:
        """The commit that made it."""

    @property
    def modified(self) -> float:
        """In seconds since the epoch."""

    @property
    def latest(self) -> bool:
        """Whether it is the newest of its key."""

    @property
    def info(self) -> Optional[ObjectRow]:
        """The object, C{None} for a delete marker."""


class DeletedRow(Keyed, Protocol):
    """
    What became of a key of DeleteObjects.
    """

    @property
    def version(self) -> Optional[str]:
        """The commit without it."""

    @property
    def error(self) -> Optional[Exception]:
        """Why it was not deleted."""


class UploadRow(Keyed, Protocol):
    """
    A multipart upload under way.
    """

    @property
    def id(self) -> str:
        """The upload's id."""

    @property
    def started(self) -> float:
        """In seconds since the epoch."""

    @property
    def algorithm(self) -> Optional[str]:
        """The checksum algorithm that was asked for."""

    @property
    def checksum_type(self) -> Optional[ChecksumType]:
        """And of which type."""


class PartRow(Protocol):
    """
    A part that has been uploaded.
    """

    @property
    def number(self) -> int:
        """1 to 10000."""

    @property
    def etag(self) -> str:
        """Without quotes."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def modified(self) -> float:
        """In seconds since the epoch."""

    @property
    def checksums(self) -> Sequence[Checksum]:
        """Those that are known."""


class Selection(Protocol):
    """
    Which keys a listing is about.
    """

    @property
    def prefix(self) -> str:
        """Of all keys."""

    @property
    def delimiter(self) -> str:
        """Behind which keys are one common prefix."""

    @property
    def limit(self) -> int:
        """The most entries of a page."""


class ObjectSelection(Selection, Protocol):
    """
    What ListObjects asks for.
    """

    @property
    def after(self) -> str:
        """The marker, or C{start-after}."""

    @property
    def token(self) -> str:
        """The continuation token."""


class VersionSelection(Selection, Protocol):
    """
    What ListObjectVersions asks for.
    """

    @property
    def key_marker(self) -> str:
        """C{key-marker}."""

    @property
    def version_marker(self) -> str:
        """C{version-id-marker}."""


class Page(Protocol):
    """
    A page of any listing.
    """

    @property
    def prefixes(self) -> Sequence[str]:
        """The common prefixes."""

    @property
    def truncated(self) -> bool:
        """Whether more follows."""


class ObjectPage(Page, Protocol):
    """
    A page of objects.
    """

    @property
    def objects(self) -> Sequence[ObjectRow]:
        """In key order."""

    @property
    def last(self) -> str:
        """The last key or common prefix."""

    @property
    def token(self) -> str:
        """The next continuation token."""


class MarkedPage(Page, Protocol):
    """
    A page behind which the next key is named.
    """

    @property
    def next_key(self) -> str:
        """The next C{key-marker}."""


class VersionPage(MarkedPage, Protocol):
    """
    A page of versions.
    """

    @property
    def versions(self) -> Sequence[VersionRow]:
        """By key, newest first."""

    @property
    def next_version(self) -> str:
        """The next C{version-id-marker}."""


class UploadPage(MarkedPage, Protocol):
    """
    A page of uploads.
    """

    @property
    def uploads(self) -> Sequence[UploadRow]:
        """By key, and then by when they began."""

    @property
    def next_id(self) -> str:
        """The next C{upload-id-marker}."""
