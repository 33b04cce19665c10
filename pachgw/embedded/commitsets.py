"""
Commit sets: the commits of all repos that one change made, which share an id.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.authority import THE_CLUSTER
from pachgw.embedded.calls import Call
from pachgw.embedded.commitinfo import commit_info
from pachgw.embedded.commits import Commits, check_childless
from pachgw.embedded.errors import not_found, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.records import CommitRecord, find_commits
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_WITH_PROVENANCE = """
    WHERE c.number IN (WITH RECURSIVE up(number) AS (SELECT number FROM commits WHERE id = ?
    UNION SELECT cp.upstream FROM commit_provenance cp JOIN up ON cp.downstream = up.number) SELECT number FROM up)
    ORDER BY c.number
"""


class CommitSets:
    """
    The procedures about commit sets.
    """

    def __init__(self, ground: Ground, commits: Commits) -> None:
        self._ground = ground
        self._authority = ground.authority
        self._commits = commits

    def InspectCommitSet(self, request: pfs.InspectCommitSetRequest, call: Call) -> Iterator[pfs.CommitInfo]:
        """
        Tell about the commits of a set and those that they come from, each after its sources; with C{wait} once each is finished.
        """
        if not request.HasField("commit_set"):
            raise unknown("commitset cannot be nil")
        db = self._ground.read()
        commits = self._visible(db, call, request.commit_set.id)
        if not commits:
            raise not_found(f"no commits found for commitset {request.commit_set.id}")
        for commit in commits:
            state = pfs.FINISHED if request.wait else pfs.STARTED
            yield self._commits.InspectCommit(pfs.InspectCommitRequest(commit=commit.message(), wait=state), call)

    def _visible(self, db: sqlite3.Connection, call: Call, id: str) -> list[CommitRecord]:
        commits = list(find_commits(db, _WITH_PROVENANCE, (id,)))
        for commit in commits:
            self._authority.require_repo(db, call, commit.repo, auth.REPO_INSPECT_COMMIT)
        return commits

    def ListCommitSet(self, request: pfs.ListCommitSetRequest, call: Call) -> Iterator[pfs.CommitSetInfo]:
        """
        Tell about all sets with a commit in a project, or in any, newest first.
        """
        db = self._ground.read()
        project = request.project.name
        rows = db.execute(
            "SELECT c.id FROM commits c JOIN repos r ON r.number = c.repo JOIN projects p ON p.number = r.project "
            "WHERE ? IN ('', p.name) GROUP BY c.id ORDER BY max(c.number) DESC",
            (project,),
        ).fetchall()
        for (id,) in rows:
            db = self._ground.read()
            infos = [commit_info(db, commit) for commit in self._visible(db, call, id)]
            yield pfs.CommitSetInfo(commit_set=pfs.CommitSet(id=id), commits=infos)

    def DropCommitSet(self, request: pfs.DropCommitSetRequest, call: Call) -> Empty:
        """
        Take away all commits of a set. None may have children, and no commit of another set may come from one.
        """
        id = request.commit_set.id
        with self._ground.changing(call) as life:
            self._authority.require(life.db, call, THE_CLUSTER, auth.REPO_DELETE_COMMIT)
            commits = list(find_commits(life.db, "WHERE c.id = ? ORDER BY c.number DESC", (id,)))
            later = life.db.execute(
                "SELECT DISTINCT d.id FROM commits u JOIN commit_provenance cp ON cp.upstream = u.number "
                "JOIN commits d ON d.number = cp.downstream WHERE u.id = ?1 AND d.id != ?1",
                (id,),
            ).fetchall()
            if later:
                raise unknown(f'commit set "{id}" cannot be dropped because it has subvenant commit sets: {[one for (one,) in later]}')
            for commit in commits:
                check_childless(life.db, commit)
            for commit in commits:
                life.delete(commit)
        return Empty()
