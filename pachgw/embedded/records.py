"""
Rows of the catalogue as values, and the messages that name them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Optional

from google.protobuf.timestamp_pb2 import Timestamp

from pachgw.embedded.errors import not_found
from pachgw.pfs.proto import pfs_pb2 as pfs

USER_REPO = "user"
DEFAULT_PROJECT = "default"
FILE_SETS = "__filesets__"
"""
The name of the repo through which file sets are read.
"""


def timestamp(nanoseconds: Optional[int]) -> Optional[Timestamp]:
    """
    A point in time as a message.
    """
    if nanoseconds is None:
        return None
    return Timestamp(seconds=nanoseconds // 1_000_000_000, nanos=nanoseconds % 1_000_000_000)


@dataclass(frozen=True, slots=True)
class RepoRecord:
    """
    A repo.

    @ivar number: of its row.
    """

    number: int
    name: str
    type: str
    project: str

    def __str__(self) -> str:
        return repo_text(self.project, self.name, self.type)

    @property
    def key(self) -> str:
        """
        The name with the type, whichever it is.
        """
        return f"{self.project}/{self.name}.{self.type}"

    def message(self) -> pfs.Repo:
        """
        The message that names it.
        """
        return pfs.Repo(name=self.name, type=self.type, project=pfs.Project(name=self.project))


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """
    A commit. The fields are those of the table, times in nanoseconds.

    @ivar branch: the name of the branch on which it was made; nothing once that was deleted.
    @ivar parent_id: the id of the commit that C{parent} numbers.
    """

    repo: RepoRecord
    number: int
    id: str
    branch: str
    parent: Optional[int]
    origin: int
    description: str
    started: int
    finishing: Optional[int]
    finished: Optional[int]
    updated: int
    error: str
    created_by: str
    size: int
    compacted: int
    diff: Optional[bytes]
    tree: Optional[bytes]
    base: Optional[bytes]
    parent_id: Optional[str]

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"

    def message(self, with_branch: bool = False) -> pfs.Commit:
        """
        The message that names it.
        """
        return commit_message(self.repo, self.id, self.branch if with_branch and self.branch else None)


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """
    A branch. The fields are those of the table, times in nanoseconds.

    @ivar head_id: the id of the commit that C{head} numbers.
    """

    repo: RepoRecord
    number: int
    name: str
    head: int
    created: int
    updated: int
    created_by: str
    trigger: Optional[bytes]
    head_id: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.name}"

    def message(self) -> pfs.Branch:
        """
        The message that names it.
        """
        return pfs.Branch(repo=self.repo.message(), name=self.name)


def repo_text(project: str, name: str, type: str) -> str:
    """
    A repo as PFS writes it in its texts.
    """
    return f"{project}/{name}" if type == USER_REPO else f"{project}/{name}.{type}"


def commit_message(repo: RepoRecord, id: str, branch: Optional[str]) -> pfs.Commit:
    """
    The message that names a commit.
    """
    message = pfs.Commit(repo=repo.message(), id=id)
    if branch is not None:
        message.branch.CopyFrom(pfs.Branch(repo=message.repo, name=branch))
    return message


_COMMITS = """
    SELECT c.number, c.id, c.branch, c.parent, c.origin, c.description, c.started, c.finishing, c.finished, c.updated, c.error,
        c.created_by, c.size, c.compacted, c.diff, c.tree, c.base,
        (SELECT above.id FROM commits above WHERE above.number = c.parent), r.number, r.name, r.type, p.name
    FROM commits c JOIN repos r ON r.number = c.repo JOIN projects p ON p.number = r.project
"""
_BRANCHES = """
    SELECT b.number, b.name, b.head, b.created, b.updated, b.created_by, b."trigger", c.id, r.number, r.name, r.type, p.name
    FROM branches b JOIN commits c ON c.number = b.head JOIN repos r ON r.number = b.repo JOIN projects p ON p.number = r.project
"""
_REPOS = """
    SELECT r.number, r.name, r.type, p.name FROM repos r JOIN projects p ON p.number = r.project
"""


def find_repos(db: sqlite3.Connection, rest: str, values: Iterable[Any] = ()) -> Iterator[RepoRecord]:
    """
    Repos as C{r} of projects as C{p}.

    @param rest: the query from its C{WHERE} on, a constant.
    """
    for row in db.execute(_REPOS + rest, tuple(values)).fetchall():
        yield RepoRecord(*row)


def find_commits(db: sqlite3.Connection, rest: str, values: Iterable[Any] = ()) -> Iterator[CommitRecord]:
    """
    Commits as C{c} of repos as C{r} of projects as C{p}.

    @param rest: the query from its C{WHERE} on, a constant.
    """
    for row in db.execute(_COMMITS + rest, tuple(values)).fetchall():
        yield CommitRecord(RepoRecord(*row[18:]), *row[:18])


def find_branches(db: sqlite3.Connection, rest: str, values: Iterable[Any] = ()) -> Iterator[BranchRecord]:
    """
    Branches as C{b}, their heads as C{c}, of repos as C{r} of projects as C{p}.

    @param rest: the query from its C{WHERE} on, a constant.
    """
    for row in db.execute(_BRANCHES + rest, tuple(values)).fetchall():
        yield BranchRecord(RepoRecord(*row[8:]), *row[:8])


def commit_numbered(db: sqlite3.Connection, number: int) -> CommitRecord:
    """
    The commit of a row.

    @raise Refused: it was taken away since its number was read.
    """
    found = next(find_commits(db, "WHERE c.number = ?", (number,)), None)
    if found is None:
        raise not_found("commit not found: it was deleted meanwhile")
    return found
