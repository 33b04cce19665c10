"""
The access log: a line for each request that has ended.
"""

from __future__ import annotations

from typing import Optional

import txaio
from twisted.internet.interfaces import IDelayedCall

from pachgw.web.request import Request

log = txaio.make_logger()

DELAY = 0.1
"""
Seconds for which lines are gathered. Each entry of a Twisted log costs as much as a tenth of a small GET, so when there are many they
share one.
"""

FEW = 10
"""
How many lines still get an entry, and a time, of their own.
"""


def resource(request: Request) -> str:
    """
    The path of a request, as received, with escapes for what is not ASCII. The query is left out: in a presigned URL it is a credential.
    """
    return request.uri.partition(b"?")[0].decode("ascii", "backslashreplace")


class AccessLog:
    """
    Gathers lines, and writes them a moment later.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._flushing: Optional[IDelayedCall] = None

    def write(self, request: Request, operation: str, status: int, seconds: float) -> None:
        """
        Add a request's line.

        @param operation: the S3 operation's name.
        @param seconds: how long it took.
        """
        asked = f"{operation} {request.method.decode('latin-1')} {resource(request)}"
        answered = f"{status} in={request.received} out={request.sent} {seconds:.4f}s"
        self._lines.append(f"{request.id} {getattr(request.client, 'host', '-')} {asked} {answered}")
        if self._flushing is None:
            self._flushing = request.site.clock.callLater(DELAY, self.flush)

    def flush(self) -> None:
        """
        Write what there is.
        """
        flushing, self._flushing = self._flushing, None
        if flushing is not None and flushing.active():
            flushing.cancel()
        lines, self._lines = self._lines, []
        if len(lines) > FEW:
            lines = ["\n".join(lines)]
        for line in lines:
            log.info("{line}", line=line)
