"""
Projects: what groups repos.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Optional

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.authority import THE_CLUSTER, Resource
from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Code, Refused, not_found, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.paths import check_name
from pachgw.embedded.records import DEFAULT_PROJECT, find_repos, timestamp
from pachgw.embedded.removal import remove_repos
from pachgw.embedded.roles import PROJECT
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_LONGEST = 51
_COLUMNS = "SELECT name, description, created, created_by FROM projects "


def project_not_found(name: str) -> str:
    """
    The text about a missing project.
    """
    return f'get project by name: project "{name}" not found'


def project_number(db: sqlite3.Connection, name: str) -> Optional[int]:
    """
    The number of a project's row, or C{None}.
    """
    row = db.execute("SELECT number FROM projects WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def check_project_name(name: str) -> None:
    """
    Make sure that a project may be called so.

    @raise Refused: if not.
    """
    if len(name) > _LONGEST:
        raise unknown(f'invalid project name: project name "{name}" is {len(name) - _LONGEST} characters longer than the {_LONGEST} max')
    try:
        check_name(name)
    except Refused as refused:
        raise Refused(refused.code, f"invalid project name: {refused.details}") from None
    if not name[0].isalnum():
        raise unknown("invalid project name: project names must start with an alphanumeric character")


class Projects:
    """
    The procedures about projects.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def CreateProject(self, request: pfs.CreateProjectRequest, call: Call) -> Empty:
        """
        Make a project, or change its description.
        """
        name = request.project.name
        with self._ground.write() as db:
            self._authority.require(db, call, THE_CLUSTER, auth.PROJECT_CREATE)
            check_project_name(name)
            if request.update:
                if project_number(db, name) is None:
                    raise not_found(f"get project {name}: {project_not_found(name)}")
                db.execute("UPDATE projects SET description = ? WHERE name = ?", (request.description, name))
                return Empty()
            if project_number(db, name) is not None:
                raise Refused(Code.ALREADY_EXISTS, f'project "{name}" already exists\nproject {name} already exists')
            caller = self._authority.caller(db, call)
            self._add(db, name, request.description, caller)
        return Empty()

    def _add(self, db: sqlite3.Connection, name: str, description: str, caller: str) -> None:
        db.execute(
            "INSERT INTO projects (name, description, created, created_by) VALUES (?, ?, ?, ?)",
            (name, description, self._ground.now(), caller),
        )
        if self._authority.active:
            self._authority.add_project(db, name, caller)

    def InspectProject(self, request: pfs.InspectProjectRequest, call: Call) -> pfs.ProjectInfo:
        """
        Tell about a project.
        """
        db = self._ground.read()
        caller = self._authority.caller(db, call)
        name = request.project.name
        row = db.execute(_COLUMNS + "WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise not_found(f'error getting project "{name}": {project_not_found(name)}')
        return self._info(db, caller, *row)

    def ListProject(self, request: pfs.ListProjectRequest, call: Call) -> Iterator[pfs.ProjectInfo]:
        """
        Tell about all projects, in the order of their names.
        """
        db = self._ground.read()
        caller = self._authority.caller(db, call)
        rows = db.execute(_COLUMNS + "ORDER BY name").fetchall()
        yield from [self._info(db, caller, *row) for row in rows]

    def _info(self, db: sqlite3.Connection, caller: str, name: str, description: str, created: int, by: str) -> pfs.ProjectInfo:
        info = pfs.ProjectInfo(project=pfs.Project(name=name), description=description, created_at=timestamp(created), created_by=by)
        if self._authority.active:
            roles, permissions = self._authority.granted(db, caller, Resource(PROJECT, name))
            info.auth_info.CopyFrom(pfs.AuthInfo(permissions=permissions, roles=roles))
        return info

    def DeleteProject(self, request: pfs.DeleteProjectRequest, call: Call) -> Empty:
        """
        Delete a project; with C{force} also if it has repos.
        """
        name = request.project.name
        check_project_name(name)
        with self._ground.write() as db:
            try:
                self._authority.require(db, call, Resource(PROJECT, name), auth.PROJECT_DELETE, auth.PROJECT_MODIFY_BINDINGS)
            except Refused as refused:
                raise Refused(refused.code, f'user is not authorized to delete project "{name}": {refused.details}') from None
            number = project_number(db, name)
            if number is None:
                raise not_found(f'delete project "{name}": project "{name}" not found')
            repos = list(find_repos(db, "WHERE p.name = ? ORDER BY r.name, r.type", (name,)))
            if repos and not request.force:
                still = "\n".join(f"repo {repo} still exists" for repo in repos)
                raise Refused(Code.FAILED_PRECONDITION, f"cannot delete project {name}: {still}")
            remove_repos(db, self._authority, repos, force=True)
            db.execute("DELETE FROM projects WHERE number = ?", (number,))
            self._authority.drop_resource(db, Resource(PROJECT, name))
        return Empty()

    def DeleteAll(self, request: Empty, call: Call) -> Empty:
        """
        Delete all projects with all that they hold. The default project stays, empty.
        """
        with self._ground.write() as db:
            self._authority.require(db, call, THE_CLUSTER, auth.CLUSTER_DELETE_ALL)
            remove_repos(db, self._authority, list(find_repos(db, "")), force=True)
            for (name,) in db.execute("SELECT name FROM projects").fetchall():
                self._authority.drop_resource(db, Resource(PROJECT, name))
            db.execute("DELETE FROM projects")
            self._add(db, DEFAULT_PROJECT, "", self._authority.caller(db, call))
        return Empty()
