"""
Buckets on the embedded PFS.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.task import Clock

from pachgw.objects.store import ObjectStore
from pachgw.objects.values import Caller
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.errors import (
    AccessDenied,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    InvalidAccessKeyId,
    InvalidBucketName,
    InvalidBucketState,
    MethodNotAllowed,
    NoSuchBucket,
)
from tests.objects.direct_pfs import EmbeddedTestCase

NOBODY = Caller()
ROOT = Caller("iamroot")


class BucketsTests(EmbeddedTestCase):
    """
    Listing, making and removing.
    """

    def setUp(self) -> None:
        """
        An empty PFS.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = self.open_pfs(self.clock)
        self.store = ObjectStore(self.pfs, self.clock)

    def listed(self, caller: Caller = NOBODY) -> list[str]:
        """
        The names of the buckets that ListBuckets gives.
        """
        return [entry.name for entry in self.successResultOf(self.store.list_buckets(caller))]

    def create(self, name: str, caller: Caller = NOBODY) -> None:
        """
        CreateBucket.
        """
        self.successResultOf(self.store.create_bucket(caller, parse_bucket(name)))

    def branches(self, repo: str) -> Optional[set[str]]:
        """
        The branches of a repo, C{None} without the repo.
        """
        found = {info.repo.name: {branch.name for branch in info.branches} for info in self.all_repos()}
        return found.get(repo)

    def all_repos(self) -> list[pfs.RepoInfo]:
        """
        All repos.
        """
        return list(self.successResultOf(self.pfs.stream(methods.LIST_REPO, pfs.ListRepoRequest(type="user")).read()))

    def test_listed(self) -> None:
        """
        Every branch of every project by name, but the gateway's own and those named like a commit.
        """
        self.successResultOf(self.pfs.call(methods.CREATE_PROJECT, pfs.CreateProjectRequest(project=pfs.Project(name="vision"))))
        self.repo(self.pfs, "default", "images", ["master", "dev", "_pachgw_", "0" * 32])
        self.repo(self.pfs, "vision", "images", ["dev"])
        self.repo(self.pfs, "default", "none", [])
        self.assertEqual(self.listed(), ["dev.images", "dev.images.vision", "master.images"])
        created = self.successResultOf(self.store.list_buckets(NOBODY))[0].created
        self.assertEqual(created, 1000.0)

    def test_create(self) -> None:
        """
        The repo if it is missing, then the branch.
        """
        self.create("images")
        self.create("dev.images")
        self.assertEqual(self.branches("images"), {"master", "dev"})
        self.successResultOf(self.store.head_bucket(NOBODY, parse_bucket("master.images")))

    def test_create_again(self) -> None:
        """
        A bucket that exists is the caller's.
        """
        self.create("images")
        self.failureResultOf(self.store.create_bucket(NOBODY, parse_bucket("master.images")), BucketAlreadyOwnedByYou)

    def test_create_what_cannot_be(self) -> None:
        """
        No project, a commit's bucket, the gateway's own branch, a branch named like a commit.
        """
        failed = self.failureResultOf(self.store.create_bucket(NOBODY, parse_bucket("master.images.nope")), NoSuchBucket).value
        self.assertIn("'nope'", failed.message)
        for name, error in (
            ("f" * 32 + ".images", MethodNotAllowed),
            ("_pachgw_.images", InvalidBucketName),
            ("f" * 32 + "." + "e" * 32 + ".images", MethodNotAllowed),
        ):
            self.failureResultOf(self.store.create_bucket(NOBODY, parse_bucket(name)), error)
        self.assertEqual(self.all_repos(), [])

    def test_delete_branch_then_repo(self) -> None:
        """
        The branch alone while there are others; the repo with the last, even if the gateway's own is left.
        """
        for name in ("images", "dev.images"):
            self.create(name)
        repo = messages.repo("default", "images")
        request = pfs.CreateBranchRequest(branch=messages.branch(repo, "_pachgw_"))
        self.successResultOf(self.pfs.call(methods.CREATE_BRANCH, request))
        self.successResultOf(self.store.delete_bucket(NOBODY, parse_bucket("dev.images")))
        self.assertEqual(self.branches("images"), {"master", "_pachgw_"})
        self.successResultOf(self.store.delete_bucket(NOBODY, parse_bucket("images")))
        self.assertEqual(self.branches("images"), None)
        self.failureResultOf(self.store.delete_bucket(NOBODY, parse_bucket("images")), NoSuchBucket)

    def test_delete_with_files(self) -> None:
        """
        Files keep a bucket, however deep they are.
        """
        repo = self.repo(self.pfs, "default", "images", ["master"])
        self.commit(self.pfs, repo, "master", {"/a/b/c/d/e": b"1"})
        self.failureResultOf(self.store.delete_bucket(NOBODY, parse_bucket("images")), BucketNotEmpty)
        self.commit(self.pfs, repo, "master", {"/a/b/c/d/e": None})
        self.successResultOf(self.store.delete_bucket(NOBODY, parse_bucket("images")))

    def test_delete_what_another_comes_from(self) -> None:
        """
        Provenance keeps a branch, and the message says so.
        """
        images = self.repo(self.pfs, "default", "images", ["master"])
        edges = self.repo(self.pfs, "default", "edges", [])
        output = pfs.CreateBranchRequest(branch=messages.branch(edges, "master"), provenance=[messages.branch(images, "master")])
        self.successResultOf(self.pfs.call(methods.CREATE_BRANCH, output))
        failed = self.failureResultOf(self.store.delete_bucket(NOBODY, parse_bucket("images")), InvalidBucketState).value
        self.assertIn("provenance", failed.message)
        self.assertEqual(self.branches("images"), {"master"})

    def test_delete_a_commit(self) -> None:
        """
        A commit's bucket is not deleted.
        """
        self.create("images")
        self.failureResultOf(self.store.delete_bucket(NOBODY, parse_bucket("f" * 32 + ".images")), MethodNotAllowed)


class GuardedBucketsTests(EmbeddedTestCase):
    """
    With auth on.
    """

    def setUp(self) -> None:
        """
        Root's repo, and a robot that has no right to it.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = self.open_pfs(self.clock)
        self.pfs.embedded.activate_auth("iamroot")
        self.store = ObjectStore(self.pfs, self.clock)
        self.repo(self.pfs, "default", "sec", ["master", "dev"], "iamroot")
        request = auth.GetRobotTokenRequest(robot="reader")
        self.robot = Caller(self.successResultOf(self.pfs.call(methods.GET_ROBOT_TOKEN, request, "iamroot")).token)

    def allow(self, *roles: str) -> None:
        """
        Give the robot roles on root's repo.
        """
        resource = auth.Resource(type=auth.REPO, name="default/sec")
        request = auth.ModifyRoleBindingRequest(resource=resource, principal="robot:reader", roles=roles)
        self.successResultOf(self.pfs.call(methods.MODIFY_ROLE_BINDING, request, "iamroot"))

    def listed(self, caller: Caller) -> list[str]:
        """
        The names of the buckets that ListBuckets gives.
        """
        return [entry.name for entry in self.successResultOf(self.store.list_buckets(caller))]

    def test_listed(self) -> None:
        """
        Those that the caller may list.
        """
        self.assertEqual(self.listed(ROOT), ["dev.sec", "master.sec"])
        self.assertEqual(self.listed(self.robot), [])
        self.allow("repoReader")
        self.assertEqual(self.listed(self.robot), ["dev.sec", "master.sec"])
        self.failureResultOf(self.store.list_buckets(Caller("bad")), InvalidAccessKeyId)

    def test_head(self) -> None:
        """
        Missing is missing, and forbidden is forbidden.
        """
        self.successResultOf(self.store.head_bucket(ROOT, parse_bucket("sec")))
        self.failureResultOf(self.store.head_bucket(self.robot, parse_bucket("sec")), AccessDenied)
        self.failureResultOf(self.store.head_bucket(self.robot, parse_bucket("nope")), NoSuchBucket)
        self.failureResultOf(self.store.head_bucket(Caller("bad"), parse_bucket("sec")), InvalidAccessKeyId)

    def test_delete_without_the_right(self) -> None:
        """
        A right to the branch is needed, and one to the repo for its last: PFS says of the latter only that it has not done it.
        """
        self.allow("repoReader")
        self.failureResultOf(self.store.delete_bucket(self.robot, parse_bucket("dev.sec")), AccessDenied)
        self.allow("repoWriter")
        self.successResultOf(self.store.delete_bucket(self.robot, parse_bucket("dev.sec")))
        self.failureResultOf(self.store.delete_bucket(self.robot, parse_bucket("sec")), AccessDenied)
        self.assertEqual(self.listed(ROOT), ["master.sec"])

    def test_create(self) -> None:
        """
        Anybody with a token may make a repo, but not a branch in another's.
        """
        self.successResultOf(self.store.create_bucket(self.robot, parse_bucket("mine")))
        self.assertEqual(self.listed(self.robot), ["master.mine"])
        self.failureResultOf(self.store.create_bucket(self.robot, parse_bucket("new.sec")), AccessDenied)
