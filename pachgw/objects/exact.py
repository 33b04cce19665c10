"""
Exactly so many bytes of a stream that would give more.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.defer import Deferred, succeed

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import Buffer, Content


class Exact:
    """
    The first C{length} bytes of some content. The stream is cancelled as soon as they have come, for PFS knows no end of a range.
    """

    def __init__(self, source: Content, length: int) -> None:
        self._source = source
        self._left = length

    def read(self) -> Deferred[list[Buffer]]:
        """
        See L{Content}.

        @raise PFSError: (by the Deferred) of status C{DATA_LOSS} when the source ends early.
        """
        if self._left == 0:
            self._source.cancel()
            return succeed([])
        return self._source.read().addCallback(self._cut)

    def cancel(self) -> None:
        """
        See L{Content}.
        """
        self._source.cancel()

    def _cut(self, buffers: list[Buffer]) -> list[Buffer]:
        if not buffers:
            raise PFSError(Status.DATA_LOSS, f"the content ended {self._left} bytes early")
        kept: list[Buffer] = []
        for buffer in buffers:
            part = buffer if len(buffer) <= self._left else memoryview(buffer)[: self._left]
            kept.append(part)
            self._left -= len(part)
            if self._left == 0:
                self._source.cancel()
                break
        return kept


class AtHand:
    """
    Content that is in memory.
    """

    def __init__(self, content: Optional[Buffer]) -> None:
        self._content = content

    def read(self) -> Deferred[list[Buffer]]:
        """
        See L{Content}.
        """
        content, self._content = self._content, None
        return succeed([content] if content else [])

    def cancel(self) -> None:
        """
        See L{Content}.
        """
        self._content = None
