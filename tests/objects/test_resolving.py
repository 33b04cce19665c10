"""
From buckets to commits, and who may go there.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.rights import HISTORY, READ, Rights
from pachgw.objects.values import Caller
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.errors import AccessDenied, InvalidAccessKeyId, InvalidArgument, NoSuchBucket, NoSuchVersion, ServiceUnavailable
from tests.objects.readable_pfs import ReadablePFS

IMAGES = parse_bucket("images")
ANN = Caller("ann")


class ResolverTests(SynchronousTestCase):
    """
    Finding commits.
    """

    def setUp(self) -> None:
        """
        A branch with three commits, and another branch that left it after the second.
        """
        self.clock = Clock()
        self.pfs = ReadablePFS(self.clock)
        self.first = self.pfs.head().id
        self.second = self.pfs.fill({"/a": b"1"}).id
        self.pfs.branches["dev"] = self.pfs.head()
        self.third = self.pfs.fill({"/a": b"2"}).id
        self.aside = self.pfs.fill({"/b": b"2"}, "dev").id
        self.resolver = Resolver(self.pfs, Rights(self.pfs, self.clock))

    def resolve(self, bucket: Bucket, version: Optional[str] = None) -> Snapshot:
        """
        The commit that a request sees.
        """
        return self.successResultOf(self.resolver.resolve(ANN, bucket, READ, version))

    def test_head(self) -> None:
        """
        A bucket without a commit is its branch's head, open or not.
        """
        self.assertEqual(self.resolve(IMAGES).commit, self.third)
        opened = self.pfs.open().id
        self.assertEqual(self.resolve(IMAGES).commit, opened)

    def test_write_is_seen_although_a_call_was_in_flight(self) -> None:
        """
        A call that has read the old head does not answer a request that came after the write.
        """
        self.pfs.holding.add("InspectBranch")
        early = self.resolver.resolve(ANN, IMAGES, READ)
        written = self.pfs.fill({"/a": b"3"}).id
        late = [self.resolver.resolve(ANN, IMAGES, READ) for _ in range(5)]
        self.pfs.release()
        self.successResultOf(early)
        self.assertEqual(self.pfs.calls.count("InspectBranch"), 2)
        self.pfs.release()
        self.assertEqual({self.successResultOf(waiting).commit for waiting in late}, {written})
        self.assertEqual(self.pfs.calls.count("InspectBranch"), 2)

    def test_commit_bucket(self) -> None:
        """
        The head or an ancestor of the named branch, and nothing else.
        """
        for id in (self.first, self.second, self.third):
            self.assertEqual(self.resolve(Bucket("default", "images", "master", id)).commit, id)
        self.assertEqual(self.resolve(Bucket("default", "images", "dev", self.aside)).commit, self.aside)
        for branch, id in (("master", self.aside), ("dev", self.third), ("master", "f" * 32), ("none", self.first)):
            self.failureResultOf(self.resolver.resolve(ANN, Bucket("default", "images", branch, id), READ), NoSuchBucket)

    def test_branch_named_like_a_commit(self) -> None:
        """
        Such a branch is reached behind a commit.
        """
        name = "0" * 31 + "f"
        self.pfs.branches[name] = self.pfs.commits[self.second]
        self.assertEqual(self.resolve(parse_bucket(f"{self.first}.{name}.images")).commit, self.first)

    def test_version(self) -> None:
        """
        A version is a commit of the bucket's history.
        """
        self.assertEqual(self.resolve(IMAGES, self.second).commit, self.second)
        for version in (self.aside, "e" * 32):
            self.failureResultOf(self.resolver.resolve(ANN, IMAGES, READ, version), NoSuchVersion)
        for malformed in ("", "null", "x" * 32, self.second.upper() + "0"):
            self.failureResultOf(self.resolver.resolve(ANN, IMAGES, READ, malformed), InvalidArgument)

    def test_version_of_a_commit_bucket(self) -> None:
        """
        The history of a commit's bucket ends with the commit.
        """
        bucket = Bucket("default", "images", "master", self.second)
        self.assertEqual(self.resolve(bucket, self.first).commit, self.first)
        self.failureResultOf(self.resolver.resolve(ANN, bucket, READ, self.third), NoSuchVersion)

    def test_ancestry_is_asked_once(self) -> None:
        """
        That a commit is another's ancestor is remembered; that it exists is asked, beside the head.
        """
        self.resolve(IMAGES, self.first)
        again = self.pfs.counted(lambda: self.resolve(IMAGES, self.first))
        self.assertEqual(again, ["InspectBranch", "InspectCommit"])
        del self.pfs.commits[self.first]
        self.failureResultOf(self.resolver.resolve(ANN, IMAGES, READ, self.first), NoSuchVersion)

    def test_head_as_version_costs_one_call(self) -> None:
        """
        A page that goes on with the head's commit needs the head alone.
        """
        self.resolve(IMAGES)
        self.assertEqual(self.pfs.counted(lambda: self.resolve(IMAGES, self.third)), ["InspectBranch"])

    def test_cancel(self) -> None:
        """
        Whoever gives up leaves no call behind.
        """
        self.pfs.holding.update({"InspectBranch", "InspectCommit"})
        waiting = self.resolver.resolve(ANN, IMAGES, READ, self.first)
        waiting.cancel()
        self.failureResultOf(waiting)
        self.assertTrue(all(held.called for held in self.pfs.held))


class RightsTests(SynchronousTestCase):
    """
    What a caller may do.
    """

    def setUp(self) -> None:
        """
        A PFS with auth on, where ann may read.
        """
        self.clock = Clock()
        self.pfs = ReadablePFS(self.clock)
        self.pfs.rights = {"ann": {auth.REPO_READ, auth.REPO_LIST_FILE}, "bob": set()}
        self.rights = Rights(self.pfs, self.clock)

    def test_asked_each_time(self) -> None:
        """
        A right that has been taken away does not hold for the next request.
        """
        self.successResultOf(self.rights.check(ANN, "default", "images", READ))
        self.pfs.rights = {"ann": set()}
        refusal = self.failureResultOf(self.rights.check(ANN, "default", "images", READ), AccessDenied).value
        self.assertIn("REPO_READ on default/images", refusal.message)

    def test_all_are_needed(self) -> None:
        """
        One missing permission is a refusal.
        """
        self.failureResultOf(self.rights.check(ANN, "default", "images", HISTORY), AccessDenied)

    def test_unknown_token(self) -> None:
        """
        A token that PFS does not know.
        """
        self.failureResultOf(self.rights.check(Caller("eve"), "default", "images", READ), InvalidAccessKeyId)

    def test_head_is_no_permission(self) -> None:
        """
        InspectBranch works for everybody with a token: the right is asked beside it, at the same time.
        """
        resolver = Resolver(self.pfs, self.rights)
        self.pfs.holding.update({"InspectBranch", "Authorize"})
        waiting = resolver.resolve(Caller("bob"), IMAGES, READ)
        self.assertEqual(sorted(self.pfs.calls), ["Authorize", "InspectBranch"])
        self.pfs.release()
        self.failureResultOf(waiting, AccessDenied)

    def test_remembered_for_a_set_time(self) -> None:
        """
        Where it is set, a granted right is relied on for so long; a refusal never is.
        """
        rights = Rights(self.pfs, self.clock, remember=5.0)
        self.failureResultOf(rights.check(Caller("bob"), "default", "images", READ), AccessDenied)
        self.pfs.rights = {"ann": {auth.REPO_READ}, "bob": {auth.REPO_READ}}
        self.successResultOf(rights.check(Caller("bob"), "default", "images", READ))
        self.pfs.rights = {"ann": set(), "bob": set()}
        self.clock.advance(4.9)
        self.successResultOf(rights.check(Caller("bob"), "default", "images", READ))
        self.failureResultOf(rights.check(ANN, "default", "images", READ), AccessDenied)
        self.clock.advance(0.2)
        self.failureResultOf(rights.check(Caller("bob"), "default", "images", READ), AccessDenied)

    def test_memory_is_bounded(self) -> None:
        """
        Only so many grants are kept.
        """
        rights = Rights(self.pfs, self.clock, remember=5.0, limit=2)
        for repo in ("a", "b", "c"):
            self.successResultOf(rights.check(ANN, "default", repo, READ))
        self.assertEqual(self.pfs.counted(lambda: rights.check(ANN, "default", "c", READ)), [])
        self.assertEqual(self.pfs.counted(lambda: rights.check(ANN, "default", "a", READ)), ["Authorize"])

    def test_auth_is_turned_off_and_on(self) -> None:
        """
        Off, nobody is asked for a second at a time; on again, everybody is.
        """
        self.assertTrue(self.successResultOf(self.rights.required()))
        self.pfs.rights = None
        self.successResultOf(self.rights.check(Caller(), "default", "images", READ))
        self.assertFalse(self.successResultOf(self.rights.required()))
        self.assertEqual(self.pfs.counted(lambda: self.rights.check(Caller(), "default", "images", READ)), [])
        self.pfs.rights = {"bob": set()}
        self.clock.advance(1.1)
        self.failureResultOf(self.rights.check(Caller("bob"), "default", "images", READ), AccessDenied)
        self.assertTrue(self.successResultOf(self.rights.required()))

    def test_pfs_away(self) -> None:
        """
        When PFS cannot be asked, nobody is let through.
        """

        def away() -> None:
            raise PFSError(Status.UNAVAILABLE, "connection refused")

        self.pfs.before.update(Authorize=away, WhoAmI=away)
        self.failureResultOf(self.rights.check(ANN, "default", "images", READ), ServiceUnavailable)
        self.failureResultOf(self.rights.required(), ServiceUnavailable)
