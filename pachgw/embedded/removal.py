"""
Deleting branches and repos, inside a write transaction.
"""

from __future__ import annotations

import sqlite3

from pachgw.embedded.authority import Authority, repo_resource
from pachgw.embedded.errors import Refused, unknown
from pachgw.embedded.records import USER_REPO, BranchRecord, RepoRecord, find_branches
from pachgw.pfs.proto import pfs_pb2 as pfs

_DOWNSTREAM = "JOIN branch_provenance bp ON bp.downstream = b.number WHERE bp.upstream = ? ORDER BY b.number"


def remove_branch(db: sqlite3.Connection, branch: BranchRecord, force: bool) -> None:
    """
    Delete a branch. Its commits stay.

    @param force: whether others may come from it or be triggered by it.
    @raise Refused: one does.
    """
    if not force:
        down = find_branches(
            db, "JOIN branch_provenance bp ON bp.downstream = b.number WHERE bp.upstream = ? ORDER BY b.number", (branch.number,)
        )
        names = " ".join(map(str, down))
        if names:
            raise unknown(f'branch "{branch}" cannot be deleted because it\'s in the direct provenance of [{names}]')
        _check_triggers(db, branch)
    db.execute("DELETE FROM branches WHERE number = ?", (branch.number,))


def _check_triggers(db: sqlite3.Connection, branch: BranchRecord) -> None:
    others = find_branches(db, 'WHERE b.repo = ? AND b."trigger" IS NOT NULL', (branch.repo.number,))
    triggered = [str(other) for other in others if pfs.Trigger.FromString(other.trigger or b"").branch == branch.name]
    if triggered:
        raise unknown(f'branch "{branch}" cannot be deleted because it is triggered by branches [{" ".join(triggered)}]')


def remove_repos(db: sqlite3.Connection, authority: Authority, repos: list[RepoRecord], force: bool) -> None:
    """
    Delete repos with all their branches and commits. Branches go before those that they come from.

    @param force: whether branches elsewhere may come from one of these.
    @raise Refused: one does.
    """
    branches = [branch for repo in repos for branch in find_branches(db, "WHERE b.repo = ? ORDER BY b.number DESC", (repo.number,))]
    for branch in sorted(branches, key=lambda branch: _sources(db, branch), reverse=True):
        try:
            remove_branch(db, branch, force)
        except Refused as refused:
            raise Refused(refused.code, f"delete branch {branch}: {refused.details}") from None
    for repo in repos:
        db.execute("UPDATE commits SET parent = NULL WHERE repo = ?", (repo.number,))
        db.execute("DELETE FROM commits WHERE repo = ?", (repo.number,))
        db.execute("DELETE FROM repos WHERE number = ?", (repo.number,))
        if repo.type == USER_REPO:
            authority.drop_resource(db, repo_resource(repo.project, repo.name))


def _sources(db: sqlite3.Connection, branch: BranchRecord) -> int:
    """
    From how many branches one comes, directly or not.
    """
    row = db.execute(
        "WITH RECURSIVE up(number) AS (SELECT upstream FROM branch_provenance WHERE downstream = ? UNION "
        "SELECT bp.upstream FROM branch_provenance bp JOIN up ON bp.downstream = up.number) SELECT count(*) FROM up",
        (branch.number,),
    ).fetchone()
    return int(row[0])
