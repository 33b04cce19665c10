"""
How commits come to be, are written, finished and taken away, and what that does to branches. Everything here happens inside a write
transaction.

Source: behaviour of Pachyderm 2.12, as recorded. There, a finished commit is validated in the background; here that is done at once.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Optional

from pachgw.embedded.chunks import ChunkStore
from pachgw.embedded.errors import unknown
from pachgw.embedded.layers import Changes, Joiner, added_keys
from pachgw.embedded.pins import Lease
from pachgw.embedded.records import BranchRecord, CommitRecord, RepoRecord, commit_numbered, find_branches, find_commits
from pachgw.embedded.tree import Tree
from pachgw.embedded.triggers import triggered
from pachgw.embedded.validation import first_error
from pachgw.pfs.proto import pfs_pb2 as pfs

USER = pfs.USER
AUTO = pfs.AUTO


def new_id() -> str:
    """
    A new id for a commit set or file set. PFS tells ids and branch names apart by the form of a random UUID.
    """
    return uuid.uuid4().hex


@dataclass(frozen=True)
class NewCommit:
    """
    What a new commit is made of.

    @ivar branch: the name of the branch that it is made on.
    @ivar origin: a C{pfs_v2.OriginKind}.
    """

    repo: RepoRecord
    branch: str
    parent: Optional[CommitRecord]
    origin: int
    description: str = ""


class Lifecycle:
    """
    One write transaction's view of commits and branches.

    @ivar db: the connection of the transaction.
    @ivar set_id: the id of all commits that it makes.
    """

    def __init__(self, db: sqlite3.Connection, now: int, caller: str, tree: Tree, chunks: ChunkStore, lease: Lease) -> None:
        """
        @param now: the time in nanoseconds.
        @param caller: the principal, or nothing.
        @param tree: outside of any transaction.
        @param lease: holds what is made until the transaction has ended.
        """
        self.db = db
        self.set_id = new_id()
        self._now = now
        self._caller = caller
        self._tree = tree.inside(db)
        self._joiner = Joiner(self._tree, chunks, db, lease)
        self._lease = lease

    def create(self, new: NewCommit, provenance: Iterable[int] = ()) -> CommitRecord:
        """
        Make an open commit.

        @param provenance: the numbers of the commits that it comes from.
        """
        parent = new.parent
        number = self.db.execute(
            "INSERT INTO commits (repo, id, branch, parent, origin, description, started, updated, error, created_by, size, compacted, "
            "tree) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, 0, 0, ?)",
            (
                new.repo.number,
                self.set_id,
                new.branch,
                parent.number if parent else None,
                new.origin,
                new.description,
                self._now,
                self._now,
                self._caller,
                parent.base if parent else b"",
            ),
        ).lastrowid
        assert number is not None
        self.db.executemany("INSERT INTO commit_provenance VALUES (?, ?)", [(number, upstream) for upstream in provenance])
        return commit_numbered(self.db, number)

    def create_empty(self, repo: RepoRecord, branch: str, upstream: list[BranchRecord], parent: Optional[CommitRecord]) -> CommitRecord:
        """
        Make the commit that a branch gets without anybody's writing: finished, or open for a job if the branch has provenance.
        """
        commit = self.create(NewCommit(repo, branch, parent, AUTO), [one.head for one in upstream])
        if not upstream and commit.tree is not None:
            self.db.execute("UPDATE commits SET finishing = ?1, base = tree WHERE number = ?2", (self._now, commit.number))
            self._settle(commit, "", compacted=False)
        return commit_numbered(self.db, commit.number)

    def change(self, commit: CommitRecord, changes: Changes) -> CommitRecord:
        """
        Write into an open commit.
        """
        diff = changes.as_file_set(self._tree, self._joiner, commit.diff or b"", commit.tree or b"")
        tree = None if commit.tree is None else changes.onto(self._tree, self._joiner, commit.tree)
        return self._keep(commit, diff, tree)

    def lay(self, commit: CommitRecord, roots: list[bytes]) -> CommitRecord:
        """
        Put file sets on top of what is in an open commit.
        """
        changes = Changes()
        for root in roots:
            changes.lay(self._tree, root)
        if not commit.diff and len(roots) == 1:
            tree = None if commit.tree is None else changes.onto(self._tree, self._joiner, commit.tree)
            return self._keep(commit, roots[0], tree)
        return self.change(commit, changes)

    def file_set(self, changes: Changes, base: bytes = b"") -> bytes:
        """
        Make a file set, on top of another one.

        @return: its root.
        """
        root = changes.as_file_set(self._tree, self._joiner, base)
        self._lease.hold(root)
        return root

    def _keep(self, commit: CommitRecord, diff: bytes, tree: Optional[bytes]) -> CommitRecord:
        self._lease.hold(diff)
        if tree is not None:
            self._lease.hold(tree)
        self.db.execute("UPDATE commits SET diff = ?, tree = ?, updated = ? WHERE number = ?", (diff, tree, self._now, commit.number))
        return replace(commit, diff=diff, tree=tree, updated=self._now)

    def clear(self, commit: CommitRecord) -> None:
        """
        Empty an open commit of what was written into it.
        """
        parent = commit_numbered(self.db, commit.parent) if commit.parent else None
        tree = parent.base if parent else b""
        self.db.execute("UPDATE commits SET diff = NULL, tree = ?, updated = ? WHERE number = ?", (tree, self._now, commit.number))

    def finish(self, commit: CommitRecord, description: str = "", error: str = "") -> None:
        """
        End a commit: it is finished when this returns, unless its parent is not; then it is finished together with that one.

        @raise Refused: it has ended already.
        """
        if commit.finishing is not None:
            raise unknown(f"commit {commit} has already finished")
        self.db.execute(
            "UPDATE commits SET finishing = ?1, updated = ?1, description = CASE ?2 WHEN '' THEN description ELSE ?2 END, error = ?3 "
            "WHERE number = ?4",
            (self._now, description, error, commit.number),
        )
        if commit.tree is not None:
            self._settle(commit, error, compacted=not error)

    def _settle(self, commit: CommitRecord, error: str, compacted: bool) -> None:
        """
        Validate the content of a commit whose parent is finished, and go on with its children that were waiting.
        """
        tree = commit.tree
        assert tree is not None
        if not error and commit.diff:
            error = first_error(self._tree, tree, added_keys(self._tree, commit.diff)) or ""
        base = tree
        if error:
            parent = commit_numbered(self.db, commit.parent) if commit.parent else None
            base = (parent.base if parent else None) or b""
        size = self._tree.sums(tree).size
        self.db.execute(
            "UPDATE commits SET finished = ?1, updated = ?1, error = ?2, size = ?3, compacted = ?4, base = ?5 WHERE number = ?6",
            (self._now, error, size, compacted, base, commit.number),
        )
        for child in list(find_commits(self.db, "WHERE c.parent = ? AND c.tree IS NULL", (commit.number,))):
            self._start_from(child, base)
        if not error:
            self._pull(replace(commit, size=size), commit.branch)

    def _pull(self, commit: CommitRecord, branch: str) -> None:
        """
        Move the branches that are triggered by what has come to another one. Each starts a commit set of its own downstream.
        """
        for other in list(triggered(self.db, commit, branch)):
            self.set_id = new_id()
            self.propagate(self.move(other.repo, other.name, commit))
            self._pull(commit, other.name)

    def _start_from(self, child: CommitRecord, base: bytes) -> None:
        changes = Changes()
        changes.lay(self._tree, child.diff or b"")
        tree = changes.onto(self._tree, self._joiner, base)
        self._lease.hold(tree)
        self.db.execute("UPDATE commits SET tree = ? WHERE number = ?", (tree, child.number))
        if child.finishing is not None:
            self._settle(commit_numbered(self.db, child.number), child.error, compacted=not child.error)

    def move(self, repo: RepoRecord, name: str, head: CommitRecord) -> int:
        """
        Make a commit the head of a branch, which is made if it does not exist.

        @return: the number of the branch.
        """
        row = self.db.execute(
            "INSERT INTO branches (repo, name, head, created, updated, created_by) VALUES (?1, ?2, ?3, ?4, ?4, ?5) "
            "ON CONFLICT (repo, name) DO UPDATE SET head = excluded.head, updated = excluded.updated RETURNING number",
            (repo.number, name, head.number, self._now, self._caller),
        ).fetchone()
        number: int = row[0]
        return number

    def propagate(self, branch: int) -> None:
        """
        Start commits on all branches that come from one, directly or not, after its head has changed.
        """
        downstream = self._downstream(branch)
        for number in downstream:
            branch_info = next(find_branches(self.db, "WHERE b.number = ?", (number,)))
            if branch_info.head_id == self.set_id:
                continue
            upstream = find_branches(
                self.db, "JOIN branch_provenance bp ON bp.upstream = b.number WHERE bp.downstream = ? ORDER BY b.number", (number,)
            )
            new = NewCommit(branch_info.repo, branch_info.name, commit_numbered(self.db, branch_info.head), AUTO)
            commit = self.create(new, [one.head for one in upstream])
            self.db.execute("UPDATE branches SET head = ?, updated = ? WHERE number = ?", (commit.number, self._now, number))

    def _downstream(self, branch: int) -> list[int]:
        """
        The numbers of the branches that commits on a branch start commits on, each after those that it comes from.
        """
        rows = self.db.execute(
            "WITH RECURSIVE down(number, depth) AS (SELECT downstream, 1 FROM branch_provenance WHERE upstream = ? AND NOT never "
            "UNION SELECT bp.downstream, depth + 1 FROM branch_provenance bp JOIN down ON bp.upstream = down.number WHERE NOT bp.never) "
            "SELECT number FROM down GROUP BY number ORDER BY max(depth), number",
            (branch,),
        )
        return [number for (number,) in rows.fetchall()]

    def delete(self, commit: CommitRecord) -> None:
        """
        Take a commit away: its children become its parent's, and so do the branches of which it is the head.

        @raise Refused: a child is open.
        """
        for child in find_commits(self.db, "WHERE c.parent = ?", (commit.number,)):
            if child.finished is None:
                raise unknown(f"cannot squash until child commit {child} is finished")
        heads = list(find_branches(self.db, "WHERE b.head = ? ORDER BY b.number", (commit.number,)))
        heir = commit_numbered(self.db, commit.parent) if commit.parent else None
        if heads and heir is None:
            heir = self._replacement(heads[0])
        if heir is not None:
            self.db.execute("UPDATE branches SET head = ?, updated = ? WHERE head = ?", (heir.number, self._now, commit.number))
        self.db.execute("UPDATE commits SET parent = ? WHERE parent = ?", (commit.parent, commit.number))
        self.db.execute("DELETE FROM commits WHERE number = ?", (commit.number,))

    def _replacement(self, branch: BranchRecord) -> CommitRecord:
        upstream = find_branches(self.db, "JOIN branch_provenance bp ON bp.upstream = b.number WHERE bp.downstream = ?", (branch.number,))
        return self.create_empty(branch.repo, branch.name, list(upstream), None)
