"""
Changes as the messages of a ModifyFile or CreateFileSet stream, and the sending of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Optional

from google.protobuf.empty_pb2 import Empty

from pachgw.objects.changes import Change, Put
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.methods import MODIFY_FILE
from pachgw.pfs.proto import pfs_pb2 as pfs

MESSAGE_LIMIT = 1920 * 1024
"""
Bytes of content in one message. PFS takes messages of up to 4 MiB, all in; those of 2 MiB and more would each take memory from the
system, and not what the last one left (L{pachgw.memory.LARGE}).
"""


def delete_file(path: str) -> pfs.ModifyFileRequest:
    """
    Take away what the path holds, if it holds something.
    """
    return pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))


def add_file(path: str, content: bytes) -> pfs.ModifyFileRequest:
    """
    Add content of at most L{MESSAGE_LIMIT} to what the path holds.

    The content is set where it belongs: a message that is given to another's constructor is copied there, which for 2 MiB takes
    some hundred times as long.
    """
    request = pfs.ModifyFileRequest()
    request.add_file.path = path
    request.add_file.raw.value = content
    return request


def copy_file(path: str, source: pfs.File, append: bool = False) -> pfs.ModifyFileRequest:
    """
    Take a file's content by reference.

    @param source: its path is a literal glob.
    @param append: add to what other file sets give the path, instead of replacing it.
    """
    return pfs.ModifyFileRequest(copy_file=pfs.CopyFile(dst=path, src=source, append=append))


def modifications(changes: Iterable[Change]) -> Iterator[pfs.ModifyFileRequest]:
    """
    The messages that make some changes, in their order.
    """
    swept: set[str] = set()
    for change in changes:
        yield from (delete_file(path) for path in change.sweeps if path not in swept)
        swept.update(change.sweeps)
        yield from (delete_file(path) for path in change.deletes)
        for put in change.puts:
            yield from _replacement(put)


def _replacement(put: Put) -> Iterator[pfs.ModifyFileRequest]:
    if isinstance(put.content, bytes):
        yield delete_file(put.path)
        yield add_file(put.path, put.content)
    else:
        yield copy_file(put.path, put.content)


class Sending:
    """
    One ModifyFile call.

    @ivar finishing: whether its end has been sent, so that PFS may have applied it.
    """

    def __init__(self, ipfs: IPFS, target: pfs.Commit, token: Optional[str]) -> None:
        self._sink = ipfs.send(MODIFY_FILE, token)
        self._target = target
        self.finishing = False

    async def run(self, changes: Iterable[Change]) -> Empty:
        """
        Send the changes, and wait for the answer.

        @raise PFSError: PFS refuses, or does not answer.
        """
        try:
            await self._sink.write(pfs.ModifyFileRequest(set_commit=self._target))
            for message in modifications(changes):
                await self._sink.write(message)
            self.finishing = True
            return await self._sink.finish()
        except BaseException:
            self._sink.cancel()
            raise
