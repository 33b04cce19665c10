"""
The document of an error.
"""

from __future__ import annotations

from pachgw.s3.errors import S3Error
from pachgw.s3.xml_writing import document, element


def error_document(error: S3Error, resource: str, request_id: str, host_id: str) -> bytes:
    """
    C{Error}.

    @param resource: the path that was asked for.
    @param request_id: as in C{x-amz-request-id}.
    @param host_id: which gateway answered.
    """
    elements = {
        "Code": error.code,
        "Message": error.message,
        **error.elements,
        "Resource": resource,
        "RequestId": request_id,
        "HostId": host_id,
    }
    return document("Error", (element(name, value) for name, value in elements.items()), namespace="")
