"""
Saving what is in a commit that PFS has refused after it was acknowledged.

pachd refuses a commit also when it loses a lease while it validates one. What the commit holds can still be read, but its successors begin
with what its parent holds. So the differences are written again, by reference, in one call that leaves nothing open.
"""

from __future__ import annotations

from typing import Optional

from pachgw.objects.changes import Change, Landed, Put
from pachgw.objects.modifications import Sending
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit, file, literal
from pachgw.pfs.methods import DIFF_FILE
from pachgw.pfs.proto import pfs_pb2 as pfs


async def rescue(ipfs: IPFS, branch: pfs.Branch, refused: Landed, token: Optional[str]) -> None:
    """
    Have what a refused head holds in a commit after it. PFS may refuse that one, too.

    @raise PFSError: the refused commit cannot be read, or nothing be written.
    """
    change = await _difference(ipfs, branch, refused, token)
    await Sending(ipfs, commit(branch.repo, branch_name=branch.name), token).run([change])


async def _difference(ipfs: IPFS, branch: pfs.Branch, refused: Landed, token: Optional[str]) -> Change:
    """
    What the refused commit changed.
    """
    new = file(commit(branch.repo, refused.id, branch.name), "/")
    old = file(commit(branch.repo, refused.parent, branch.name), "/") if refused.parent else None
    puts: list[Put] = []
    deletes: list[str] = []
    stream = ipfs.stream(DIFF_FILE, pfs.DiffFileRequest(new_file=new, old_file=old), token)
    try:
        while diffs := await stream.read():
            for diff in diffs:
                found = diff.new_file
                if found.file_type == pfs.FILE:
                    puts.append(Put(found.file.path, file(new.commit, literal(found.file.path)), found.hash, found.size_bytes))
                elif diff.old_file.file_type == pfs.FILE:
                    deletes.append(diff.old_file.file.path)
    finally:
        stream.cancel()
    return Change(tuple(puts), tuple(deletes))
