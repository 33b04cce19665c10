"""
Where a copy comes from: C{x-amz-copy-source} and what goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional
from urllib.parse import unquote_to_bytes

from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.conditions import COPY_SOURCE, NONE, Conditions, parse_conditions
from pachgw.s3.errors import InvalidArgument, InvalidRequest
from pachgw.s3.parameters import version_id
from pachgw.s3.ranges import parse_copy_range

HEADER = "x-amz-copy-source"
_RANGE = "x-amz-copy-source-range"
_VERSION = "?versionId="


@dataclass(frozen=True)
class Source:
    """
    Where a copy comes from.

    @ivar conditions: C{x-amz-copy-source-if-*}.
    @ivar start: the first byte for UploadPartCopy with a range, C{None} for the whole.
    @ivar stop: the last byte, inclusive.
    """

    bucket: Bucket
    key: str
    version: Optional[str] = None
    conditions: Conditions = NONE
    start: Optional[int] = None
    stop: Optional[int] = None


def parse_source(headers: Mapping[str, str]) -> Source:
    """
    Read the source of CopyObject or UploadPartCopy: C{bucket/key}, percent-encoded, with or without a leading slash, and perhaps
    C{?versionId=}.

    @param headers: by lower-case name, latin-1 as they arrived.
    @raise InvalidArgument: the source, its version or its range has not the form that it must have.
    @raise InvalidBucketName: the bucket is none.
    """
    value = headers[HEADER]
    path, separator, version = value.rpartition(_VERSION)
    try:
        name = unquote_to_bytes((path if separator else value).encode("latin-1")).decode()
    except ValueError:
        raise _wrong(value, "must be UTF-8, percent-encoded") from None
    bucket, slash, key = name.removeprefix("/").partition("/")
    if not (slash and bucket and key):
        raise _wrong(value, "must have the form bucket/key or bucket/key?versionId=…")
    start, stop = parse_copy_range(headers[_RANGE]) if _RANGE in headers else (None, None)
    return Source(
        parse_bucket(bucket),
        key,
        version_id({"versionId": version}) if separator else None,
        parse_conditions(headers, COPY_SOURCE),
        start,
        stop,
    )


def check_changes_something(source: Source, bucket: Bucket, key: str, replaces: bool) -> None:
    """
    Refuse a copy of an object onto itself that changes nothing, as AWS does.

    @param replaces: whether the metadata is replaced.
    @raise InvalidRequest: nothing would change.
    """
    if not replaces and source.version is None and (source.bucket, source.key) == (bucket, key):
        raise InvalidRequest(
            "This copies an object onto itself and changes nothing. Use x-amz-metadata-directive: REPLACE with new metadata."
        )


def _wrong(value: str, what: str) -> InvalidArgument:
    return InvalidArgument(f"{HEADER} {what}.", ArgumentName=HEADER, ArgumentValue=value[:256])
