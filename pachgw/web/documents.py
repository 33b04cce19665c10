"""
Bodies that are XML documents, gathered whole.
"""

from __future__ import annotations

from pachgw.s3.errors import MaxMessageLengthExceeded
from pachgw.s3.xml_reading import MAX_BODY
from pachgw.web.call import Call


async def read_document(call: Call) -> bytes:
    """
    The body of a request, checked against what the request says of it; empty if there is none.

    @raise MaxMessageLengthExceeded: it is larger than any document may be.
    """
    length = call.request.length
    if length == 0:
        return b""
    if length is not None and length > 2 * MAX_BODY:
        raise MaxMessageLengthExceeded(MaxMessageLengthBytes=str(MAX_BODY))
    body = call.body()
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := await body.read():
            size += len(piece)
            if size > MAX_BODY:
                raise MaxMessageLengthExceeded(MaxMessageLengthBytes=str(MAX_BODY))
            pieces.append(piece)
    finally:
        body.cancel()
    return b"".join(pieces)
