"""
Which bucket and key a request is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional
from urllib.parse import unquote_to_bytes

from pachgw.s3.errors import InvalidURI


class Address(NamedTuple):
    """
    The target of a request.

    @ivar bucket: the bucket's name as given, C{None} for the service itself.
    @ivar key: the key, percent-decoded, empty for the bucket itself.
    @ivar virtual: whether the bucket came from the C{Host} header.
    """

    bucket: Optional[str]
    key: str
    virtual: bool = False


def virtual_bucket(host: str, domains: Sequence[str]) -> Optional[str]:
    """
    The bucket that a C{Host} header names (virtual-host style), if it does. The bucket may have dots in it, and keeps its case.

    @param domains: the gateway's own domains, in lower case, longest first.
    """
    if not domains:
        return None
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    folded = name.lower()
    for domain in domains:
        if folded == domain:
            return None
        if folded.endswith("." + domain):
            return name[: -len(domain) - 1]
    return None


def read_address(path: str, virtual: Optional[str] = None) -> Address:
    """
    Read a request's path.

    @param path: as on the wire, each byte one latin-1 character.
    @param virtual: the bucket that the C{Host} header names.
    @raise InvalidURI: it does not begin with a slash or is not UTF-8.
    """
    if not path.startswith("/"):
        raise InvalidURI()
    if virtual is not None:
        return Address(virtual, _decode(path[1:]), True)
    bucket, _, key = path[1:].partition("/")
    if not bucket and not key:
        return Address(None, "")
    return Address(_decode(bucket), _decode(key))


def _decode(text: str) -> str:
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidURI() from None
