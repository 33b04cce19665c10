"""
The last commits of a branch.
"""

from __future__ import annotations

from typing import Optional

from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import commit
from pachgw.pfs.methods import LIST_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs

_MOST = 1000


async def commits_since(ipfs: IPFS, branch: pfs.Branch, before: str, head: str, token: Optional[str]) -> list[str]:
    """
    The ids of the commits from the one after C{before} to C{head}, oldest first. Only C{head} when C{before} is none of the last
    thousand, for what is older than that says nothing about now.
    """
    if head == before:
        return []
    request = pfs.ListCommitRequest(repo=branch.repo, to=commit(branch.repo, head, branch.name), number=_MOST)
    parents: dict[str, str] = {}
    stream = ipfs.stream(LIST_COMMIT, request, token)
    try:
        while before not in parents.values() and (infos := await stream.read()):
            parents.update((info.commit.id, info.parent_commit.id) for info in infos)
    finally:
        stream.cancel()
    if before not in parents.values():
        return [head]
    found: list[str] = []
    while head != before:
        found.append(head)
        head = parents[head]
    return found[::-1]
