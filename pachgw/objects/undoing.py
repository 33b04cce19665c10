"""
Taking a commit back that PFS has refused.

Until the next commit, reads of what collided in it fail.
"""

from __future__ import annotations

from typing import Optional

import txaio

from pachgw.objects.heads import Head
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit
from pachgw.pfs.methods import DROP_COMMIT, FINISH_COMMIT, START_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs

_log = txaio.make_logger()


async def undo(ipfs: IPFS, branch: pfs.Branch, head: Head, id: str, token: Optional[str]) -> None:
    """
    Drop a refused commit, or where that is not allowed put an empty one after it. When others have written since, it is gone already.
    """
    if await head.current(token) != id:
        return
    try:
        await drop(ipfs, branch, id, token)
    except PFSError as error:
        _log.info("commit {id} cannot be dropped, an empty one follows it: {error}", id=id, error=error)
        started = await ipfs.call(START_COMMIT, pfs.StartCommitRequest(branch=branch), token)
        await ipfs.call(FINISH_COMMIT, pfs.FinishCommitRequest(commit=started), token)


async def drop(ipfs: IPFS, branch: pfs.Branch, id: str, token: Optional[str]) -> None:
    """
    Take a head away, open or finished: its parent is the head again.

    @raise PFSError: it has successors, or the caller may not.
    """
    await ipfs.call(DROP_COMMIT, pfs.DropCommitRequest(commit=commit(branch.repo, id, branch.name)), token)
