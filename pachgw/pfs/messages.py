"""
Making the messages that name things in PFS, with the fields that a real pachd insists on.
"""

from __future__ import annotations

import re
from typing import Optional

from google.protobuf.timestamp_pb2 import Timestamp

from pachgw.pfs.proto import pfs_pb2 as pfs

FILE_SETS = "__filesets__"
"""
The name of the repo through which a file set is read as if it were a commit.
"""

_GLOB = re.compile(r"[*?\[\]{}!()@+^\\]")


def repo(project: str, name: str) -> pfs.Repo:
    """
    A user repo. PFS refuses an empty type.
    """
    return pfs.Repo(name=name, type="user", project=pfs.Project(name=project))


def branch(in_repo: pfs.Repo, name: str) -> pfs.Branch:
    """
    A branch of a repo.
    """
    return pfs.Branch(repo=in_repo, name=name)


def commit(in_repo: pfs.Repo, id: str = "", branch_name: Optional[str] = None) -> pfs.Commit:
    """
    A commit by its id, or the head of a branch if C{id} is empty.

    @param branch_name: needed without an id; with one it is only for servers before 2.6, which the remote side of the bridge sees to.
    """
    message = pfs.Commit(repo=in_repo, id=id)
    if branch_name is not None:
        message.branch.CopyFrom(branch(in_repo, branch_name))
    return message


def file(in_commit: pfs.Commit, path: str) -> pfs.File:
    """
    A path in a commit.
    """
    return pfs.File(commit=in_commit, path=path)


def literal(path: str) -> str:
    """
    Escape a path for a place where PFS reads a glob (GetFile, GetFileTAR, GlobFile).

    Each special character becomes a class of itself, with a backslash before it, since C{[[]}, C{[!]} and C{[^]} mean something else.
    A backslash alone would not do: PFS compares what comes before the first other special character with the paths as it stands.
    """
    return _GLOB.sub(r"[\\\g<0>]", path)


def seconds(time: Timestamp) -> float:
    """
    A time of PFS in seconds since the epoch.
    """
    return time.seconds + time.nanos / 1e9
