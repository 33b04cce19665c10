"""
Commits: starting, finishing, inspecting, clearing and taking them away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.authority import THE_CLUSTER
from pachgw.embedded.calls import Call
from pachgw.embedded.commitinfo import commit_info
from pachgw.embedded.errors import Refused, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.lifecycle import USER, Lifecycle, NewCommit
from pachgw.embedded.paths import check_name
from pachgw.embedded.picking import find_branch, pick_commit, pick_repo, repo_of
from pachgw.embedded.records import BranchRecord, CommitRecord, RepoRecord, commit_numbered, find_commits
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_SUBVENANT = """
    WHERE c.number IN (WITH RECURSIVE down(number) AS (SELECT downstream FROM commit_provenance WHERE upstream = ?
    UNION SELECT cp.downstream FROM commit_provenance cp JOIN down ON cp.upstream = down.number) SELECT number FROM down)
    ORDER BY c.number DESC
"""


def start_on(life: Lifecycle, repo: RepoRecord, branch: str, parent: CommitRecord | None, description: str = "") -> CommitRecord:
    """
    Start a commit on a branch, inside a write transaction.

    @param parent: C{None} for the branch's head, if there is the branch.
    @raise Refused: the parent is open, or the branch comes from others.
    """
    found = find_branch(life.db, repo.message(), branch)
    if parent is None and found is not None:
        parent = commit_numbered(life.db, found.head)
    if parent is not None and parent.finishing is None:
        raise unknown(f"create commit: parent commit {parent} has not been finished")
    if found is not None and is_output(life.db, found):
        raise unknown(f"cannot start a commit on an output branch: {found}")
    commit = life.create(NewCommit(repo, branch, parent, USER, description))
    life.propagate(life.move(repo, branch, commit))
    return commit


def is_output(db: sqlite3.Connection, branch: BranchRecord) -> bool:
    """
    Whether a branch comes from others, so that only jobs write to it.
    """
    return db.execute("SELECT 1 FROM branch_provenance WHERE downstream = ?", (branch.number,)).fetchone() is not None


def prefixed(refused: Refused, prefix: str) -> Refused:
    """
    The same refusal, with what was being done before its text.
    """
    return Refused(refused.code, f"{prefix}: {refused.details}")


class Commits:
    """
    The procedures about single commits.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def StartCommit(self, request: pfs.StartCommitRequest, call: Call) -> pfs.Commit:
        """
        Start a commit on a branch, which is made if it does not exist.
        """
        if not request.branch.name:
            raise unknown("start commit in transaction: branch must be specified")
        with self._ground.changing(call) as life:
            try:
                self._authority.require_named(life.db, call, request.branch.repo, auth.REPO_WRITE)
                repo = pick_repo(life.db, request.branch.repo)
                check_name(request.branch.name)
                parent = self._parent(life.db, request)
                commit = start_on(life, repo, request.branch.name, parent, request.description)
            except Refused as refused:
                raise prefixed(refused, "start commit in transaction") from None
        return commit.message()

    def _parent(self, db: sqlite3.Connection, request: pfs.StartCommitRequest) -> CommitRecord | None:
        if not request.HasField("parent"):
            return None
        try:
            return pick_commit(db, request.parent)
        except Refused as refused:
            raise prefixed(refused, "create commit: parent commit not found") from None

    def FinishCommit(self, request: pfs.FinishCommitRequest, call: Call) -> Empty:
        """
        End an open commit, and settle its content.
        """
        with self._ground.changing(call) as life:
            self._authority.require_named(life.db, call, repo_of(request.commit), auth.REPO_WRITE)
            try:
                commit = pick_commit(life.db, request.commit)
            except Refused as refused:
                raise prefixed(refused, "finish commit in transaction") from None
            life.finish(commit, request.description, request.error)
        return Empty()

    def InspectCommit(self, request: pfs.InspectCommitRequest, call: Call) -> pfs.CommitInfo:
        """
        Tell about a commit, once it has come to a state.
        """
        commit = self._picked(request.commit, call)
        if not self.is_in(commit, request.wait):
            self._ground.watch.attend(call)
            commit = self.wait_for(commit, request.wait, call)
        return commit_info(self._ground.read(), commit)

    def wait_for(self, commit: CommitRecord, state: pfs.CommitState, call: Call) -> CommitRecord:
        """
        Wait until a commit has come to a state. The call must attend the watch.

        @return: the commit as it is then.
        @raise Refused: it was taken away, or the call is over.
        """
        watch = self._ground.watch
        while True:
            seen = watch.changes()
            found = next(find_commits(self._ground.read(), "WHERE c.number = ?", (commit.number,)), None)
            if found is None:
                raise unknown(f"inspect finishing or finished commit: commit {commit} was deleted")
            if self.is_in(found, state):
                return found
            watch.wait(call, seen)

    def _picked(self, commit: pfs.Commit, call: Call) -> CommitRecord:
        db = self._ground.read()
        self._authority.require_named(db, call, repo_of(commit), auth.REPO_INSPECT_COMMIT)
        return pick_commit(db, commit)

    def is_in(self, commit: CommitRecord, state: pfs.CommitState) -> bool:
        """
        Whether a commit has come to a state.
        """
        if state == pfs.FINISHED:
            return commit.finished is not None
        if state == pfs.FINISHING:
            return commit.finishing is not None
        if state == pfs.READY:
            return not any(one.finished is None for one in _upstream(self._ground.read(), commit))
        return True

    def ClearCommit(self, request: pfs.ClearCommitRequest, call: Call) -> Empty:
        """
        Empty an open commit of what was written into it.
        """
        with self._ground.changing(call) as life:
            self._authority.require_named(life.db, call, repo_of(request.commit), auth.REPO_WRITE)
            commit = pick_commit(life.db, request.commit)
            if commit.finishing is not None:
                raise unknown("cannot clear finished commit")
            life.clear(commit)
        return Empty()

    def DropCommit(self, request: pfs.DropCommitRequest, call: Call) -> pfs.DropCommitResponse:
        """
        Take away a commit that has no children, with what it holds.
        """
        with self._ground.changing(call) as life:
            commits = self._with_subvenance(life.db, request.commit, request.recursive, call, "drop")
            for commit in commits:
                check_childless(life.db, commit)
            for commit in commits:
                life.delete(commit)
        return pfs.DropCommitResponse()

    def SquashCommit(self, request: pfs.SquashCommitRequest, call: Call) -> pfs.SquashCommitResponse:
        """
        Take away a commit that has children, which keep what it holds.
        """
        with self._ground.changing(call) as life:
            commits = self._with_subvenance(life.db, request.commit, request.recursive, call, "squash")
            for commit in commits:
                if next(find_commits(life.db, "WHERE c.parent = ?", (commit.number,)), None) is None:
                    raise unknown(
                        "cannot squash a commit that has no children as that would cause data loss, "
                        f"use the drop operation instead: {commit}"
                    )
            for commit in commits:
                life.delete(commit)
        return pfs.SquashCommitResponse()

    def _with_subvenance(self, db: sqlite3.Connection, commit: pfs.Commit, recursive: bool, call: Call, verb: str) -> list[CommitRecord]:
        """
        A commit and, if that is asked, all that came of it. As with a pachd, a right on the repo is not enough to take commits away.
        """
        self._authority.require(db, call, THE_CLUSTER, auth.REPO_DELETE_COMMIT)
        first = pick_commit(db, commit)
        found = [*find_commits(db, _SUBVENANT, (first.number,)), first]
        if len(found) > 1 and not recursive:
            raise unknown(f"cannot {verb} commit ({first}) with subvenance without recursive")
        return found


def check_childless(db: sqlite3.Connection, commit: CommitRecord) -> None:
    """
    Make sure that a commit may be dropped.

    @raise Refused: it has children.
    """
    if next(find_commits(db, "WHERE c.parent = ?", (commit.number,)), None) is not None:
        raise unknown(f"cannot drop a commit that has children: {commit}")


def _upstream(db: sqlite3.Connection, commit: CommitRecord) -> Iterator[CommitRecord]:
    return find_commits(db, "JOIN commit_provenance cp ON cp.upstream = c.number WHERE cp.downstream = ?", (commit.number,))
