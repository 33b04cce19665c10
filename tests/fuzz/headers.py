"""
The headers that say what is wanted of an object: ranges, conditions, copy sources and metadata.

One header a line, as C{name: value}.
"""

from __future__ import annotations

from pachgw.s3.conditions import COPY_SOURCE, parse_conditions
from pachgw.s3.copy_source import HEADER, parse_source
from pachgw.s3.documents_attributes import parse_attributes
from pachgw.s3.errors import S3Error
from pachgw.s3.metadata_headers import parse_metadata, user_headers
from pachgw.s3.ranges import select
from pachgw.s3.refused_headers import check_headers

SIZE = 1000

SEEDS = (
    b"range: bytes=0-9",
    b'range: bytes=-5\nif-match: "a", W/"b"\nif-none-match: *',
    b"if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT\nif-unmodified-since: Sunday, 06-Nov-94 08:49:37 GMT",
    b"x-amz-copy-source: /dev.images.vision/a%20b?versionId=0123456789abcdef0123456789abcdef\nx-amz-copy-source-range: bytes=0-9",
    b'x-amz-copy-source: images/k\nx-amz-copy-source-if-match: "e"',
    b"x-amz-meta-a: =?UTF-8?B?w6k=?=\ncontent-encoding: aws-chunked,gzip\ncontent-type: text/plain",
    b"x-amz-object-attributes: ETag,ObjectSize\nx-amz-acl: private\nx-amz-storage-class: STANDARD",
)


def fuzz_one(data: bytes) -> None:
    """
    Read all that the headers say.
    """
    lines = [line.partition(":") for line in data.decode("latin-1").split("\n")]
    headers = {name.lower(): value.strip() for name, _, value in lines}
    for reader in (_range, _conditions, _source, _metadata, parse_attributes, check_headers):
        try:
            reader(headers)
        except S3Error as error:
            assert error.status < 500 or error.code == "NotImplemented", error.code


def _range(headers: dict[str, str]) -> None:
    span = select(headers.get("range"), SIZE)
    assert span is None or (span.start >= 0 and span.length > 0 and span.start + span.length <= SIZE)


def _conditions(headers: dict[str, str]) -> None:
    for prefix in ("", COPY_SOURCE):
        conditions = parse_conditions(headers, prefix)
        assert bool(conditions.if_match) == (prefix + "if-match" in headers), "a condition was lost"
        conditions.check_copy("e", 0.0)


def _source(headers: dict[str, str]) -> None:
    if HEADER in headers:
        source = parse_source(headers)
        assert source.key and (source.start is None or source.start <= (source.stop or 0))


def _metadata(headers: dict[str, str]) -> None:
    shown = user_headers(parse_metadata(headers))
    assert all(value.isascii() and (value.isprintable() or not value) for value in shown.values()), shown
    assert user_headers(parse_metadata(shown)) == shown
