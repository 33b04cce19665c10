"""
Who calls, and whether they may.

Source: auth of Pachyderm 2.x, as recorded. Roles are bound to principals on the cluster, a project or a repo, and each holds for what
lies below as well.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Optional

from pachgw.embedded import settings
from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Code, Refused, unknown
from pachgw.embedded.picking import repo_names
from pachgw.embedded.records import DEFAULT_PROJECT, RepoRecord
from pachgw.embedded.roles import CLUSTER, CLUSTER_ADMIN, PROJECT, PROJECT_OWNER, PROJECT_WRITER, REPO, REPO_OWNER, role
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

ROOT = "pach:root"
EVERYBODY = "allClusterUsers"
_FOREVER = 1 << 32
"""
From so many seconds on a token never expires.
"""

_PREFIXES = ("pipeline", "internal", "robot", "pach", "user", "group")


@dataclass(frozen=True)
class Resource:
    """
    Something that roles can be bound on.

    @ivar type: cluster, project or repo.
    @ivar name: empty for the cluster, the project's name, or C{project/repo}.
    """

    type: auth.ResourceType
    name: str

    def __str__(self) -> str:
        return f"{auth.ResourceType.Name(self.type)} {self.name}"


THE_CLUSTER = Resource(CLUSTER, "")


def repo_resource(project: str, name: str) -> Resource:
    """
    The resource that a repo is, whatever its type: a pipeline's repos share their rights.
    """
    return Resource(REPO, f"{project}/{name}")


class Authority:
    """
    Knows tokens, principals and bindings. Holds nothing but whether auth is on, so that a call with auth off costs nothing.

    @ivar active: whether auth is on.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        """
        @param now: the time in nanoseconds.
        """
        self._now = now
        self._key = b""
        self.active = False

    def load(self, db: sqlite3.Connection) -> None:
        """
        Read the state of auth from the catalogue.
        """
        key = settings.get(db, settings.HASHING_KEY, b"")
        assert isinstance(key, bytes)
        self._key = key
        self.active = bool(settings.get(db, settings.AUTH_ACTIVE, 0))

    def activate(self, db: sqlite3.Connection, root_token: str) -> None:
        """
        Switch auth on, or give root another token if it is on, in a write transaction. Call L{load} after it.
        """
        settings.put(db, settings.AUTH_ACTIVE, 1)
        self.replace_root(db, root_token)
        self.add_resource(db, THE_CLUSTER)
        self.bind(db, THE_CLUSTER, ROOT, [CLUSTER_ADMIN])
        self.bind(db, THE_CLUSTER, EVERYBODY, ["projectCreator"])
        for (name,) in db.execute("SELECT name FROM projects").fetchall():
            self.add_project(db, name, "")
        for name, project in db.execute("SELECT r.name, p.name FROM repos r JOIN projects p ON p.number = r.project").fetchall():
            self.add_resource(db, repo_resource(project, name))

    def deactivate(self, db: sqlite3.Connection) -> None:
        """
        Switch auth off and forget all tokens and bindings, in a write transaction. Call L{load} after it.
        """
        settings.put(db, settings.AUTH_ACTIVE, 0)
        db.execute("DELETE FROM tokens")
        db.execute("DELETE FROM resources")

    def replace_root(self, db: sqlite3.Connection, token: str) -> None:
        """
        Make this root's only token, in a write transaction.
        """
        db.execute("DELETE FROM tokens WHERE principal = ?", (ROOT,))
        db.execute("INSERT OR REPLACE INTO tokens (hash, principal, expires) VALUES (?, ?, NULL)", (self._hash(token), ROOT))

    def new_token(self, db: sqlite3.Connection, principal: str, seconds: int) -> str:
        """
        Make a token, in a write transaction. Only its hash is kept.

        @param seconds: how long it is good for; 0 is for ever.
        """
        token = secrets.token_hex(16)
        expires = self._now() + seconds * 1_000_000_000 if 0 < seconds < _FOREVER else None
        db.execute("INSERT INTO tokens (hash, principal, expires) VALUES (?, ?, ?)", (self._hash(token), principal, expires))
        return token

    def revoke(self, db: sqlite3.Connection, token: str) -> int:
        """
        Forget a token, in a write transaction.

        @return: how many there were: one or none.
        """
        return db.execute("DELETE FROM tokens WHERE hash = ?", (self._hash(token),)).rowcount

    def forget_expired(self, db: sqlite3.Connection) -> None:
        """
        Forget the tokens whose time is over, in a write transaction.
        """
        db.execute("DELETE FROM tokens WHERE expires <= ?", (self._now(),))

    def caller(self, db: sqlite3.Connection, call: Call) -> str:
        """
        Who calls.

        @return: the principal, or nothing while auth is off.
        @raise Refused: auth is on and the token is none.
        """
        return self.identify(db, call)[0] if self.active else ""

    def identify(self, db: sqlite3.Connection, call: Call) -> tuple[str, Optional[int]]:
        """
        Who calls, and until when the token is good in nanoseconds (C{None}: for ever).

        @raise Refused: auth is off, or the token is none.
        """
        self.check_active()
        if not call.token:
            raise Refused(Code.UNAUTHENTICATED, "no authentication token (try logging in)")
        hashed = self._hash(call.token)
        row = db.execute("SELECT hash, principal, expires FROM tokens WHERE hash = ?", (hashed,)).fetchone()
        if row is None or not hmac.compare_digest(row[0], hashed) or (row[2] is not None and row[2] <= self._now()):
            raise Refused(Code.UNAUTHENTICATED, "provided auth token is corrupted or has expired (try logging in again)")
        return row[1], row[2]

    def check_active(self) -> None:
        """
        @raise Refused: auth is off.
        """
        if not self.active:
            raise Refused(Code.UNIMPLEMENTED, "the auth service is not activated")

    def require(self, db: sqlite3.Connection, call: Call, resource: Resource, *permissions: auth.Permission) -> None:
        """
        Make sure that the caller may.

        @raise Refused: otherwise, or if the token is none.
        """
        if not self.active:
            return
        principal = self.caller(db, call)
        if self.weigh(db, principal, resource, permissions)[1]:
            names = " ".join(auth.Permission.Name(permission) for permission in permissions)
            raise Refused(
                Code.PERMISSION_DENIED,
                f"{principal} is not authorized to perform this operation - needs permissions [{names}] on {resource}. "
                "Run `pachctl auth roles-for-permission` to find roles that grant a given permission.",
            )

    def require_named(self, db: sqlite3.Connection, call: Call, repo: pfs.Repo, *permissions: auth.Permission) -> None:
        """
        As L{require}, on the repo that a message names. Comes before looking for the repo: who has no right on one is not told whether
        it exists.
        """
        if self.active:
            project, name, _ = repo_names(repo)
            self.require(db, call, repo_resource(project, name), *permissions)

    def require_repo(self, db: sqlite3.Connection, call: Call, repo: RepoRecord, *permissions: auth.Permission) -> None:
        """
        As L{require}, on a repo.
        """
        if self.active:
            self.require(db, call, repo_resource(repo.project, repo.name), *permissions)

    def weigh(
        self, db: sqlite3.Connection, principal: str, resource: Resource, permissions: Iterable[auth.Permission]
    ) -> tuple[list[auth.Permission], list[auth.Permission]]:
        """
        Which of the permissions somebody has, and which not, in order of their numbers.

        @raise Refused: nothing can be bound on the resource, since there is none, and what is bound above does not permit all.
        """
        missing = set(permissions)
        satisfied: set[auth.Permission] = set()
        for level in _levels(resource):
            held = {permission for name in self._roles(db, principal, level) for permission in role(name).permissions}
            satisfied |= missing & held
            missing -= held
            if not missing:
                break
        return sorted(satisfied), sorted(missing)

    def granted(self, db: sqlite3.Connection, principal: str, resource: Resource) -> tuple[list[str], list[auth.Permission]]:
        """
        The roles that somebody has on a resource, from all levels, as far as they are shown for its type, and what these permit.
        """
        names = {name for level in _levels(resource) for name in self._roles(db, principal, level)}
        shown = sorted(name for name in names if resource.type in role(name).shown_on)
        return shown, [permission for name in shown for permission in role(name).permissions]

    def _roles(self, db: sqlite3.Connection, principal: str, resource: Resource) -> list[str]:
        number = self._resource(db, resource)
        rows = db.execute("SELECT role FROM bindings WHERE resource = ? AND principal IN (?, ?)", (number, principal, EVERYBODY))
        return [name for (name,) in rows.fetchall()]

    def _resource(self, db: sqlite3.Connection, resource: Resource) -> int:
        row = db.execute("SELECT number FROM resources WHERE type = ? AND name = ?", (resource.type, resource.name)).fetchone()
        if row is None:
            raise unknown(f"no role binding exists for {resource}")
        number: int = row[0]
        return number

    def bindings(self, db: sqlite3.Connection, resource: Resource) -> list[tuple[str, str]]:
        """
        What is bound on a resource itself: principals and roles.
        """
        return db.execute(
            "SELECT b.principal, b.role FROM bindings b JOIN resources r ON r.number = b.resource WHERE r.type = ? AND r.name = ?",
            (resource.type, resource.name),
        ).fetchall()

    def bind(self, db: sqlite3.Connection, resource: Resource, principal: str, roles: Iterable[str]) -> None:
        """
        Give somebody these roles on a resource and no others, in a write transaction.

        @raise Refused: there is no such resource, role or kind of principal.
        """
        prefix, colon, _ = principal.partition(":")
        if principal != EVERYBODY and not colon:
            raise unknown("subject has no prefix, must be of the form <type>:<name>")
        if principal != EVERYBODY and prefix not in _PREFIXES:
            raise unknown(f"subject has unrecognized prefix: {prefix}:")
        names = [role(name).name for name in roles]
        number = self._resource(db, resource)
        db.execute("DELETE FROM bindings WHERE resource = ? AND principal = ?", (number, principal))
        db.executemany("INSERT OR IGNORE INTO bindings VALUES (?, ?, ?)", [(number, principal, name) for name in names])

    def add_resource(self, db: sqlite3.Connection, resource: Resource) -> None:
        """
        Let roles be bound on a resource, in a write transaction.
        """
        db.execute("INSERT OR IGNORE INTO resources (type, name) VALUES (?, ?)", (resource.type, resource.name))

    def add_project(self, db: sqlite3.Connection, name: str, owner: str) -> None:
        """
        Let roles be bound on a project, in a write transaction. In the default project anybody may list and create repos.
        """
        resource = Resource(PROJECT, name)
        self.add_resource(db, resource)
        if name == DEFAULT_PROJECT:
            self.bind(db, resource, EVERYBODY, [PROJECT_WRITER])
        elif owner:
            self.bind(db, resource, owner, [PROJECT_OWNER])

    def add_repo(self, db: sqlite3.Connection, project: str, name: str, owner: str) -> None:
        """
        Let roles be bound on a repo, in a write transaction: who creates it owns it.
        """
        resource = repo_resource(project, name)
        self.add_resource(db, resource)
        self.bind(db, resource, owner, [REPO_OWNER])

    def drop_resource(self, db: sqlite3.Connection, resource: Resource) -> None:
        """
        Forget a resource and what is bound on it, in a write transaction.
        """
        db.execute("DELETE FROM resources WHERE type = ? AND name = ?", (resource.type, resource.name))

    def _hash(self, token: str) -> bytes:
        return blake2b(token.encode(), key=self._key, digest_size=32).digest()


def _levels(resource: Resource) -> list[Resource]:
    if resource.type == CLUSTER:
        return [THE_CLUSTER]
    if resource.type == PROJECT:
        return [THE_CLUSTER, resource]
    return [THE_CLUSTER, Resource(PROJECT, resource.name.partition("/")[0]), resource]
