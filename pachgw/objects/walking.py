"""
Reading a commit's files from PFS, page by page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from pachgw.objects.blocks import Entry, entry_of
from pachgw.objects.cursors import LAST, NEXT
from pachgw.objects.resolving import Snapshot
from pachgw.objects.values import Caller
from pachgw.pfs import methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Messages
from pachgw.pfs.proto import pfs_pb2 as pfs

MOST = 1050
"""
The most entries to ask PFS for in one call: a page of a listing, with some directories among its files.
"""

_BEHIND = "\x7f"


def marker(name: bytes) -> str:
    """
    The exclusive C{paginationMarker} from which WalkFile gives the files that are not before C{name}.

    Paths of files are printable ASCII and do not end in a slash. So C{\\x7f} sorts behind whatever may follow a prefix, and the
    place just before a name is behind everything that begins with the name's predecessor of equal length.
    """
    text = name.rstrip(LAST + NEXT).decode("utf-8", "replace")
    if name.endswith(LAST):
        return f"/{text}{_BEHIND}"
    if name.endswith((NEXT, b"/")) or not name:
        return f"/{text}"
    return f"/{text[:-1]}{chr(ord(text[-1]) - 1)}{_BEHIND}"


class WalkReader:
    """
    Reads files by WalkFile with markers. A skip that stays within what has been read costs no call.

    @ivar calls: how many calls of PFS were made.
    """

    markers = True

    def __init__(self, ipfs: IPFS, caller: Caller, snapshot: Snapshot, now: float, number: int = MOST) -> None:
        """
        @param now: the time for files of an open commit.
        @param number: how many entries to ask for at a time.
        """
        self.calls = 0
        self._pfs = ipfs
        self._token = caller.token
        self._snapshot = snapshot
        self._now = now
        self._number = number
        self._stream: Optional[Messages[pfs.FileInfo]] = None
        self._received = 0
        self._place = b""
        self._ended = False
        self._entries: list[Entry] = []

    async def seek(self, name: bytes) -> None:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        while self._entries:
            if self._entries[-1].name >= name:
                return
            self._entries.pop()
        self._place = max(self._place, name)

    async def read(self, most: int) -> Sequence[Entry]:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        while not self._entries:
            if self._ended:
                return ()
            await self._read()
        taken = self._entries[: -most - 1 : -1]
        del self._entries[-most:]
        return taken

    async def alone(self, directory: bytes) -> bool:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        file = self._snapshot.file(f"/{directory.decode()}")
        stream = self._pfs.stream(methods.WALK_FILE, pfs.WalkFileRequest(file=file, number=3), self._token)
        count = 0
        try:
            while infos := await stream.read():
                count += len(infos)
        finally:
            stream.cancel()
        return count < 3

    def close(self) -> None:
        """See L{Cursor<pachgw.objects.cursors.Cursor>}."""
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None

    async def _read(self) -> None:
        """
        Take in what comes next, in reverse, so that it can be popped. A stream that does not reach the place to which we have
        skipped with its next messages is replaced by one that begins there.
        """
        if self._stream is None:
            self.calls += 1
            self._received = 0
            request = pfs.WalkFileRequest(
                file=self._snapshot.file("/"), paginationMarker=self._snapshot.file(marker(self._place)), number=self._number
            )
            self._stream = self._pfs.stream(methods.WALK_FILE, request, self._token)
        try:
            infos = await self._stream.read()
        except PFSError as error:
            if error.kind is not Kind.FILE_NOT_FOUND:
                raise
            infos = []
        self._received += len(infos)
        if not infos:
            self._ended = self._received < self._number
            self.close()
            return
        entries = [entry_of(info, self._now) for info in infos if info.file_type == pfs.FILE]
        self._entries = [entry for entry in reversed(entries) if entry.name >= self._place]
        reached = infos[-1].file.path[1:].encode() + NEXT
        if reached < self._place:
            self.close()
        else:
            self._place = reached
