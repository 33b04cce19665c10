"""
The document of ListObjectVersions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Protocol

from pachgw.s3.dates import iso_date
from pachgw.s3.documents_listing import Namer, ObjectRow, common_prefixes, encoding, namer
from pachgw.s3.xml_writing import OWNER, document, element, optional, text


class VersionRow(Protocol):
    """
    A version of a key.
    """

    @property
    def key(self) -> str:
        """The key."""

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


class VersionPage(Protocol):
    """
    A page of versions.
    """

    @property
    def versions(self) -> Sequence[VersionRow]:
        """By key, newest first."""

    @property
    def prefixes(self) -> Sequence[str]:
        """The common prefixes."""

    @property
    def truncated(self) -> bool:
        """Whether more follows."""

    @property
    def next_key(self) -> str:
        """The next C{key-marker}."""

    @property
    def next_version(self) -> str:
        """The next C{version-id-marker}."""


class VersionsQuery(Protocol):
    """
    What was asked for.
    """

    @property
    def prefix(self) -> str:
        """Of all keys."""

    @property
    def delimiter(self) -> str:
        """Behind which keys are one common prefix."""

    @property
    def key_marker(self) -> str:
        """C{key-marker}."""

    @property
    def version_marker(self) -> str:
        """C{version-id-marker}."""

    @property
    def limit(self) -> int:
        """C{max-keys}."""


def list_versions(bucket: str, query: VersionsQuery, page: VersionPage, encoded: bool = False) -> bytes:
    """
    C{ListVersionsResult}.

    @param encoded: whether C{encoding-type=url} was asked for.
    """
    name = namer(encoded)
    inner = [
        element("Name", bucket),
        element("Prefix", name(query.prefix)),
        element("KeyMarker", name(query.key_marker)),
        element("VersionIdMarker", query.version_marker),
        optional("NextKeyMarker", name(page.next_key) if page.truncated else ""),
        optional("NextVersionIdMarker", page.next_version if page.truncated else ""),
        element("MaxKeys", query.limit),
        optional("Delimiter", name(query.delimiter)),
        encoding(encoded),
        element("IsTruncated", page.truncated),
        *(_row(row, name) for row in page.versions),
        *common_prefixes(page.prefixes, name),
    ]
    return document("ListVersionsResult", inner)


def _row(row: VersionRow, name: Namer) -> str:
    common = (
        f"<Key>{text(name(row.key))}</Key><VersionId>{row.version}</VersionId>{element('IsLatest', row.latest)}"
        f"<LastModified>{iso_date(row.modified)}</LastModified>"
    )
    if row.info is None:
        return f"<DeleteMarker>{common}{OWNER}</DeleteMarker>"
    tag = f"<ETag>&quot;{row.info.etag}&quot;</ETag>"
    return f"<Version>{common}{tag}<Size>{row.info.size}</Size><StorageClass>STANDARD</StorageClass>{OWNER}</Version>"
