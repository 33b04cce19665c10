"""
What stands at a path before it is written: from the index of the commit if it is at hand, else by one call.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from pachgw.objects.changes import ancestors
from pachgw.objects.collisions import is_directory, parent_is_file
from pachgw.objects.contents import Contents
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName, Indexes
from pachgw.objects.resolving import Snapshot
from pachgw.objects.values import Caller
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import repo
from pachgw.pfs.proto import pfs_pb2 as pfs


class Found(NamedTuple):
    """
    What a path holds.

    @ivar directory: whether it is one.
    @ivar hash: PFS's hash of a file.
    @ivar size: of a file, in bytes.
    """

    directory: bool
    hash: bytes = b""
    size: int = 0


class Standing:
    """
    Looks at commits for those who write.
    """

    def __init__(self, ipfs: IPFS, indexes: Indexes) -> None:
        self._pfs = ipfs
        self._indexes = indexes

    def index(self, snapshot: Snapshot, commit: Optional[str] = None) -> Optional[Index]:
        """
        The index of a snapshot's commit, or of another one of its repo, if it is at hand.
        """
        return self._indexes.find(CommitName(snapshot.project, snapshot.repo, commit or snapshot.commit))

    async def find(self, caller: Caller, snapshot: Snapshot, path: str, commit: Optional[str] = None) -> Optional[Found]:
        """
        What is at a path of a snapshot's commit, or of another one of its repo.

        @param path: without a slash at its end.
        @raise PFSError: PFS refuses.
        """
        index = self.index(snapshot, commit)
        if index is not None:
            entry = index.find(path[1:].encode())
            if entry is not None:
                return Found(False, entry.hash, entry.size)
            return Found(True) if index.is_directory(path) else None
        contents = Contents(self._pfs, repo(snapshot.project, snapshot.repo))
        info = await contents.inspect(commit or snapshot.commit, path, caller.token)
        return None if info is None else Found(info.file_type == pfs.DIR, info.hash, info.size_bytes)

    def refuse_collision(self, snapshot: Snapshot, path: str) -> None:
        """
        Refuse what PFS could not hold beside what is there already, as far as it is known without asking.

        @raise ObjectParentIsFile: an object is where the path needs a directory.
        @raise ExistingObjectIsDirectory: the path is a directory.
        """
        index = self.index(snapshot)
        if index is None:
            return
        if index.is_directory(path):
            raise is_directory(path)
        for above in ancestors(path):
            if index.is_file(above):
                raise parent_is_file(above)
