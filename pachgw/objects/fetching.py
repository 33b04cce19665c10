"""
The bytes of objects: from what is kept in memory, or from PFS.
"""

from __future__ import annotations

from pachgw.objects import neighbours as ranges
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

    def content(self, caller: Caller, snapshot: Snapshot, path: str, info: ObjectInfo, start: int, length: int) -> Content:
        """
        Bytes of an object that the caller may read.

        @param path: of its file.
        @param length: at least 1.
        """
        kept = self._small.find(info.hash, info.size)
        if kept is not None:
            return AtHand(memoryview(kept)[start : start + length])
        request = pfs.GetFileRequest(file=snapshot.file(messages.literal(path)), offset=start)
        if length < info.size and length <= ranges.LARGEST:
            return self._neighbours.content(request, caller.token, info.hash, info.size, length)
        content = Exact(self._pfs.content(request, caller.token), length)
        return Kept(content, self._small, info.hash, info.size) if info.size <= LARGEST else content
