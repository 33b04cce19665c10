"""
Files where others need a directory, and the other way round: who of a batch is to blame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from pachgw.objects.changes import Change, ancestors
from pachgw.objects.contents import Contents
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import ExistingObjectIsDirectory, ObjectParentIsFile, S3Error


def parent_is_file(parent: str) -> ObjectParentIsFile:
    """
    The refusal of a key below an object.
    """
    return ObjectParentIsFile(f"{parent[1:]!r} is an object, so there can be no object below it. Choose another key, or delete it first.")


def is_directory(path: str) -> ExistingObjectIsDirectory:
    """
    The refusal of a key that other keys have as their directory.
    """
    return ExistingObjectIsDirectory(f"There are objects below {path[1:]!r}/, so it cannot be an object itself. Choose another key.")


async def collisions(contents: Contents, id: str, changes: Sequence[Change], token: Optional[str]) -> list[Optional[S3Error]]:
    """
    Which changes cannot follow a commit.

    @param id: of the commit, which must be whole.
    @return: for each change the reason, or C{None} when there is none to be seen.
    """
    paths = [path for change in changes for put in change.puts for path in (put.path, *ancestors(put.path))]
    found = await contents.inspect_all(id, paths, token)
    kinds = {path: info.file_type for path, info in found.items() if info is not None}
    return [_reason(change, kinds) for change in changes]


def _reason(change: Change, kinds: dict[str, pfs.FileType]) -> Optional[S3Error]:
    gone = set(change.deletes)
    for put in change.puts:
        if kinds.get(put.path) == pfs.DIR:
            return is_directory(put.path)
        for above in ancestors(put.path):
            if kinds.get(above) == pfs.FILE and above not in gone:
                return parent_is_file(above)
    return None
