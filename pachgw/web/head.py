"""
From Twisted's request to the head that the S3 protocol reads.
"""

from __future__ import annotations

from typing import Optional

from pachgw.s3.request_head import RequestHead
from pachgw.web.request import Request


def read_head(request: Request, virtual: Optional[str] = None) -> RequestHead:
    """
    The head of a request, nothing decoded: each byte becomes one latin-1 character.

    @param virtual: the bucket that the C{Host} header names.
    """
    headers = {
        name.decode("latin-1").lower(): [value.decode("latin-1") for value in values]
        for name, values in request.requestHeaders.getAllRawHeaders()
    }
    return RequestHead(request.method.decode("latin-1"), request.uri.decode("latin-1"), headers, virtual)
