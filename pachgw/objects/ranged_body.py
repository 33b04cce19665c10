"""
A part of an object as the body of a write.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.pfs.interfaces import Buffer, Content
from pachgw.s3.metadata import Checksum


class RangedBody:
    """
    A L{Body<pachgw.objects.interfaces.Body>} of bytes that come from PFS.

    @ivar length: in bytes.
    """

    def __init__(self, content: Content, length: int) -> None:
        self._content = content
        self.length: Optional[int] = length

    def read(self) -> Deferred[bytes]:
        """See L{Body<pachgw.objects.interfaces.Body>}."""
        return self._content.read().addCallback(_joined)

    def checksums(self) -> tuple[Checksum, ...]:
        """See L{Body<pachgw.objects.interfaces.Body>}."""
        return ()

    def cancel(self) -> None:
        """See L{Body<pachgw.objects.interfaces.Body>}."""
        self._content.cancel()


def _joined(buffers: list[Buffer]) -> bytes:
    return b"".join(buffers)
