"""
The bytes of objects: from what is kept in memory, or from PFS.
"""

from __future__ import annotations

from pachgw.objects import neighbours as ranges
from pachgw.objects.early import Early
from pachgw.objects.exact import AtHand, Exact
from pachgw.objects.neighbours import Neighbours
from pachgw.objects.resolving import Snapshot
from pachgw.objects.small import LARGEST, Kept, SmallContents
from pachgw.objects.values import Caller, ObjectInfo
from pachgw.pfs import messages
from pachgw.pfs.interfaces import IPFS, Content
from pachgw.pfs.proto import pfs_pb2 as pfs


class Fetcher:
    """
    Gets contents.
    """

    def __init__(self, ipfs: IPFS, small: SmallContents, neighbours: Neighbours) -> None:
        self._pfs = ipfs
        self._small = small
        self._neighbours = neighbours

    def stream(self, caller: Caller, snapshot: Snapshot, path: str, start: int) -> Content:
        """
        What PFS gives of a file from a byte on.
        """
        return self._pfs.content(_request(snapshot, path, start), caller.token)

    def content(self, caller: Caller, snapshot: Snapshot, path: str, info: ObjectInfo, start: int, length: int, early: Early) -> Content:
        """
        Bytes of an object that the caller may read.

        @param path: of its file.
        @param length: at least 1.
        @param early: what has been asked for already.
        """
        kept = self._small.find(info.hash, info.size)
        if kept is not None:
            early.cancel()
            return AtHand(memoryview(kept)[start : start + length])
        stream = early.take(start)
        if stream is None and length < info.size and length <= ranges.LARGEST:
            return self._neighbours.content(_request(snapshot, path, start), caller.token, info.hash, info.size, length)
        content = Exact(self.stream(caller, snapshot, path, start) if stream is None else stream, length)
        return Kept(content, self._small, info.hash, info.size) if length == info.size <= LARGEST else content


def _request(snapshot: Snapshot, path: str, start: int) -> pfs.GetFileRequest:
    return pfs.GetFileRequest(file=snapshot.file(messages.literal(path)), offset=start)
