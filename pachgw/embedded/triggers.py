"""
Triggers: a branch that follows another one of its repo when enough has happened there.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from pachgw.embedded.errors import unknown
from pachgw.embedded.paths import check_name
from pachgw.embedded.picking import find_branch
from pachgw.embedded.records import BranchRecord, CommitRecord, commit_numbered, find_branches
from pachgw.pfs.proto import pfs_pb2 as pfs

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kKmMgGtTpP]?)[iI]?[bB]?")
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def size_of(text: str) -> int:
    """
    A size such as C{100K} or C{1.5GB} in bytes; units are powers of 1,000.

    @raise Refused: it is none.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise unknown(f"invalid trigger size: invalid size: '{text}'")
    return int(float(match[1]) * 1000 ** _UNITS[match[2].lower()])


def check_trigger(db: sqlite3.Connection, branch: pfs.Branch, trigger: pfs.Trigger) -> None:
    """
    Make sure that a branch may have a trigger.

    @raise Refused: it is malformed, or forms a loop.
    """
    if not trigger.branch:
        raise unknown("triggers must specify a branch to trigger on")
    check_name(trigger.branch)
    if trigger.cron_spec or trigger.rate_limit_spec:
        raise unknown("this PFS has no triggers by time")
    if trigger.size:
        size_of(trigger.size)
    if trigger.commits < 0:
        raise unknown("can't trigger on a negative number of commits")
    name = trigger.branch
    while name:
        if name == branch.name:
            raise unknown("triggers cannot form a loop")
        found = find_branch(db, branch.repo, name)
        name = pfs.Trigger.FromString(found.trigger).branch if found and found.trigger else ""


def triggered(db: sqlite3.Connection, commit: CommitRecord, name: str) -> Iterator[BranchRecord]:
    """
    The branches that are to follow to a commit, since it has become the finished head of a branch.

    @param name: of that branch.
    """
    for branch in find_branches(db, 'WHERE b.repo = ? AND b."trigger" IS NOT NULL ORDER BY b.number', (commit.repo.number,)):
        trigger = pfs.Trigger.FromString(branch.trigger or b"")
        if trigger.branch == name and branch.head != commit.number and _is_due(db, trigger, commit_numbered(db, branch.head), commit):
            yield branch


def _is_due(db: sqlite3.Connection, trigger: pfs.Trigger, old: CommitRecord, new: CommitRecord) -> bool:
    conditions = []
    if trigger.size:
        conditions.append(new.size - old.size >= size_of(trigger.size))
    if trigger.commits:
        conditions.append(_commits_between(db, old, new, trigger.commits) == trigger.commits)
    return all(conditions) if trigger.all else any(conditions)


def _commits_between(db: sqlite3.Connection, old: CommitRecord, new: CommitRecord, most: int) -> int:
    count = 0
    commit = new
    while count < most and commit.number != old.number:
        if commit.parent is None:
            return count + (commit.origin != pfs.AUTO)
        commit = commit_numbered(db, commit.parent)
        count += 1
    return count
