"""
Repos: what holds branches and commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Optional

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.authority import Resource, repo_resource
from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Code, Refused, not_found, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.paths import check_name
from pachgw.embedded.picking import find_repo, repo_names, repo_not_found
from pachgw.embedded.projects import project_not_found, project_number
from pachgw.embedded.records import FILE_SETS, USER_REPO, RepoRecord, find_branches, find_repos, repo_text, timestamp
from pachgw.embedded.removal import remove_repos
from pachgw.embedded.roles import PROJECT
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_MASTER = "master"


class Repos:
    """
    The procedures about repos.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def CreateRepo(self, request: pfs.CreateRepoRequest, call: Call) -> Empty:
        """
        Make a repo, or change its description.
        """
        if not request.HasField("repo"):
            raise unknown("repo cannot be nil")
        project, name, _ = repo_names(request.repo)
        if name == FILE_SETS:
            raise unknown(f"{FILE_SETS} is a reserved name")
        with self._ground.write() as db:
            caller = self._authority.caller(db, call)
            check_name(name)
            number = project_number(db, project)
            if number is None:
                raise not_found(f'cannot find project "{project}": {project_not_found(project)}')
            self._require_project(db, call, project)
            found = find_repo(db, request.repo)
            if found is None:
                self._add(db, number, request, caller)
            elif not request.update:
                raise Refused(Code.ALREADY_EXISTS, f"repo {found} already exists")
            else:
                self._describe(db, call, found, request.description)
        return Empty()

    def _require_project(self, db: sqlite3.Connection, call: Call, project: str) -> None:
        try:
            self._authority.require(db, call, Resource(PROJECT, project), auth.PROJECT_CREATE_REPO)
        except Refused as refused:
            if refused.code is Code.UNAUTHENTICATED:
                raise
            raise Refused(refused.code, f"failed to create repo: {refused.details}") from None

    def _add(self, db: sqlite3.Connection, project: int, request: pfs.CreateRepoRequest, caller: str) -> None:
        names = repo_names(request.repo)
        if names[2] != USER_REPO and find_repo(db, pfs.Repo(name=names[1], project=request.repo.project)) is None:
            raise not_found(f"cannot create a system repo without a corresponding 'user' repo: repo {repo_text(*names)} not found")
        db.execute(
            "INSERT INTO repos (project, name, type, description, created) VALUES (?, ?, ?, ?, ?)",
            (project, names[1], names[2], request.description, self._ground.now()),
        )
        if self._authority.active and names[2] == USER_REPO:
            self._authority.add_repo(db, names[0], names[1], caller)

    def _describe(self, db: sqlite3.Connection, call: Call, repo: RepoRecord, description: str) -> None:
        (old,) = db.execute("SELECT description FROM repos WHERE number = ?", (repo.number,)).fetchone()
        if old != description:
            try:
                self._authority.require_repo(db, call, repo, auth.REPO_WRITE)
            except Refused as refused:
                raise Refused(refused.code, f'could not update description of "{repo}": {refused.details}') from None
            db.execute("UPDATE repos SET description = ? WHERE number = ?", (description, repo.number))

    def InspectRepo(self, request: pfs.InspectRepoRequest, call: Call) -> pfs.RepoInfo:
        """
        Tell about a repo. Needs no permission.
        """
        db = self._ground.read()
        caller = self._authority.caller(db, call)
        if not request.repo.type:
            raise unknown("repo type cannot be empty")
        repo = find_repo(db, request.repo)
        if repo is None:
            raise repo_not_found(request.repo)
        info = self._info(db, caller, repo)
        info.details.SetInParent()
        info.details.size_bytes = _size(db, repo)
        return info

    def ListRepo(self, request: pfs.ListRepoRequest, call: Call) -> Iterator[pfs.RepoInfo]:
        """
        Tell about the repos that the caller may know of, in the order of projects and names.
        """
        with self._ground.store.database.snapshot() as db:
            caller = self._authority.caller(db, call)
            repos = [repo for repo in _listed(db, request) if self._may_know(db, caller, repo)]
            infos = []
            for repo in _page(repos, request):
                info = self._info(db, caller, repo)
                info.size_bytes_upper_bound = _size(db, repo)
                infos.append(info)
        yield from infos

    def _may_know(self, db: sqlite3.Connection, caller: str, repo: RepoRecord) -> bool:
        if not self._authority.active:
            return True
        if not self._authority.weigh(db, caller, Resource(PROJECT, repo.project), [auth.PROJECT_LIST_REPO])[1]:
            return True
        return not self._authority.weigh(db, caller, repo_resource(repo.project, repo.name), [auth.REPO_READ])[1]

    def _info(self, db: sqlite3.Connection, caller: str, repo: RepoRecord) -> pfs.RepoInfo:
        description, created = db.execute("SELECT description, created FROM repos WHERE number = ?", (repo.number,)).fetchone()
        info = pfs.RepoInfo(repo=repo.message(), description=description, created=timestamp(created))
        for (name,) in db.execute("SELECT name FROM branches WHERE repo = ? ORDER BY name", (repo.number,)).fetchall():
            info.branches.append(pfs.Branch(repo=info.repo, name=name))
        if self._authority.active:
            roles, permissions = self._authority.granted(db, caller, repo_resource(repo.project, repo.name))
            info.auth_info.CopyFrom(pfs.AuthInfo(permissions=permissions, roles=roles))
        return info

    def DeleteRepo(self, request: pfs.DeleteRepoRequest, call: Call) -> pfs.DeleteRepoResponse:
        """
        Delete a repo with all that it holds. One that is missing, or that the caller may not delete, is no error.
        """
        if not request.HasField("repo"):
            raise Refused(Code.INVALID_ARGUMENT, "no repo specified")
        with self._ground.write() as db:
            caller = self._authority.caller(db, call)
            repo = find_repo(db, request.repo)
            if repo is None or not self._may_delete(db, caller, repo):
                return pfs.DeleteRepoResponse()
            try:
                remove_repos(db, self._authority, _related(db, repo), request.force)
            except Refused as refused:
                raise Refused(refused.code, f"delete repo: {refused.details}") from None
        return pfs.DeleteRepoResponse(deleted=True)

    def DeleteRepos(self, request: pfs.DeleteReposRequest, call: Call) -> pfs.DeleteReposResponse:
        """
        Delete the repos of some projects, or all, as far as the caller may.
        """
        projects = {project.name for project in request.projects}
        with self._ground.write() as db:
            caller = self._authority.caller(db, call)
            asked = [repo for repo in find_repos(db, "ORDER BY p.name, r.name, r.type") if request.all or repo.project in projects]
            repos = [repo for repo in asked if self._may_delete(db, caller, repo)]
            remove_repos(db, self._authority, repos, request.force)
        return pfs.DeleteReposResponse(repos=[repo.message() for repo in repos])

    def _may_delete(self, db: sqlite3.Connection, caller: str, repo: RepoRecord) -> bool:
        if not self._authority.active:
            return True
        return not self._authority.weigh(db, caller, repo_resource(repo.project, repo.name), [auth.REPO_DELETE])[1]


def _related(db: sqlite3.Connection, repo: RepoRecord) -> list[RepoRecord]:
    """
    A repo, and those of other types that go with a user repo.
    """
    if repo.type != USER_REPO:
        return [repo]
    return list(find_repos(db, "WHERE p.name = ? AND r.name = ? ORDER BY r.type", (repo.project, repo.name)))


def _listed(db: sqlite3.Connection, request: pfs.ListRepoRequest) -> list[RepoRecord]:
    projects = {project.name for project in request.projects}
    repos = find_repos(db, "WHERE ? IN (r.type, '') ORDER BY p.name, r.name, r.type", (request.type,))
    return [repo for repo in repos if not projects or repo.project in projects]


def _page(repos: list[RepoRecord], request: pfs.ListRepoRequest) -> list[RepoRecord]:
    if not request.HasField("page") or request.page.page_size <= 0:
        return repos
    start = request.page.page_index * request.page.page_size
    return repos[start : start + request.page.page_size]


def _size(db: sqlite3.Connection, repo: RepoRecord) -> int:
    """
    The size of the nearest finished commit of C{master}, in bytes, as PFS measures repos.
    """
    master = next(find_branches(db, "WHERE b.repo = ? AND b.name = ?", (repo.number, _MASTER)), None)
    number: Optional[int] = master.head if master else None
    while number is not None:
        size, finished, parent = db.execute("SELECT size, finished, parent FROM commits WHERE number = ?", (number,)).fetchone()
        if finished is not None:
            return int(size)
        number = parent
    return 0
