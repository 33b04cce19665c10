"""
Saving what is in a commit that PFS has refused after it was acknowledged.

pachd refuses a commit also when it loses a lease while it validates one. What the commit holds can still be read, but its successors begin
with what its parent holds. So the differences are written again, by reference, in one call that leaves nothing open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Optional

from pachgw.objects.changes import Landed
from pachgw.objects.modifications import copy_file, delete_file
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit, file, literal
from pachgw.pfs.methods import DIFF_FILE, MODIFY_FILE
from pachgw.pfs.proto import pfs_pb2 as pfs


async def rescue(ipfs: IPFS, branch: pfs.Branch, refused: Landed, token: Optional[str]) -> None:
    """
    Have what a refused head holds in a commit after it. PFS may refuse that one, too.

    @raise PFSError: the refused commit cannot be read, or nothing be written.
    """
    sink = ipfs.send(MODIFY_FILE, token)
    try:
        await sink.write(pfs.ModifyFileRequest(set_commit=commit(branch.repo, branch_name=branch.name)))
        async for message in _differences(ipfs, branch, refused, token):
            await sink.write(message)
        await sink.finish()
    except BaseException:
        sink.cancel()
        raise


async def _differences(ipfs: IPFS, branch: pfs.Branch, refused: Landed, token: Optional[str]) -> AsyncIterator[pfs.ModifyFileRequest]:
    new = file(commit(branch.repo, refused.id, branch.name), "/")
    old = file(commit(branch.repo, refused.parent, branch.name), "/") if refused.parent else None
    stream = ipfs.stream(DIFF_FILE, pfs.DiffFileRequest(new_file=new, old_file=old), token)
    try:
        while diffs := await stream.read():
            for diff in diffs:
                if diff.new_file.file_type == pfs.FILE:
                    path = diff.new_file.file.path
                    yield copy_file(path, file(new.commit, literal(path)))
                elif diff.old_file.file_type == pfs.FILE:
                    yield delete_file(diff.old_file.file.path)
    finally:
        stream.cancel()
