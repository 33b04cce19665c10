"""
Taking in the body of a request: a small one into memory, a large one into a file set while it arrives.

A small body is at most L{INLINE_LIMIT<pachgw.objects.changes.INLINE_LIMIT>} bytes; how many there may be at once is bounded by how many
requests the web lets in. A large one goes at the pace at which PFS takes it, and holds a few MiB of memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Union

from twisted.internet.interfaces import IReactorTime

from pachgw.objects.changes import INLINE_LIMIT, Put
from pachgw.objects.contents import Contents
from pachgw.objects.file_sets import CONTENT, FileSet, file_set_commit
from pachgw.objects.interfaces import Body
from pachgw.objects.modifications import MESSAGE_LIMIT, add_file
from pachgw.objects.values import Caller
from pachgw.pfs.interfaces import IPFS, MessageSink
from pachgw.pfs.methods import CREATE_FILE_SET
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import ServiceUnavailable


@dataclass(frozen=True)
class Spooled:
    """
    A body that has arrived whole.

    @ivar content: the bytes, or the file in the file set.
    @ivar size: in bytes.
    @ivar hash: PFS's hash of it.
    @ivar file_set: where the content is, if it is in one.
    """

    content: Union[bytes, pfs.File]
    size: int
    hash: bytes
    file_set: Optional[FileSet] = None

    def put(self, path: str) -> Put:
        """
        The file that holds it.
        """
        return Put(path, self.content, self.hash, self.size)

    async def renew(self) -> None:
        """
        Make sure that it is still there.

        @raise ServiceUnavailable: it has expired.
        """
        if self.file_set is not None:
            await self.file_set.renew()

    def release(self) -> None:
        """
        It is not needed any more.
        """
        if self.file_set is not None:
            self.file_set.release()


class Spool:
    """
    Takes bodies in.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._contents = Contents(ipfs, file_set_commit("").repo)

    async def take(self, body: Body, caller: Caller) -> Spooled:
        """
        Read a body to its end.

        @raise S3Error: it is not what the request promised. Nothing is left of it then.
        """
        pieces: list[bytes] = []
        held = 0
        while piece := await body.read():
            pieces.append(piece)
            held += len(piece)
            if held > INLINE_LIMIT:
                return await self._take_large(pieces, body, caller)
        put = Put.of("", b"".join(pieces))
        return Spooled(put.content, put.size, put.hash)

    async def _take_large(self, begun: Sequence[bytes], body: Body, caller: Caller) -> Spooled:
        sink = self._pfs.send(CREATE_FILE_SET, caller.token)
        try:
            size = await _pour(begun, body, sink)
            id = (await sink.finish()).file_set_id
        except BaseException:
            sink.cancel()
            raise
        return await spooled(self._contents, FileSet(self._pfs, self._clock, id, caller), size, caller)


async def spooled(contents: Contents, file_set: FileSet, size: int, caller: Caller, limit: Optional[float] = None) -> Spooled:
    """
    What a file set holds, when that is whole. Otherwise the file set is released.

    @param size: what it should be, in bytes.
    @param limit: the time that PFS may take to tell its hash, in seconds, where the usual one does not do.
    @raise ServiceUnavailable: it is not whole.
    """
    try:
        info = await contents.inspect(file_set.id, CONTENT, caller.token, limit)
        if info is None or info.size_bytes != size:
            raise ServiceUnavailable("Pachyderm does not hold all of the content. Send it again.")
    except BaseException:
        file_set.release()
        raise
    return Spooled(file_set.content, size, info.hash, file_set)


async def _pour(begun: Sequence[bytes], body: Body, sink: MessageSink[pfs.ModifyFileRequest, pfs.CreateFileSetResponse]) -> int:
    """
    Send a body on, in messages that are neither small nor too large.

    @param begun: what of it has been read already.
    @return: the size of the whole, in bytes.
    """
    pieces = list(begun)
    held = sum(map(len, pieces))
    size = 0
    while True:
        piece = await body.read()
        if pieces and (not piece or held + len(piece) > MESSAGE_LIMIT):
            for message in _messages(b"".join(pieces)):
                await sink.write(message)
            size += held
            pieces, held = [], 0
        if not piece:
            return size
        pieces.append(piece)
        held += len(piece)


def _messages(content: bytes) -> list[pfs.ModifyFileRequest]:
    return [add_file(CONTENT, content[start : start + MESSAGE_LIMIT]) for start in range(0, len(content), MESSAGE_LIMIT)]
