"""
The head of an HTTP request as it came over the wire: what a signature signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Optional
from urllib.parse import unquote_to_bytes

WHITE = " \t"
"""
What is white space in a header (RFC 9110, section 5.6.3). Not more: in latin-1 the last byte of UTF-8 may look like a space.
"""


@dataclass(frozen=True)
class RequestHead:
    """
    A request without its body. All text is what arrived, each byte decoded as one latin-1 character, so that nothing is lost
    and a signature over UTF-8 still holds.

    @ivar method: in upper case, as received.
    @ivar target: the request target as received, percent-encoded: C{/bucket/a%20key?acl}. An absolute target
        (C{http://host/bucket/key}) counts for its path and query.
    @ivar headers: values by lower-case name, in the order in which they came; C{host} is one of them.
    @ivar bucket: the bucket when the C{Host} header names it (virtual-host style), so that C{target} does not.
    """

    method: str
    target: str
    headers: Mapping[str, Sequence[str]]
    bucket: Optional[str] = None

    @cached_property
    def path(self) -> str:
        """
        The path as received, percent-encoded, at least C{/}.
        """
        return self._parts[0] or "/"

    @cached_property
    def query(self) -> tuple[tuple[bytes, bytes], ...]:
        """
        The parameters of the query, percent-decoded, in their order. C{+} is a space. A parameter without C{=} has an empty value.
        """
        pieces = self._parts[1].encode("latin-1").replace(b"+", b" ").split(b"&")
        pairs = (piece.partition(b"=") for piece in pieces if piece)
        return tuple((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs)

    @cached_property
    def _parts(self) -> tuple[str, str]:
        target = self.target
        if not target.startswith("/") and "://" in target.partition("?")[0]:
            authority, slash, rest = target.partition("://")[2].partition("/")
            target = slash + rest if slash else "?" + authority.partition("?")[2]
        path, _, query = target.partition("?")
        return path, query

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """
        The parameters of the query as text, the first value of each.
        """
        parameters: dict[str, str] = {}
        for name, value in self.query:
            parameters.setdefault(name.decode("utf-8", "replace"), value.decode("utf-8", "replace"))
        return parameters

    def parameter(self, name: str) -> Optional[str]:
        """
        The value of a query parameter, the first if there are several; C{None} if there is none.
        """
        return self.parameters.get(name)

    def header(self, name: str) -> Optional[str]:
        """
        The value of a header, several joined with commas (RFC 9110, section 5.3); C{None} if it is not there.

        @param name: in lower case.
        """
        values = self.headers.get(name)
        if not values:
            return None
        return ",".join(value.strip(WHITE) for value in values)
