"""
Bodies that are XML documents, gathered whole.
"""

from __future__ import annotations

from dataclasses import replace

from pachgw.s3.errors import MaxMessageLengthExceeded
from pachgw.s3.xml_reading import MAX_BODY
from pachgw.web.call import Call

_OF_THE_OBJECT = ("x-amz-checksum-", "x-amz-sdk-checksum-algorithm")


async def read_document(call: Call, checksums_are_of_the_object: bool = False) -> bytes:
    """
    The body of a request, checked against what the request says of it; empty if there is none.

    @param checksums_are_of_the_object: whether the checksums in the headers are not of this body (CompleteMultipartUpload).
    @raise MaxMessageLengthExceeded: it is larger than any document may be.
    """
    length = call.request.length
    if length == 0:
        return b""
    if length is not None and length > 2 * MAX_BODY:
        raise MaxMessageLengthExceeded(MaxMessageLengthBytes=str(MAX_BODY))
    head = call.head
    if checksums_are_of_the_object:
        head = replace(head, headers={name: values for name, values in head.headers.items() if not name.startswith(_OF_THE_OBJECT)})
    body = call.body(head)
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
