"""
The values of query parameters, and of the few headers that are numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional

from pachgw.s3.buckets import is_commit_id
from pachgw.s3.errors import InvalidArgument, NoSuchVersion

MAX_LIMIT = 1000
"""
The most entries of any page.
"""

MAX_PART = 10_000
"""
The highest number of a part.
"""

_NUMBER = re.compile(r"[0-9]{1,32}", re.ASCII)


def limit(query: Mapping[str, str], name: str = "max-keys") -> int:
    """
    How many entries a page may have. More than L{MAX_LIMIT} is cut to it, nothing means it.

    @raise InvalidArgument: it is no number, or below 0.
    """
    value = query.get(name, "")
    return min(_number(name, value, f"{name} must be a number from 0 to {MAX_LIMIT}."), MAX_LIMIT) if value else MAX_LIMIT


def part_number(query: Mapping[str, str]) -> int:
    """
    The C{partNumber} of an upload's part.

    @raise InvalidArgument: it is none from 1 to L{MAX_PART}.
    """
    message = f"partNumber must be a number from 1 to {MAX_PART}."
    value = query.get("partNumber", "")
    number = _number("partNumber", value, message)
    if not 1 <= number <= MAX_PART:
        raise _wrong("partNumber", value, message)
    return number


def part_number_marker(query: Mapping[str, str], name: str = "part-number-marker") -> int:
    """
    Behind which part a page of parts begins, 0 if nothing is said.

    @param name: that of the parameter, or of GetObjectAttributes' header.
    @raise InvalidArgument: it is no number.
    """
    value = query.get(name, "")
    return min(_number(name, value, f"{name} must be a number from 0."), MAX_PART) if value else 0


def url_encoding(query: Mapping[str, str]) -> bool:
    """
    Whether C{encoding-type} asks for keys that are percent-encoded.

    @raise InvalidArgument: it asks for another encoding.
    """
    value = query.get("encoding-type", "")
    if value not in ("", "url"):
        raise _wrong("encoding-type", value, "encoding-type must be url, or be left out.")
    return value == "url"


def version_id(query: Mapping[str, str]) -> Optional[str]:
    """
    The commit that C{versionId} names, C{None} if nothing is said.

    @raise InvalidArgument: it is no commit's id.
    @raise NoSuchVersion: it is C{null}, which S3 has for what was written without versions. Here everything has one.
    """
    value = query.get("versionId")
    if value == "null":
        raise NoSuchVersion("There is no null version: each object here has the commit that holds it as its version.")
    if value is not None and not is_commit_id(value):
        raise _wrong("versionId", value, "versionId must be the id of a commit, 32 lower-case hex digits.")
    return value


def _number(name: str, value: str, message: str) -> int:
    if not _NUMBER.fullmatch(value):
        raise _wrong(name, value, message)
    return int(value)


def _wrong(name: str, value: str, message: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName=name, ArgumentValue=value[:256])
