"""
Branches: names that move from commit to commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Optional

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Code, Refused, not_found, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.lifecycle import Lifecycle
from pachgw.embedded.paths import check_name
from pachgw.embedded.picking import find_branch, find_repo, pick_commit, pick_repo, repo_names, text_of
from pachgw.embedded.records import BranchRecord, CommitRecord, RepoRecord, commit_message, commit_numbered, find_branches, timestamp
from pachgw.embedded.removal import remove_branch
from pachgw.embedded.triggers import check_trigger
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_UPSTREAM = "JOIN branch_provenance bp ON bp.upstream = b.number WHERE bp.downstream = ? ORDER BY b.number"
_ALL_UPSTREAM = """
    WHERE b.number IN (WITH RECURSIVE up(number) AS (SELECT upstream FROM branch_provenance WHERE downstream = ?
    UNION SELECT bp.upstream FROM branch_provenance bp JOIN up ON bp.downstream = up.number) SELECT number FROM up) ORDER BY b.number
"""
_ALL_DOWNSTREAM = """
    WHERE b.number IN (WITH RECURSIVE down(number) AS (SELECT downstream FROM branch_provenance WHERE upstream = ?
    UNION SELECT bp.downstream FROM branch_provenance bp JOIN down ON bp.upstream = down.number) SELECT number FROM down) ORDER BY b.number
"""


def missing_branch(db: sqlite3.Connection, branch: pfs.Branch) -> str:
    """
    The text about a branch that cannot be found, with the repo if that is missing.
    """
    project, name, type = repo_names(branch.repo)
    text = f"branch (id=0, branch={text_of(branch.repo)}@{branch.name}) not found"
    if find_repo(db, branch.repo) is None:
        return f"repo (id=0, project={project}, name={name}, type={type}) not found\n{text}"
    return text


class Branches:
    """
    The procedures about branches.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def CreateBranch(self, request: pfs.CreateBranchRequest, call: Call) -> Empty:
        """
        Make a branch, or change where it points, what it comes from and what triggers it. A new one has an empty commit.
        """
        if not request.HasField("branch") or not request.branch.HasField("repo"):
            raise unknown("branch repo cannot be nil" if request.HasField("branch") else "branch cannot be nil")
        with self._ground.changing(call) as life:
            self._authority.require_named(life.db, call, request.branch.repo, auth.REPO_CREATE_BRANCH)
            repo = find_repo(life.db, request.branch.repo)
            _check_request(life.db, request)
            for upstream in request.provenance:
                self._fill(life, upstream)
            if repo is None:
                project, name, type = repo_names(request.branch.repo)
                raise not_found(
                    f"get commit by commit key: repo (id=0, project={project}, name={name}, type={type}) not found\n"
                    f"commit (int_id=0, commit_id={project}/{name}.{type}@{life.set_id}) not found"
                )
            self._put(life, repo, request)
        return Empty()

    def _fill(self, life: Lifecycle, branch: pfs.Branch) -> None:
        """
        Make a branch that another one is to come from, if it does not exist.
        """
        if find_branch(life.db, branch.repo, branch.name) is None:
            repo = pick_repo(life.db, branch.repo)
            life.move(repo, branch.name, life.create_empty(repo, branch.name, [], None))

    def _put(self, life: Lifecycle, repo: RepoRecord, request: pfs.CreateBranchRequest) -> None:
        db, name = life.db, request.branch.name
        old = find_branch(db, request.branch.repo, name)
        upstream = [found for one in request.provenance if (found := find_branch(db, one.repo, one.name))]
        if any(one.repo == repo for one in upstream):
            raise unknown(f"repo {repo} cannot be in the provenance of its own branch")
        head = _head(db, request)
        before = {one.number for one in find_branches(db, _UPSTREAM, (old.number,))} if old else set()
        changed = {one.number for one in upstream} != before
        moves = head is not None
        if head is None and old is not None:
            head = commit_numbered(db, old.head)
        if head is None or (changed and upstream):
            head = life.create_empty(repo, name, upstream, head)
            moves = True
        if not moves and not changed and not request.provenance and not request.HasField("trigger"):
            return
        number = life.move(repo, name, head)
        _connect(db, number, upstream, request)
        if request.trigger.branch:
            db.execute('UPDATE branches SET "trigger" = ? WHERE number = ?', (request.trigger.SerializeToString(), number))
        _check_structure(db, number)
        if moves:
            life.propagate(number)

    def InspectBranch(self, request: pfs.InspectBranchRequest, call: Call) -> pfs.BranchInfo:
        """
        Tell about a branch. Needs no permission on the repo.
        """
        if not request.HasField("branch") or not request.branch.HasField("repo"):
            raise unknown("branch repo cannot be nil" if request.HasField("branch") else "branch cannot be nil")
        if not request.branch.repo.type:
            raise unknown("inspect branch in transaction: repo type cannot be empty")
        db = self._ground.read()
        found = find_branch(db, request.branch.repo, request.branch.name)
        if found is None:
            raise not_found(
                f"inspect branch in transaction: {missing_branch(db, request.branch)}\n"
                f'branch "{request.branch.name}" not found in repo {text_of(request.branch.repo)}'
            )
        return branch_info(db, found)

    def ListBranch(self, request: pfs.ListBranchRequest, call: Call) -> Iterator[pfs.BranchInfo]:
        """
        Tell about the branches of a repo, or with auth off of all, newest first.
        """
        db = self._ground.read()
        order = "ORDER BY b.created, b.number" if request.reverse else "ORDER BY b.created DESC, b.number DESC"
        if request.HasField("repo"):
            self._authority.require_named(db, call, request.repo, auth.REPO_LIST_BRANCH)
            repo = pick_repo(db, request.repo)
            found = find_branches(db, "WHERE b.repo = ? " + order, (repo.number,))
        elif self._authority.active:
            raise unknown("Cannot list branches from all repos with auth activated")
        else:
            found = find_branches(db, order)
        yield from [branch_info(db, branch) for branch in found]

    def DeleteBranch(self, request: pfs.DeleteBranchRequest, call: Call) -> Empty:
        """
        Delete a branch. Its commits stay.
        """
        if not request.HasField("branch"):
            raise unknown("branch cannot be nil")
        with self._ground.write() as db:
            self._authority.require_named(db, call, request.branch.repo, auth.REPO_DELETE_BRANCH)
            found = find_branch(db, request.branch.repo, request.branch.name)
            if found is None:
                project, name, type = repo_names(request.branch.repo)
                raise not_found(f'get branch "{project}/{name}.{type}@{request.branch.name}": {missing_branch(db, request.branch)}')
            remove_branch(db, found, request.force)
            db.execute("UPDATE commits SET branch = '' WHERE repo = ? AND branch = ?", (found.repo.number, found.name))
        return Empty()


def branch_info(db: sqlite3.Connection, branch: BranchRecord) -> pfs.BranchInfo:
    """
    What InspectBranch tells. A branch that is alone costs one query more.
    """
    repo = branch.repo.message()
    info = pfs.BranchInfo(
        branch=pfs.Branch(repo=repo, name=branch.name),
        head=commit_message(branch.repo, branch.head_id, None),
        created_by=branch.created_by,
        created_at=timestamp(branch.created),
        updated_at=timestamp(branch.updated),
    )
    if branch.trigger is not None:
        info.trigger.ParseFromString(branch.trigger)
    linked = db.execute(
        "SELECT 1 FROM branch_provenance WHERE downstream = ?1 UNION ALL SELECT 1 FROM branch_provenance WHERE upstream = ?1 LIMIT 1",
        (branch.number,),
    ).fetchone()
    if linked:
        _add_links(db, branch, info)
    return info


def _add_links(db: sqlite3.Connection, branch: BranchRecord, info: pfs.BranchInfo) -> None:
    info.direct_provenance.extend(one.message() for one in find_branches(db, _UPSTREAM, (branch.number,)))
    info.provenance.extend(one.message() for one in find_branches(db, _ALL_UPSTREAM, (branch.number,)))
    info.subvenance.extend(one.message() for one in find_branches(db, _ALL_DOWNSTREAM, (branch.number,)))
    never = "JOIN branch_provenance bp ON bp.upstream = b.number WHERE bp.never AND bp.downstream = ? ORDER BY b.number"
    for one in find_branches(db, never, (branch.number,)):
        info.branch_propagation_specs.append(
            pfs.BranchPropagationSpec(branch=one.message(), propagation_spec=pfs.PropagationSpec(never=True))
        )


def _check_request(db: sqlite3.Connection, request: pfs.CreateBranchRequest) -> None:
    if request.HasField("trigger"):
        if request.provenance:
            raise unknown("a branch cannot have both provenance and a trigger")
        check_trigger(db, request.branch, request.trigger)
    sources = {(repo_names(one.repo), one.name) for one in request.provenance}
    for spec in request.branch_propagation_specs:
        if (repo_names(spec.branch.repo), spec.branch.name) not in sources:
            text = f"{text_of(spec.branch.repo)}@{spec.branch.name}"
            raise unknown(f"branch propagation spec must reference provenant branch (referenced branch: {text})")
    for one in (*request.provenance, request.branch):
        check_name(one.name)
    if request.HasField("head") and request.head.HasField("repo") and request.head.repo.name != request.branch.repo.name:
        raise unknown("branch and head commit must belong to the same repo")


def _head(db: sqlite3.Connection, request: pfs.CreateBranchRequest) -> Optional[CommitRecord]:
    if not request.HasField("head"):
        return None
    try:
        return pick_commit(db, request.head)
    except Refused as refused:
        text = f"{text_of(request.branch.repo)}@{request.head.id or request.head.branch.name}"
        raise Refused(refused.code, f"unable to inspect {text}: {refused.details}") from None


def _connect(db: sqlite3.Connection, number: int, upstream: list[BranchRecord], request: pfs.CreateBranchRequest) -> None:
    never = {(repo_names(spec.branch.repo), spec.branch.name) for spec in request.branch_propagation_specs if spec.propagation_spec.never}
    db.execute("DELETE FROM branch_provenance WHERE downstream = ?", (number,))
    db.executemany(
        "INSERT OR IGNORE INTO branch_provenance VALUES (?, ?, ?)",
        [(number, one.number, ((one.repo.project, one.repo.name, one.repo.type), one.name) in never) for one in upstream],
    )


def _check_structure(db: sqlite3.Connection, number: int) -> None:
    """
    Make sure that a branch hangs together with at most one branch of each repo, whichever way one follows provenance.

    @raise Refused: otherwise, or if provenance goes round in a circle.
    """
    linked = (
        "WHERE b.number IN (WITH RECURSIVE linked(number) AS (SELECT ? UNION SELECT CASE WHEN bp.downstream = linked.number "
        "THEN bp.upstream ELSE bp.downstream END FROM branch_provenance bp JOIN linked ON linked.number IN (bp.downstream, bp.upstream)) "
        "SELECT number FROM linked)"
    )
    seen: set[int] = set()
    for branch in find_branches(db, linked, (number,)):
        if branch.repo.number in seen:
            raise unknown(
                f'validate DAG at end of transaction: multiple branches from the same repo, "{branch.repo}", cannot participate in a DAG'
            )
        seen.add(branch.repo.number)
    if any(one.number == number for one in find_branches(db, _ALL_UPSTREAM, (number,))):
        raise Refused(Code.UNKNOWN, "branch provenance cannot form a loop")
