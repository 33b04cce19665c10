"""
The response headers that describe an object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Optional

from pachgw.objects.values import ObjectInfo
from pachgw.s3.content_types import by_name
from pachgw.s3.dates import http_date
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.metadata import Checksum
from pachgw.s3.metadata_headers import user_headers
from pachgw.web.answer import Header

OVERRIDES: Mapping[str, str] = {
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
    "response-content-language": "Content-Language",
    "response-content-type": "Content-Type",
    "response-expires": "Expires",
}
"""
The query parameters that replace a header of the response.
"""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_KEPT = {name.lower(): name for name in OVERRIDES.values()}

_date = lru_cache(maxsize=4096)(http_date)


def validators(info: ObjectInfo) -> list[Header]:
    """
    What tells one state of an object from another; also on a 304.
    """
    return [("ETag", f'"{info.etag}"'), ("Last-Modified", _date(int(info.modified))), ("x-amz-version-id", info.version)]


def known_type(info: ObjectInfo) -> Optional[str]:
    """
    The object's content type, as it was given or as its key says; C{None} if only its bytes can tell.
    """
    given = info.metadata.content_type if info.metadata is not None else None
    return given or by_name(info.key)


def describing(info: ObjectInfo, content_type: str) -> list[Header]:
    """
    What describes an object: its type, whether ranges can be had, and what was given at the PUT.
    """
    headers = [("Accept-Ranges", "bytes"), ("Content-Type", content_type)]
    metadata = info.metadata
    if metadata is not None:
        headers += [(_KEPT[name], value) for name, value in metadata.headers.items() if name != "content-type"]
        if metadata.user:
            headers += user_headers(metadata).items()
    return headers


def overridden(headers: Sequence[Header], query: Mapping[str, str]) -> list[Header]:
    """
    The headers, with those replaced that the query names.

    @raise InvalidArgument: a value cannot be a header's.
    """
    for name in OVERRIDES.keys() & query.keys():
        if _CONTROL.search(query[name]):
            raise InvalidArgument(f"{name} must not have control characters.", ArgumentName=name)
    wanted = {OVERRIDES[name]: value.encode("utf-8").decode("latin-1") for name, value in query.items() if name in OVERRIDES}
    return [header for header in headers if header[0] not in wanted] + list(wanted.items())


def checksum_headers(checksums: Sequence[Checksum], with_type: bool = True) -> list[Header]:
    """
    An object's checksums, or a part's, whose type is not told.
    """
    headers = [(f"x-amz-checksum-{each.algorithm.lower()}", each.value) for each in checksums]
    if checksums and with_type:
        headers.append(("x-amz-checksum-type", checksums[0].type.value))
    return headers
