"""
A content whose beginning has been looked at.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed

from pachgw.pfs.interfaces import Buffer, Content


class Resumed:
    """
    Implements L{Content<pachgw.pfs.interfaces.Content>}: first what has been read already, then the rest.
    """

    def __init__(self, buffers: list[Buffer], rest: Content) -> None:
        self._buffers = buffers
        self._rest = rest

    def read(self) -> Deferred[list[Buffer]]:
        """
        See the interface.
        """
        buffers, self._buffers = self._buffers, []
        return succeed(buffers) if buffers else self._rest.read()

    def cancel(self) -> None:
        """
        See the interface.
        """
        self._rest.cancel()
