"""
The names in a request: buckets, keys, parameters and continuation tokens, and the operation that they make.

Lines: method, bucket, key, then C{name=value} of the query.
"""

from __future__ import annotations

from pachgw.s3.buckets import parse_bucket
from pachgw.s3.continuation import Continuation, parse_token
from pachgw.s3.errors import S3Error
from pachgw.s3.escaping import escape, path_prefix, unescape
from pachgw.s3.keys import MAX_KEY, check_key, holds
from pachgw.s3.operations import level_of, match
from pachgw.s3.parameters import limit, part_number, part_number_marker, url_encoding, version_id

_COMMIT = "0123456789abcdef" * 2

SEEDS = (
    b"GET\nimages\n\nlist-type=2\nprefix=a/\ndelimiter=/\nmax-keys=7\nencoding-type=url\ncontinuation-token="
    + Continuation(_COMMIT, "a/b").token("images", "a/", "/").encode(),
    b"PUT\ndev.images.vision\na/b.txt\nuploadId=u\npartNumber=3",
    b"GET\n" + _COMMIT.encode() + b".master.images\nreport (1).csv\nversionId=" + _COMMIT.encode(),
    b"DELETE\nimages\na%252Bb//../c\x00\xc3\xa9\n",
    b"GET\nimages\ndir/\nuploadId=u\nmax-parts=3\npart-number-marker=2",
    b"POST\nimages\n\ndelete=",
)


def fuzz_one(data: bytes) -> None:
    """
    Read all the names.
    """
    method, bucket, key, *rest = [*data.decode("utf-8", "replace").split("\n"), "", "", ""]
    query = {name: value for name, _, value in (line.partition("=") for line in rest) if name}
    _key(key)
    token = query.get("continuation-token", "")
    for reader in (
        lambda: match(method, level_of(bucket, key), query, {}),
        lambda: _bucket(bucket),
        lambda: _token(token, bucket, query.get("prefix", ""), query.get("delimiter", "")),
        lambda: _parameters(query),
    ):
        try:
            reader()
        except S3Error as error:
            assert error.status < 500 or error.code == "NotImplemented", error.code


def _key(key: str) -> None:
    try:
        check_key(key)
        assert holds(key) and key.isascii() and "//" not in key
    except S3Error as error:
        assert error.code in ("InvalidFilePath", "KeyTooLongError") and not holds(key)
    if key and len(key) < MAX_KEY:
        path = escape(key)
        assert unescape(path) == key, path
        assert path.startswith(path_prefix(key))
        assert len(path) > MAX_KEY or holds(path), path
        assert not holds(key) or escape(unescape(key)) == key


def _bucket(name: str) -> None:
    bucket = parse_bucket(name)
    assert parse_bucket(bucket.name) == bucket


def _token(token: str, bucket: str, prefix: str, delimiter: str) -> None:
    if token:
        assert parse_token(token, bucket, prefix, delimiter).token(bucket, prefix, delimiter) == token


def _parameters(query: dict[str, str]) -> None:
    assert 0 <= limit(query) <= 1000
    assert 0 <= part_number_marker(query) <= 10_000
    url_encoding(query)
    version_id(query)
    assert "partNumber" not in query or 1 <= part_number(query) <= 10_000
