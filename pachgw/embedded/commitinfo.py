"""
What InspectCommit and its like tell about a commit.
"""

from __future__ import annotations

import sqlite3

from google.protobuf.duration_pb2 import Duration

from pachgw.embedded.records import CommitRecord, commit_message, find_commits, timestamp
from pachgw.pfs.proto import pfs_pb2 as pfs

_UPSTREAM = "JOIN commit_provenance cp ON cp.upstream = c.number WHERE cp.downstream = ? ORDER BY c.number"
_DOWNSTREAM = "JOIN commit_provenance cp ON cp.downstream = c.number WHERE cp.upstream = ? ORDER BY c.number"


def commit_info(db: sqlite3.Connection, commit: CommitRecord, with_bound: bool = False) -> pfs.CommitInfo:
    """
    All about a commit.

    @param with_bound: whether to tell the upper bound of its size as well, as listings do.
    """
    info = pfs.CommitInfo(
        commit=commit.message(),
        origin=pfs.CommitOrigin(kind=commit.origin),  # type: ignore[arg-type]
        description=commit.description,
        started=timestamp(commit.started),
        finishing=timestamp(commit.finishing),
        finished=timestamp(commit.finished),
        error=commit.error,
        size_bytes_upper_bound=commit.size if with_bound else 0,
        details=_details(commit),
        created_by=commit.created_by,
        created_at=timestamp(commit.started),
        updated_at=timestamp(commit.updated),
    )
    if commit.parent_id is not None:
        info.parent_commit.CopyFrom(commit_message(commit.repo, commit.parent_id, None))
    children = find_commits(db, "WHERE c.parent = ? ORDER BY c.number", (commit.number,))
    info.child_commits.extend(child.message(with_branch=True) for child in children)
    info.direct_provenance.extend(one.message(with_branch=True) for one in find_commits(db, _UPSTREAM, (commit.number,)))
    info.direct_subvenance.extend(one.message(with_branch=True) for one in find_commits(db, _DOWNSTREAM, (commit.number,)))
    return info


def _details(commit: CommitRecord) -> pfs.CommitInfo.Details:
    details = pfs.CommitInfo.Details()
    if commit.finished is not None and commit.compacted:
        details.size_bytes = commit.size
        details.compacting_time.CopyFrom(Duration())
        details.validating_time.CopyFrom(Duration())
    return details
