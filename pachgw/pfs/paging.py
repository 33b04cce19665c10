"""
Pages of listings from servers that know no pages.
"""

from __future__ import annotations

from typing import Any, Optional

from pachgw.pfs.adapting import answered, asked
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.versions import Server


class Page:
    """
    The request of a stream and its responses, with a marker and a number that the server may not know.

    @ivar server: to be set before anything is asked.
    """

    def __init__(self, request: Any) -> None:
        self._request = request
        self._left: Optional[int] = None
        self._marker = ""
        self.server = Server(0, 0)

    def asked(self) -> Any:
        """
        What to ask of the server.

        @raise PFSError: it is not possible there.
        """
        server, request = self.server, self._request
        markers = {pfs.WalkFileRequest: server.walk_markers, pfs.ListFileRequest: server.list_markers}
        if not markers.get(type(request), True):
            if request.reverse:
                raise server.lacks("Reverse order", "2.5")
            self._marker = request.paginationMarker.path if request.HasField("paginationMarker") else ""
            self._left = request.number or None
            request = type(request)(file=request.file)
        return asked(request, server)

    def keep(self, batch: list[Any]) -> tuple[list[Any], bool]:
        """
        The responses that were asked for, and whether there may be more of them.
        """
        if self._marker:
            batch = [info for info in batch if _behind(info.file.path, self._marker)]
        if self._left is not None:
            batch = batch[: self._left]
            self._left -= len(batch)
        return [answered(message, self.server) for message in batch], self._left != 0


def _behind(path: str, marker: str) -> bool:
    """
    Whether a path is behind an exclusive marker. A directory is the same with its slash and without.
    """
    return path > marker and path.rstrip("/") != marker.rstrip("/")
