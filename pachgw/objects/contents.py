"""
What commits hold at given paths, asked of PFS itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.objects.changes import Change
from pachgw.objects.sharing import all_of
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit, file
from pachgw.pfs.methods import INSPECT_FILE
from pachgw.pfs.proto import pfs_pb2 as pfs

_AT_ONCE = 8


class Contents:
    """
    The files of one repo's commits.
    """

    def __init__(self, ipfs: IPFS, repo: pfs.Repo) -> None:
        self._pfs = ipfs
        self._repo = repo

    async def inspect(self, id: str, path: str, token: Optional[str], limit: Optional[float] = None) -> Optional[pfs.FileInfo]:
        """
        A file or directory in a commit, C{None} if it holds neither.

        @param limit: the time that it may take, in seconds, where the usual one does not do.
        @raise PFSError: for everything else.
        """
        request = pfs.InspectFileRequest(file=file(commit(self._repo, id), path))
        try:
            return await self._pfs.call(INSPECT_FILE, request, token, limit)
        except PFSError as error:
            if error.kind is Kind.FILE_NOT_FOUND:
                return None
            raise

    async def inspect_all(self, id: str, paths: Iterable[str], token: Optional[str]) -> dict[str, Optional[pfs.FileInfo]]:
        """
        L{inspect} for many paths, a few at once.
        """
        found: dict[str, Optional[pfs.FileInfo]] = {}
        remaining = iter(dict.fromkeys(paths))
        while chunk := list(islice(remaining, _AT_ONCE)):
            calls = [Deferred.fromCoroutine(self.inspect(id, path, token)) for path in chunk]
            found.update(zip(chunk, await all_of(calls), strict=True))
        return found

    async def hold(self, id: str, changes: Sequence[Change], token: Optional[str]) -> bool:
        """
        Whether a commit holds all that some changes put, and nothing at what they delete.
        """
        wanted = dict(_outcome(changes))
        paths = list(wanted)
        for start in range(0, len(paths), _AT_ONCE):
            try:
                found = await self.inspect_all(id, paths[start : start + _AT_ONCE], token)
            except PFSError as error:
                if error.kind is not Kind.COLLISION:
                    raise
                continue
            if any(not _as_wanted(path, wanted[path], info) for path, info in found.items()):
                return False
        return True


def _outcome(changes: Sequence[Change]) -> Iterator[tuple[str, Optional[bytes]]]:
    """
    Path to hash for each file that the changes put, path to C{None} for what they delete.
    """
    for change in changes:
        yield from ((path, None) for path in change.deletes)
        yield from ((put.path, put.hash) for put in change.puts)


def _as_wanted(path: str, hash: Optional[bytes], info: Optional[pfs.FileInfo]) -> bool:
    if info is None:
        return hash is None
    if info.file_type == pfs.DIR:
        return hash is None and not path.endswith("/")
    return info.hash == hash
