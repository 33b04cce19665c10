"""
The document of ListObjectVersions.
"""

from __future__ import annotations

from pachgw.s3.dates import iso_date
from pachgw.s3.documents_listing import Namer, common_prefixes, encoding, namer
from pachgw.s3.documents_rows import VersionPage, VersionRow, VersionSelection
from pachgw.s3.xml_writing import OWNER, document, element, optional, text


def list_versions(bucket: str, query: VersionSelection, page: VersionPage, encoded: bool = False) -> bytes:
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
