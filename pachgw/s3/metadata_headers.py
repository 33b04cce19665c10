"""
An object's metadata in the headers of requests and responses.

Header values are latin-1 text, one character for each byte, as they come over the wire.

What is not ASCII is decoded on its way in, from plain UTF-8 or from RFC 2047, and leaves in RFC 2047, which no proxy or client can harm.
Source: U{https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html}.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from email.header import decode_header, make_header

from pachgw.s3.errors import InvalidArgument, MetadataTooLarge
from pachgw.s3.metadata import Metadata

USER = "x-amz-meta-"
"""
How the headers of user metadata begin.
"""

MAX_USER = 2048
"""
The most bytes of names, without their prefix, and values together.
"""

KEPT = ("content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires")
"""
The headers that come back as they were given.
"""

_DIRECTIVE = "x-amz-metadata-directive"
_CODING = "aws-chunked"
_WORD = (
    r"=\?(?:utf-8|us-ascii|iso-8859-1)\?"
    r"(?:b\?(?:[a-z0-9+/]{4})*(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?|q\?(?:[!-<>@-~]|=[0-9a-f]{2})*)\?="
)
_WORDS = re.compile(rf"{_WORD}(?: +{_WORD})*", re.ASCII | re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_VISIBLE = re.compile(r"[ -~]*", re.ASCII)


def parse_metadata(headers: Mapping[str, str]) -> Metadata:
    """
    Read what a request wants to be kept.

    @param headers: by lower-case name, several of a name joined with commas.
    @raise MetadataTooLarge: the user metadata has over L{MAX_USER} bytes.
    @raise InvalidArgument: a name or value cannot come back as a header.
    """
    kept = {name: headers[name].strip() for name in KEPT if name in headers}
    if "content-encoding" in kept:
        kept["content-encoding"] = without_aws_chunked(kept["content-encoding"])
    for name, value in kept.items():
        if _CONTROL.search(value):
            raise InvalidArgument(f"{name} must not have control characters.", ArgumentName=name)
    return Metadata({name: value for name, value in kept.items() if value}, _user(headers))


def replaces_metadata(headers: Mapping[str, str]) -> bool:
    """
    Whether a copy takes its metadata from the request (C{REPLACE}) and not from its source (C{COPY}).

    @raise InvalidArgument: the directive is neither.
    """
    value = headers.get(_DIRECTIVE, "COPY").strip()
    if value not in ("COPY", "REPLACE"):
        raise InvalidArgument(f"{_DIRECTIVE} must be COPY or REPLACE.", ArgumentName=_DIRECTIVE, ArgumentValue=value[:64])
    return value == "REPLACE"


def user_headers(metadata: Metadata) -> dict[str, str]:
    """
    The response headers that show user metadata.
    """
    return {USER + name: _encoded(value) for name, value in metadata.user.items()}


def without_aws_chunked(value: str) -> str:
    """
    A C{Content-Encoding} without the coding that is of the transfer and not of the object; empty if nothing is left.
    """
    codings = [coding.strip() for coding in value.split(",")]
    kept = [coding for coding in codings if coding and coding.lower() != _CODING]
    return value if len(kept) == len(codings) else ", ".join(kept)


def _user(headers: Mapping[str, str]) -> dict[str, str]:
    user = {name[len(USER) :]: _decoded(value.strip()) for name, value in headers.items() if name.startswith(USER)}
    size = sum(len(name) + len(value.encode()) for name, value in user.items())
    if size > MAX_USER:
        raise MetadataTooLarge(Size=str(size), MaxSizeAllowed=str(MAX_USER))
    for name in user:
        if not _NAME.fullmatch(name):
            raise InvalidArgument(f"{(USER + name)[:256]!r} is not the name of a header.", ArgumentName=USER)
    return user


def _decoded(value: str) -> str:
    """
    A header's value as text: UTF-8, or if it is not that, latin-1; or RFC 2047's encoded words, if it is nothing but those.
    """
    try:
        value = value.encode("latin-1").decode()
    except ValueError:
        return value
    if not _WORDS.fullmatch(value):
        return value
    try:
        return str(make_header(decode_header(value)))
    except ValueError:
        return value


def _encoded(value: str) -> str:
    """
    Text as a header's value: as it is, if it is visible ASCII that is not taken for an encoded word, else one encoded word.
    """
    if _VISIBLE.fullmatch(value) and _decoded(value) == value == value.strip():
        return value
    return f"=?UTF-8?B?{b64encode(value.encode()).decode()}?="
