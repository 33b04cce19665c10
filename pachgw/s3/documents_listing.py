"""
The documents of ListObjects, both versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from pachgw.s3.dates import iso_date
from pachgw.s3.documents_rows import ObjectPage, ObjectRow, ObjectSelection
from pachgw.s3.metadata import Metadata
from pachgw.s3.xml_writing import OWNER, document, element, optional, text, url_encoded

Namer = Callable[[str], str]
"""
How a key is written: as it is, or percent-encoded.
"""

_STORAGE = "<StorageClass>STANDARD</StorageClass>"
_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)


def list_objects(bucket: str, query: ObjectSelection, page: ObjectPage, encoded: bool = False) -> bytes:
    """
    C{ListBucketResult} of the first version.

    @param encoded: whether C{encoding-type=url} was asked for.
    """
    name = namer(encoded)
    following = page.last if page.truncated and query.delimiter else ""
    inner = [
        element("Name", bucket),
        element("Prefix", name(query.prefix)),
        element("Marker", name(query.after)),
        optional("NextMarker", name(following)),
        *_common(query, page, name, encoded),
        *(object_row(row, name, True) for row in page.objects),
        *common_prefixes(page.prefixes, name),
    ]
    return document("ListBucketResult", inner)


def list_objects_v2(
    bucket: str,
    query: ObjectSelection,
    page: ObjectPage,
    encoded: bool = False,
    with_owner: bool = False,
    with_metadata: bool = False,
    with_token: bool = False,
) -> bytes:
    """
    C{ListBucketResult} of the second version.

    @param encoded: whether C{encoding-type=url} was asked for.
    @param with_owner: whether C{fetch-owner} was asked for.
    @param with_metadata: whether C{metadata=true} was asked for, which is MinIO's and mc's.
    @param with_token: whether a token was given, be it an empty one.
    """
    name = namer(encoded)
    inner = [
        element("Name", bucket),
        element("Prefix", name(query.prefix)),
        optional("StartAfter", name(query.after)),
        element("ContinuationToken", query.token) if with_token else "",
        optional("NextContinuationToken", page.token if page.truncated else ""),
        element("KeyCount", len(page.objects) + len(page.prefixes)),
        *_common(query, page, name, encoded),
        *(object_row(row, name, with_owner, with_metadata) for row in page.objects),
        *common_prefixes(page.prefixes, name),
    ]
    return document("ListBucketResult", inner)


def object_row(row: ObjectRow, name: Namer, with_owner: bool, with_metadata: bool = False) -> str:
    """
    C{Contents}.
    """
    algorithms = "".join(element("ChecksumAlgorithm", checksum.algorithm) for checksum in row.checksums)
    if algorithms:
        algorithms += element("ChecksumType", row.checksums[0].type.value)
    return (
        f"<Contents><Key>{text(name(row.key))}</Key><LastModified>{iso_date(row.modified)}</LastModified>"
        f"<ETag>&quot;{row.etag}&quot;</ETag>{algorithms}<Size>{row.size}</Size>{_STORAGE}{OWNER if with_owner else ''}"
        f"{_user_metadata(row.metadata) if with_metadata and row.metadata else ''}</Contents>"
    )


def common_prefixes(prefixes: Iterable[str], name: Namer) -> Iterator[str]:
    """
    C{CommonPrefixes}, one for each.
    """
    return (f"<CommonPrefixes><Prefix>{text(name(prefix))}</Prefix></CommonPrefixes>" for prefix in prefixes)


def namer(encoded: bool) -> Namer:
    """
    How keys are written.
    """
    return url_encoded if encoded else str


def encoding(encoded: bool) -> str:
    """
    The element that tells how keys are written.
    """
    return "<EncodingType>url</EncodingType>" if encoded else ""


def _common(query: ObjectSelection, page: ObjectPage, name: Namer, encoded: bool) -> list[str]:
    return [
        element("MaxKeys", query.limit),
        optional("Delimiter", name(query.delimiter)),
        encoding(encoded),
        element("IsTruncated", page.truncated),
    ]


def _user_metadata(metadata: Metadata) -> str:
    """
    What MinIO's servers add for mc: the metadata by header names. A name that no element can have is left out.
    """
    headers = {**metadata.headers, **{f"X-Amz-Meta-{_titled(name)}": value for name, value in metadata.user.items()}}
    inner = "".join(element(name, value) for name, value in headers.items() if _NAME.fullmatch(name))
    return f"<UserMetadata>{inner}</UserMetadata>"


def _titled(name: str) -> str:
    """
    A header's name as HTTP libraries write it.
    """
    return "-".join(part.capitalize() for part in name.split("-"))
