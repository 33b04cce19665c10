"""
Bodies of requests for tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Union

from twisted.internet.defer import Deferred, fail, succeed

from pachgw.s3.metadata import Checksum

Piece = Union[bytes, Exception, Deferred[bytes]]


class FakeBody:
    """
    Gives what it was made with, piece by piece; an exception is raised, a Deferred waited for.

    @ivar reads: how often it was read from.
    """

    def __init__(self, *pieces: Piece, checksums: Sequence[Checksum] = ()) -> None:
        self._pieces = list(pieces)
        self._checksums = tuple(checksums)
        self.length: Optional[int] = sum(len(piece) for piece in pieces if isinstance(piece, bytes))
        self.reads = 0
        self.cancelled = False

    def read(self) -> Deferred[bytes]:
        """See L{Body<pachgw.objects.interfaces.Body>}."""
        self.reads += 1
        piece = self._pieces.pop(0) if self._pieces else b""
        if isinstance(piece, Deferred):
            return piece
        return fail(piece) if isinstance(piece, Exception) else succeed(piece)

    def checksums(self) -> tuple[Checksum, ...]:
        """See L{Body<pachgw.objects.interfaces.Body>}."""
        return self._checksums

    def cancel(self) -> None:
        """See L{Body<pachgw.objects.interfaces.Body>}."""
        self.cancelled = True
