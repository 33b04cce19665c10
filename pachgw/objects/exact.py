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
        kept, self._left = cut(buffers, self._left)
        if self._left == 0:
            self._source.cancel()
        return kept


def cut(buffers: list[Buffer], wanted: int) -> tuple[list[Buffer], int]:
    """
    The first bytes of some buffers.

    @param wanted: how many, at least 1.
    @return: buffers, none of them empty, and how many bytes are still wanted.
    @raise PFSError: of status C{DATA_LOSS} if there are no buffers.
    """
    if not buffers:
        raise PFSError(Status.DATA_LOSS, f"the content ended {wanted} bytes early")
    kept: list[Buffer] = []
    for buffer in buffers:
        kept.append(buffer if len(buffer) <= wanted else memoryview(buffer)[:wanted])
        wanted -= len(kept[-1])
        if wanted == 0:
            break
    return kept, wanted


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
