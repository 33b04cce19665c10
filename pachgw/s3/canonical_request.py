"""
The forms of a request that signature version 4 signs.

Source: U{https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html}, "Create a canonical request".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pachgw.s3.request_head import WHITE, RequestHead

_SPACES = re.compile(r"[ \t]+")


def canonical_requests(head: RequestHead, signed: Iterable[str], payload: str) -> tuple[bytes, ...]:
    """
    AWS's form of a request, and two that clients take for it, where they differ: s3cmd leaves white space within a header as it is,
    curl 7 the path and the query. Each form says all that the request does, so that none of them lets anything be changed.

    @param signed: the lower-case names of the headers that are signed, in the client's order.
    @param payload: the value of C{x-amz-content-sha256}, or what stands for it.
    """
    names = list(signed)
    path = quote_from_bytes(unquote_to_bytes(head.path.encode("latin-1")))
    query = _canonical_query(head)
    trimmed = "".join(f"{name}:{','.join(value.strip(WHITE) for value in head.headers.get(name, ()))}\n" for name in names)
    squeezed = _SPACES.sub(" ", trimmed)
    forms = ((path, query, squeezed), (path, query, trimmed), (head.path, _sent_query(head), squeezed))
    texts = ("\n".join((head.method, *form, ";".join(names), payload)) for form in dict.fromkeys(forms))
    return tuple(text.encode("latin-1", "replace") for text in texts)


def _canonical_query(head: RequestHead) -> str:
    pairs = ((quote_from_bytes(name, ""), quote_from_bytes(value, "")) for name, value in head.query if name != b"X-Amz-Signature")
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _sent_query(head: RequestHead) -> str:
    query = head.target.partition("?")[2]
    return "&".join(piece for piece in query.split("&") if not piece.startswith("X-Amz-Signature="))
