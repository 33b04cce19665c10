"""
Headers that a presigned URL carries in its query.

SDKs move C{x-amz-} headers into the query of a URL that they sign (those for JavaScript and Java all of them), and AWS reads them there
as headers.
"""

from __future__ import annotations

from collections.abc import Mapping

from pachgw.s3.errors import InvalidRequest

_PREFIX = "x-amz-"
_OF_THE_SIGNATURE = frozenset(
    _PREFIX + name
    for name in ("algorithm", "credential", "date", "expires", "signedheaders", "signature", "security-token", "content-sha256")
)


def with_hoisted(headers: Mapping[str, str], query: Mapping[str, str]) -> Mapping[str, str]:
    """
    The headers of a request together with those in its query.

    @param headers: by lower-case name, latin-1 as they arrived; so are those that are returned.
    @param query: decoded as UTF-8.
    @raise InvalidRequest: one is in both places, with different values.
    """
    hoisted = {
        name.lower(): value.encode("utf-8", "replace").decode("latin-1")
        for name, value in query.items()
        if name.lower().startswith(_PREFIX) and name.lower() not in _OF_THE_SIGNATURE
    }
    for name, value in hoisted.items():
        if headers.get(name, value) != value:
            raise InvalidRequest(f"{name} has one value in the query and another in the headers.", Header=name)
    return {**headers, **hoisted} if hoisted else headers
