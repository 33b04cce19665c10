"""
The access log: a line for each request that has ended.
"""

from __future__ import annotations

import txaio

from pachgw.web.request import Request

log = txaio.make_logger()


def resource(request: Request) -> str:
    """
    The path of a request, as received. The query is left out: in a presigned URL it is a credential.
    """
    return request.uri.partition(b"?")[0].decode("latin-1")


def write_access(request: Request, operation: str, status: int, seconds: float) -> None:
    """
    Write a request's line. It is put together here and not by the logger, which would take several times as long.

    @param operation: the S3 operation's name.
    @param seconds: how long it took.
    """
    line = (
        f"{request.id} {getattr(request.client, 'host', '-')} {operation} {request.method.decode('latin-1')} {resource(request)} {status}"
        f" in={request.received} out={request.sent} {seconds:.4f}s"
    )
    log.info("{line}", line=line)
