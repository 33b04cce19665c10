"""
Finding the repo, branch or commit that a message means.

A commit may be named by its id, by a branch, whose head it then is, or by ancestry: C{master^}, C{master~3}, C{ID^^} count back,
C{master.1} counts on from the first commit. Source: recorded answers, and the manual of C{pachctl} on ancestry.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Optional

from pachgw.embedded.errors import Code, Refused, not_found, unknown
from pachgw.embedded.records import (
    DEFAULT_PROJECT,
    USER_REPO,
    BranchRecord,
    CommitRecord,
    RepoRecord,
    commit_numbered,
    find_branches,
    find_commits,
    find_repos,
    repo_text,
)
from pachgw.pfs.proto import pfs_pb2 as pfs

_ID = re.compile(r"[0-9a-f]{12}4[0-9a-f]{19}")
_ANCESTRY = re.compile(r"([^.^~]*)(?:\.(\d+)|\^(\d+)|~(\d+)|(\^+)|(~+))?")


def is_id(text: str) -> bool:
    """
    Whether a text is an id and not a branch's name: 32 hex digits of a random UUID (version 4).
    """
    return _ID.fullmatch(text) is not None


def repo_names(repo: pfs.Repo) -> tuple[str, str, str]:
    """
    Project, name and type that a message means; the project defaults to C{default}, the type to C{user}.
    """
    return repo.project.name or DEFAULT_PROJECT, repo.name, repo.type or USER_REPO


def text_of(repo: pfs.Repo) -> str:
    """
    A repo as PFS writes it in its texts.
    """
    return repo_text(*repo_names(repo))


def repo_not_found(repo: pfs.Repo) -> Refused:
    """
    The refusal for a missing repo.
    """
    return not_found(f"repo {text_of(repo)} not found")


def find_repo(db: sqlite3.Connection, repo: pfs.Repo) -> Optional[RepoRecord]:
    """
    The repo that a message means, or C{None}.
    """
    return next(find_repos(db, "WHERE p.name = ? AND r.name = ? AND r.type = ?", repo_names(repo)), None)


def pick_repo(db: sqlite3.Connection, repo: pfs.Repo) -> RepoRecord:
    """
    The repo that a message means.

    @raise Refused: there is none.
    """
    found = find_repo(db, repo)
    if found is None:
        raise repo_not_found(repo)
    return found


def find_branch(db: sqlite3.Connection, repo: pfs.Repo, name: str) -> Optional[BranchRecord]:
    """
    A branch by its name, or C{None}.
    """
    where = "WHERE p.name = ? AND r.name = ? AND r.type = ? AND b.name = ?"
    return next(find_branches(db, where, (*repo_names(repo), name)), None)


def repo_of(commit: pfs.Commit) -> pfs.Repo:
    """
    The repo of a commit, which may be given with the branch only.

    @raise Refused: there is none.
    """
    if commit.HasField("repo"):
        return commit.repo
    if commit.HasField("branch") and commit.branch.HasField("repo"):
        return commit.branch.repo
    raise unknown("commit must have a repo")


def handle_of(commit: pfs.Commit) -> str:
    """
    What names a commit within its repo: an id, a branch's name, or either with ancestry.

    @raise Refused: nothing does.
    """
    id, branch = commit.id, commit.branch.name
    if not id and not branch:
        raise unknown("pick commit tx: cannot pick commit with no ID or branch")
    return branch + id if branch and (not id or id[0] in ".^~") else id


def pick_commit(db: sqlite3.Connection, commit: pfs.Commit) -> CommitRecord:
    """
    The commit that a message means. A branch that is given beside an id is not looked at.

    @raise Refused: there is none.
    """
    repo = repo_of(commit)
    handle = handle_of(commit)
    match = _ANCESTRY.fullmatch(handle)
    if match is None:
        raise unknown(f'pick commit tx: invalid ancestry syntax "{handle}"')
    base, onward, *_ = match.groups()
    back = _steps_back(match)
    found = _by_base(db, repo, base)
    if found is None:
        raise _missing(db, repo, commit, base)
    if onward is not None:
        return _from_root(db, found, int(onward))
    return _ancestor(db, found, back) if back else found


def _steps_back(match: re.Match[str]) -> int:
    caret, tilde, carets, tildes = match.groups()[2:]
    if caret or tilde:
        return int(caret or tilde)
    return len(carets or tildes or "")


def _by_base(db: sqlite3.Connection, repo: pfs.Repo, base: str) -> Optional[CommitRecord]:
    names = repo_names(repo)
    if is_id(base):
        found = next(find_commits(db, "WHERE p.name = ? AND r.name = ? AND r.type = ? AND c.id = ?", (*names, base)), None)
        return found or _by_set(db, names, base)
    where = "JOIN branches b ON b.head = c.number AND b.repo = r.number WHERE p.name = ? AND r.name = ? AND r.type = ? AND b.name = ?"
    return next(find_commits(db, where, (*names, base)), None)


def _by_set(db: sqlite3.Connection, names: tuple[str, str, str], id: str) -> Optional[CommitRecord]:
    """
    The commit of a repo that the commits of a set came from, though it is not in the set itself.
    """
    where = (
        "WHERE p.name = ? AND r.name = ? AND r.type = ? AND c.number IN (WITH RECURSIVE up(number) AS ("
        "SELECT cp.upstream FROM commit_provenance cp JOIN commits x ON x.number = cp.downstream WHERE x.id = ? "
        "UNION SELECT cp.upstream FROM commit_provenance cp JOIN up ON up.number = cp.downstream) SELECT number FROM up)"
    )
    return next(find_commits(db, where, (*names, id)), None)


def _missing(db: sqlite3.Connection, repo: pfs.Repo, commit: pfs.Commit, base: str) -> Refused:
    text = text_of(repo)
    if find_repo(db, repo) is None:
        last = f"repo {text} not found"
    elif is_id(base):
        last = f"commit {text}@{commit.id} not found"
    else:
        last = f'branch "{base}" not found in repo {text}'
    return Refused(Code.NOT_FOUND, f"pick commit tx: commit {text}@{commit.id} not found\n{last}")


def _lineage(db: sqlite3.Connection, number: int, most: int) -> list[int]:
    """
    The numbers of a commit and its ancestors, nearest first.
    """
    rows = db.execute(
        "WITH RECURSIVE line(number, depth) AS (SELECT ?, 0 UNION ALL SELECT c.parent, depth + 1 FROM line "
        "JOIN commits c ON c.number = line.number WHERE c.parent IS NOT NULL AND depth < ?) SELECT number FROM line ORDER BY depth",
        (number, most),
    )
    return [number for (number,) in rows.fetchall()]


def _ancestor(db: sqlite3.Connection, start: CommitRecord, back: int) -> CommitRecord:
    line = _lineage(db, start.number, back)
    if len(line) <= back:
        raise unknown(
            f"pick commit tx: picking commit: invalid offset for ancestor of commit: {start.repo.key}@{start.id}, "
            f"offset requested: {back}, offset traversable: {len(line) - 1}"
        )
    return commit_numbered(db, line[back])


def _from_root(db: sqlite3.Connection, head: CommitRecord, onward: int) -> CommitRecord:
    line = _lineage(db, head.number, -1 & 0x7FFFFFFF)
    if not 1 <= onward <= len(line):
        raise unknown(
            f"pick commit tx: picking commit: invalid offset from branch root for head commit: {head.repo.key}@{head.id}, "
            f"offset: {onward - 1}, maximum depth: {len(line)}"
        )
    return commit_numbered(db, line[-onward])
