"""
Auth: switching it on and off, tokens, roles on all levels, and what each procedure asks for.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, by_id, delete, file_set, head

ROOT_TOKEN = "correct horse"
THE_REPO = auth.Resource(type=auth.REPO, name="default/data")
DEFAULT = auth.Resource(type=auth.PROJECT, name="default")
CLUSTER = auth.Resource(type=auth.CLUSTER)


class AuthCase(PFSCase):
    """
    A store with auth on; calls carry root's token.
    """

    def setUp(self) -> None:
        super().setUp()
        self.write(add("/a", b"1"))
        self.pfs.activate_auth(ROOT_TOKEN)
        self.token = ROOT_TOKEN

    def robot(self, name: str, seconds: int = 0) -> str:
        """
        A new token for a robot.
        """
        token: str = self.do(methods.GET_ROBOT_TOKEN, robot=name, ttl=seconds).token
        return token

    def bind(self, resource: auth.Resource, principal: str, *roles: str) -> None:
        """
        Give somebody roles, as root.
        """
        before, self.token = self.token, ROOT_TOKEN
        self.do(methods.MODIFY_ROLE_BINDING, resource=resource, principal=principal, roles=list(roles))
        self.token = before


class TokenTests(AuthCase):
    """
    Tokens.
    """

    def test_off_and_on(self) -> None:
        """
        Off, any token or none does; on again, the old tokens are gone.
        """
        robot = self.robot("x")
        self.pfs.deactivate_auth()
        self.token = None
        self.assertEqual(self.read("/a"), b"1")
        with self.refuses("the auth service is not activated", Code.UNIMPLEMENTED):
            self.do(methods.WHO_AM_I)
        self.pfs.activate_auth("other")
        for token in (ROOT_TOKEN, robot):
            self.token = token
            with self.refuses("corrupted or has expired", Code.UNAUTHENTICATED):
                self.do(methods.WHO_AM_I)

    def test_survives_a_restart(self) -> None:
        """
        Auth stays on over a restart.
        """
        self.reopen()
        self.assertEqual(self.do(methods.WHO_AM_I).username, "pach:root")
        self.token = None
        with self.refuses("no authentication token", Code.UNAUTHENTICATED):
            self.read("/a")

    def test_not_in_the_clear(self) -> None:
        """
        No token is found in the files of the store.
        """
        robot = self.robot("x")
        self.pfs.close()
        for path in (self.folder / "data").rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                self.assertNotIn(ROOT_TOKEN.encode(), content)
                self.assertNotIn(robot.encode(), content)
        self.pfs = self.opened()

    def test_expiry(self) -> None:
        """
        A robot's token is good for as long as was asked.
        """
        robot = self.robot("robot:x", seconds=60)
        self.token = robot
        answer = self.do(methods.WHO_AM_I)
        self.assertEqual((answer.username, answer.expiration.seconds), ("robot:x", int(self.time) + 60))
        self.time += 61
        with self.refuses("corrupted or has expired", Code.UNAUTHENTICATED):
            self.do(methods.WHO_AM_I)

    def test_revoked(self) -> None:
        """
        A token that was revoked is none any more.
        """
        robot = self.robot("x")
        self.assertEqual(self.do(methods.REVOKE_AUTH_TOKEN, token=robot).number, 1)
        self.assertEqual(self.do(methods.REVOKE_AUTH_TOKEN, token=robot).number, 0)
        self.token = robot
        with self.refuses("corrupted", Code.UNAUTHENTICATED):
            self.do(methods.WHO_AM_I)

    def test_rotated(self) -> None:
        """
        Root's token can be replaced, by one that is given or by a random one.
        """
        token = self.do(methods.ROTATE_ROOT_TOKEN).root_token
        with self.refuses("corrupted", Code.UNAUTHENTICATED):
            self.do(methods.WHO_AM_I)
        self.token = token
        self.assertEqual(self.do(methods.ROTATE_ROOT_TOKEN, root_token="mine").root_token, "mine")
        self.token = "mine"
        self.assertEqual(self.do(methods.WHO_AM_I).username, "pach:root")

    def test_only_root(self) -> None:
        """
        A robot makes no tokens and binds nothing on what it does not own.
        """
        self.token = self.robot("x")
        for method, fields in (
            (methods.GET_ROBOT_TOKEN, {"robot": "y"}),
            (methods.ROTATE_ROOT_TOKEN, {}),
            (methods.GET_ROLE_BINDING, {"resource": CLUSTER}),
            (methods.MODIFY_ROLE_BINDING, {"resource": THE_REPO, "principal": "robot:x", "roles": ["repoOwner"]}),
            (methods.MODIFY_ROLE_BINDING, {"resource": CLUSTER, "principal": "robot:x", "roles": ["clusterAdmin"]}),
            (methods.DELETE_ALL, {}),
        ):
            with self.refuses("is not authorized to perform this operation", Code.PERMISSION_DENIED):
                self.do(method, **fields)

    def test_bad_requests(self) -> None:
        """
        Colons in robots' names, unknown roles and principals, root's own rights.
        """
        for phrase, method, fields in (
            ("cannot contain colons", methods.GET_ROBOT_TOKEN, {"robot": "a:b"}),
            ("unknown role", methods.MODIFY_ROLE_BINDING, {"resource": THE_REPO, "principal": "robot:x", "roles": ["king"]}),
            ("subject has no prefix", methods.MODIFY_ROLE_BINDING, {"resource": THE_REPO, "principal": "x", "roles": []}),
            ("unrecognized prefix", methods.MODIFY_ROLE_BINDING, {"resource": THE_REPO, "principal": "x:y", "roles": []}),
            ("pach: users", methods.MODIFY_ROLE_BINDING, {"resource": CLUSTER, "principal": "pach:root", "roles": []}),
            ("unknown resource type", methods.MODIFY_ROLE_BINDING, {"principal": "robot:x"}),
            ("no identity provider", methods.AUTHENTICATE, {}),
        ):
            with self.refuses(phrase):
                self.do(method, **fields)


class RoleTests(AuthCase):
    """
    What roles permit.
    """

    def setUp(self) -> None:
        super().setUp()
        self.token = self.robot("x")

    def denied(self, permission: str) -> Any:
        """
        What is done in the block must be refused for want of a permission.
        """
        return self.refuses(f"[{permission}] on REPO default/data", Code.PERMISSION_DENIED)

    def test_each_procedure(self) -> None:
        """
        Without a role on the repo each procedure is refused, and names what it asks for.
        """
        file = messages.file(head(), "/a")
        for permission, method, fields in (
            ("REPO_READ", methods.GET_FILE, {"file": file}),
            ("REPO_READ", methods.GET_FILE_TAR, {"file": file}),
            ("REPO_INSPECT_FILE", methods.INSPECT_FILE, {"file": file}),
            ("REPO_LIST_FILE", methods.LIST_FILE, {"file": file}),
            ("REPO_READ REPO_LIST_FILE", methods.WALK_FILE, {"file": file}),
            ("REPO_READ REPO_LIST_FILE", methods.GLOB_FILE, {"commit": head(), "pattern": "*"}),
            ("REPO_READ", methods.DIFF_FILE, {"new_file": file}),
            ("REPO_INSPECT_COMMIT", methods.INSPECT_COMMIT, {"commit": head()}),
            ("REPO_LIST_COMMIT", methods.LIST_COMMIT, {"repo": REPO}),
            ("REPO_INSPECT_COMMIT", methods.FIND_COMMITS, {"start": head(), "file_path": "/a"}),
            ("REPO_LIST_COMMIT REPO_INSPECT_COMMIT", methods.SUBSCRIBE_COMMIT, {"repo": REPO}),
            ("REPO_WRITE", methods.START_COMMIT, {"branch": messages.branch(REPO, "master")}),
            ("REPO_WRITE", methods.FINISH_COMMIT, {"commit": head()}),
            ("REPO_WRITE", methods.CLEAR_COMMIT, {"commit": head()}),
            ("REPO_READ", methods.GET_FILE_SET, {"commit": head()}),
            ("REPO_WRITE", methods.ADD_FILE_SET, {"commit": head()}),
            ("REPO_CREATE_BRANCH", methods.CREATE_BRANCH, {"branch": messages.branch(REPO, "x")}),
            ("REPO_LIST_BRANCH", methods.LIST_BRANCH, {"repo": REPO}),
            ("REPO_DELETE_BRANCH", methods.DELETE_BRANCH, {"branch": messages.branch(REPO, "master")}),
        ):
            with self.denied(permission):
                self.do(method, **fields)
        with self.denied("REPO_WRITE"):
            self.write(add("/b", b""))
        with self.refuses("Cannot list branches from all repos with auth activated"):
            self.do(methods.LIST_BRANCH)

    def test_commits_are_the_clusters(self) -> None:
        """
        Who owns a repo may not take its commits away: that needs the right on the cluster.
        """
        self.bind(THE_REPO, "robot:x", "repoOwner")
        for method, fields in (
            (methods.DROP_COMMIT, {"commit": head()}),
            (methods.SQUASH_COMMIT, {"commit": head()}),
            (methods.DROP_COMMIT_SET, {"commit_set": pfs.CommitSet(id="x")}),
        ):
            with self.refuses("[REPO_DELETE_COMMIT] on CLUSTER ", Code.PERMISSION_DENIED):
                self.do(method, **fields)

    def test_no_token(self) -> None:
        """
        Without a token nothing is told but the version and which cluster this is.
        """
        self.token = None
        for method in methods.ALL:
            if method in (methods.GET_VERSION, methods.INSPECT_CLUSTER, methods.AUTHENTICATE):
                continue
            with self.refuses("no authentication token", Code.UNAUTHENTICATED):
                self.do(method)
        self.assertEqual(self.do(methods.GET_VERSION).major, 2)
        self.assertTrue(self.do(methods.INSPECT_CLUSTER).warnings_ok)

    def test_reader_writer_owner(self) -> None:
        """
        Each role holds what the one before it does, and more.
        """
        self.bind(THE_REPO, "robot:x", "repoReader")
        self.assertEqual(self.read("/a"), b"1")
        with self.denied("REPO_WRITE"):
            self.write(add("/b", b""))
        self.bind(THE_REPO, "robot:x", "repoWriter")
        self.write(add("/b", b""))
        self.assertEqual(self.info().created_by, "robot:x")
        self.assertFalse(self.do(methods.DELETE_REPO, repo=REPO).deleted)
        self.bind(THE_REPO, "robot:x", "repoOwner")
        self.do(methods.MODIFY_ROLE_BINDING, resource=THE_REPO, principal="user:me@example.com", roles=["repoReader"])
        entries = self.do(methods.GET_ROLE_BINDING, resource=THE_REPO).binding.entries
        self.assertEqual(set(entries), {"robot:x", "user:me@example.com"})
        self.assertTrue(self.do(methods.DELETE_REPO, repo=REPO).deleted)

    def test_taken_away(self) -> None:
        """
        No roles are no rights.
        """
        self.bind(THE_REPO, "robot:x", "repoReader")
        self.bind(THE_REPO, "robot:x")
        with self.refuses("[REPO_READ]", Code.PERMISSION_DENIED):
            self.read("/a")

    def test_levels(self) -> None:
        """
        A role on the project or the cluster holds for the repo, also one for everybody.
        """
        for resource in (DEFAULT, CLUSTER):
            self.bind(resource, "robot:x", "repoReader")
            self.assertEqual(self.read("/a"), b"1")
            self.bind(resource, "robot:x")
        self.bind(THE_REPO, "allClusterUsers", "repoReader")
        self.assertEqual(self.read("/a"), b"1")

    def test_projects(self) -> None:
        """
        In a project of another's nothing is seen or made; who makes one owns it.
        """
        mine = pfs.Project(name="mine")
        self.do(methods.CREATE_PROJECT, project=mine)
        repo = messages.repo("mine", "r")
        self.do(methods.CREATE_REPO, repo=repo)
        self.assertIn("projectOwner", self.do(methods.INSPECT_PROJECT, project=mine).auth_info.roles)
        self.token = self.other = self.robot_as_root("y")
        with self.refuses("failed to create repo: robot:y is not authorized", Code.PERMISSION_DENIED):
            self.do(methods.CREATE_REPO, repo=messages.repo("mine", "other"))
        self.assertEqual([info.repo.name for info in self.do(methods.LIST_REPO)], ["data"])
        with self.refuses("[PROJECT_DELETE PROJECT_MODIFY_BINDINGS] on PROJECT mine", Code.PERMISSION_DENIED):
            self.do(methods.DELETE_PROJECT, project=mine)
        self.bind(auth.Resource(type=auth.REPO, name="mine/r"), "robot:y", "repoReader")
        self.assertEqual([info.repo.name for info in self.do(methods.LIST_REPO)], ["data", "r"])

    def robot_as_root(self, name: str) -> str:
        """
        A new token for a robot, made by root.
        """
        before, self.token = self.token, ROOT_TOKEN
        token = self.robot(name)
        self.token = before
        return token

    def test_file_sets_need_no_right(self) -> None:
        """
        Anybody with a token makes file sets and reads what he has made.
        """
        made = self.make_set(add("/x", b"1"))
        self.assertEqual(self.read("/x", file_set(made)), b"1")
        with self.denied("REPO_READ"):
            self.make_set(pfs.ModifyFileRequest(copy_file=pfs.CopyFile(dst="/y", src=messages.file(head(), "/a"))))

    def test_missing_repo(self) -> None:
        """
        Of a repo that does not exist Authorize says so.
        """
        resource = auth.Resource(type=auth.REPO, name="default/none")
        with self.refuses("no role binding exists for REPO default/none"):
            self.do(methods.AUTHORIZE, resource=resource, permissions=[auth.REPO_READ])

    def test_repo_deleted_and_made_again(self) -> None:
        """
        Rights on a repo die with it.
        """
        self.bind(THE_REPO, "robot:x", "repoReader")
        robot, self.token = self.token, ROOT_TOKEN
        self.do(methods.DELETE_REPO, repo=REPO)
        self.do(methods.CREATE_REPO, repo=REPO)
        self.write(add("/a", b"1"))
        self.token = robot
        with self.refuses("[REPO_READ]", Code.PERMISSION_DENIED):
            self.read("/a")


class HashTests(AuthCase):
    """
    What is kept of tokens.
    """

    def test_same_token_other_store(self) -> None:
        """
        The hash of a token is keyed: another store has another one.
        """
        other = type(self)("setUp")
        other.setUp()
        self.addCleanup(other.doCleanups)
        hashes = set()
        for case in (self, other):
            with sqlite3.connect(case.folder / "data" / "pachgw.sqlite") as db:
                hashes.update(db.execute("SELECT hash FROM tokens").fetchall())
            db.close()
        self.assertEqual(len(hashes), 2)


class RootTests(AuthCase):
    """
    Root.
    """

    def test_root_may_all(self) -> None:
        """
        Root does what nobody else may.
        """
        self.write(delete("/a"))
        self.do(methods.DROP_COMMIT, commit=by_id(self.info().commit.id))
        self.do(methods.DELETE_ALL)
        self.assertEqual([info.project.name for info in self.do(methods.LIST_PROJECT)], ["default"])
        self.do(methods.CREATE_REPO, repo=REPO)
