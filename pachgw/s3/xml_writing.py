"""
Writing of XML, by joining strings: a page of 1,000 keys is to cost little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional
from urllib.parse import quote

from pachgw.s3.metadata import Checksum
from pachgw.s3.refused_headers import OWNER_ID

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
"""
The namespace of S3's documents.
"""

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
"""
What every document begins with. White space that keeps a connection alive comes behind it.
"""

OWNER_NAME = "pachyderm"
"""
The display name of the owner of everything.
"""

_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def text(value: str) -> str:
    """
    A value between tags. Characters that XML 1.0 cannot hold at all become U+FFFD; who lists keys that have them asks for
    C{encoding-type=url}.
    """
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match.group(), "\ufffd"), value)


def element(name: str, value: object) -> str:
    """
    An element that holds a value. C{bool} is written as C{true} and C{false}.
    """
    return f"<{name}>{_plain(value)}</{name}>"


def optional(name: str, value: Optional[object]) -> str:
    """
    An element, or nothing for C{None} and the empty string.
    """
    return "" if value is None or value == "" else element(name, value)


def document(root: str, inner: Iterable[str], namespace: str = NAMESPACE) -> bytes:
    """
    A whole document.

    @param inner: what stands within the root element, as XML.
    @param namespace: empty for none.
    """
    start = f'{root} xmlns="{namespace}"' if namespace else root
    return DECLARATION + f"<{start}>{''.join(inner)}</{root}>".encode()


def owner(name: str = "Owner") -> str:
    """
    The owner of everything.
    """
    return f"<{name}><ID>{OWNER_ID}</ID><DisplayName>{OWNER_NAME}</DisplayName></{name}>"


OWNER = owner()
"""
The owner of everything, as most documents name it.
"""


def etag(value: str) -> str:
    """
    An C{ETag} element, in whose value the quotes belong to it.

    @param value: the ETag without quotes.
    """
    return f"<ETag>&quot;{text(value)}&quot;</ETag>"


def part_checksums(values: Iterable[Checksum]) -> str:
    """
    An element for each checksum of a part, whose type is not told.
    """
    return "".join(element(f"Checksum{checksum.algorithm}", checksum.value) for checksum in values)


def checksums(values: Iterable[Checksum]) -> str:
    """
    An element for each checksum, and of which type they are.
    """
    known = list(values)
    return part_checksums(known) + (element("ChecksumType", known[0].type.value) if known else "")


def url_encoded(value: str) -> str:
    """
    A key for a listing with C{encoding-type=url}: percent-encoded but for slashes.
    """
    return quote(value, safe="/", errors="surrogatepass")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value) if isinstance(value, str) else str(value)
