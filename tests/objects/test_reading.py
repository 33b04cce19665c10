"""
Finding objects and reading them, on the embedded PFS.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.task import Clock

from pachgw.objects.interfaces import OpenObject
from pachgw.objects.reading import EMPTY
from pachgw.objects.store import ObjectStore, ReadingSettings
from pachgw.objects.values import Caller, ListQuery
from pachgw.pfs import methods
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.errors import AccessDenied, InvalidAccessKeyId, InvalidBucketState, NoSuchKey
from tests.objects.direct_pfs import EmbeddedTestCase

NOBODY = Caller()
IMAGES = parse_bucket("images")
HEADS = ["InspectBranch", "InspectBranch"]


class ReadingTests(EmbeddedTestCase):
    """
    Open, and read.
    """

    def setUp(self) -> None:
        """
        A branch with a few files.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = self.open_pfs(self.clock)
        self.repo_ = self.repo(self.pfs, "default", "images", ["master"])
        self.first = self.commit(self.pfs, self.repo_, "master", {"/a": b"0123456789", "/d/e/f": b"deep", "/odd\\~name": b"odd"})
        self.store = ObjectStore(self.pfs, self.clock)

    def open(self, key: str, version: Optional[str] = None, bucket: Bucket = IMAGES, store: Optional[ObjectStore] = None) -> OpenObject:
        """
        An object that is there.
        """
        return self.successResultOf((store or self.store).open(NOBODY, bucket, key, version))

    def warm(self) -> None:
        """
        Have the head indexed.
        """
        self.successResultOf(self.store.list(NOBODY, IMAGES, ListQuery()))

    def calls(self, key: str) -> list[str]:
        """
        What opening an object and reading it asks of PFS.
        """
        before = len(self.pfs.calls)
        found = self.open(key)
        self.bytes_of(found.content(0, found.info.size))
        return self.pfs.calls[before:]

    def test_cold_and_warm_say_the_same(self) -> None:
        """
        What one call of PFS tells of an object is what the index tells.
        """
        cold = [self.open(key).info for key in ("a", "d/e/f", "d/")]
        self.warm()
        self.assertEqual([self.open(key).info for key in ("a", "d/e/f", "d/")], cold)
        self.assertEqual((cold[0].size, cold[0].version, cold[0].modified), (10, self.first, 1000.0))

    def test_missing(self) -> None:
        """
        What is not there, what is a directory, what PFS cannot hold, and the file that keeps a directory: none is a key.
        """
        self.commit(self.pfs, self.repo_, "master", {"/kept/.pachgw": b""})
        for _ in ("cold", "warm"):
            for key in ("b", "d", "d/e", "a/", "a/b", "d//e/f", "/a", "", "*", "d/e/../e/f", "\u00e9", "kept/.pachgw", "x" * 2000):
                self.failureResultOf(self.store.open(NOBODY, IMAGES, key), NoSuchKey)
            self.warm()

    def test_directory_marker(self) -> None:
        """
        A directory's marker is found whether it was put or not; it is empty.
        """
        self.commit(self.pfs, self.repo_, "master", {"/kept/.pachgw": b""})
        for _ in ("cold", "warm"):
            for key in ("d/", "d/e/", "kept/"):
                found = self.open(key)
                self.assertEqual((found.info.key, found.info.size, found.info.hash, found.info.marker), (key, 0, EMPTY, True))
                self.assertEqual(self.bytes_of(found.content(0, 0)), b"")
            self.warm()

    def test_listed_marker(self) -> None:
        """
        A directory that is only kept is listed as a marker; with a file in it, only the file is.
        """
        self.commit(self.pfs, self.repo_, "master", {"/kept/.pachgw": b""})
        keys = [info.key for info in self.successResultOf(self.store.list(NOBODY, IMAGES, ListQuery(prefix="k"))).objects]
        self.assertEqual(keys, ["kept/"])
        self.commit(self.pfs, self.repo_, "master", {"/kept/file": b"1"})
        keys = [info.key for info in self.successResultOf(self.store.list(NOBODY, IMAGES, ListQuery(prefix="k"))).objects]
        self.assertEqual(keys, ["kept/file"])

    def test_commit_that_failed(self) -> None:
        """
        What cannot be read because somebody's commit has a file where a directory is, says that it is the commit's fault.
        """
        self.commit(self.pfs, self.repo_, "master", {"/a/below": b"x"})
        self.failureResultOf(self.store.open(NOBODY, IMAGES, "a"), InvalidBucketState)
        self.commit(self.pfs, self.repo_, "master", {"/after": b"x"})
        self.assertEqual(self.open("a").info.size, 10)

    def test_ranges(self) -> None:
        """
        Exactly what was asked for, from PFS and from what is kept of it.
        """
        for _ in ("first", "kept"):
            found = self.open("a")
            for start, length in ((0, 10), (0, 1), (3, 4), (9, 1), (4, 0)):
                self.assertEqual(self.bytes_of(found.content(start, length)), b"0123456789"[start : start + length])

    def test_glob_characters_in_a_name(self) -> None:
        """
        A name that a glob would read in another way is read as it is.
        """
        self.assertEqual(self.bytes_of(self.open("odd\\~name").content(0, 3)), b"odd")

    def test_short_content_fails(self) -> None:
        """
        When PFS gives less than it has told, the read fails.
        """
        found = self.open("a")
        content = found.content(5, 100)
        self.assertEqual(self.successResultOf(content.read()), [b"56789"])
        self.assertEqual(self.failureResultOf(content.read(), PFSError).value.status, Status.DATA_LOSS)

    def test_old_version(self) -> None:
        """
        Another commit's bytes, by version and by the commit's bucket.
        """
        self.clock.advance(100)
        second = self.commit(self.pfs, self.repo_, "master", {"/a": b"new"})
        self.assertEqual(self.bytes_of(self.open("a").content(0, 3)), b"new")
        for found in (self.open("a", self.first), self.open("a", bucket=Bucket("default", "images", "master", self.first))):
            self.assertEqual((found.info.version, found.info.size), (self.first, 10))
            self.assertEqual(self.bytes_of(found.content(0, 10)), b"0123456789")
        self.assertEqual(self.open("a", second).info.version, second)

    def test_warm_get_costs_the_head(self) -> None:
        """
        Cold, one call tells the object and one gives the bytes; warm, with small content kept, the heads of the branch and of the
        gateway's own are all that is asked, at the same time.
        """
        self.open("d/")
        self.assertEqual(self.calls("a"), [*HEADS, "InspectFile", "GetFile"])
        self.warm()
        self.assertEqual(self.calls("a"), HEADS)

    def test_content_follows_its_hash(self) -> None:
        """
        The same bytes elsewhere are not fetched again.
        """
        self.warm()
        self.calls("a")
        self.commit(self.pfs, self.repo_, "master", {"/copy": b"0123456789"})
        self.warm()
        self.assertEqual(self.calls("copy"), HEADS)

    def test_index_after_some_cold_reads(self) -> None:
        """
        Several cold objects of a commit have it indexed.
        """
        for key in ("a", "d/e/f", "odd\\~name"):
            self.open(key)
        self.assertEqual(self.calls("a"), [*HEADS, "GetFile"])

    def test_time_does_not_move_with_other_commits(self) -> None:
        """
        What has been said of an object is said again after unrelated commits, whether it came from an index or not.
        """
        cold = ObjectStore(self.pfs, self.clock, ReadingSettings(index_memory=0))
        said = [self.open("a", store=store).info.modified for store in (self.store, cold)]
        self.warm()
        for number in range(3):
            self.clock.advance(60)
            self.commit(self.pfs, self.repo_, "master", {f"/other{number}": b"1"})
            self.assertEqual([self.open("a", store=store).info.modified for store in (self.store, cold)], said)
        self.warm()
        self.assertEqual(self.open("a").info.modified, said[0])
        self.commit(self.pfs, self.repo_, "master", {"/a": b"changed"})
        self.assertEqual(self.open("a").info.modified, 1180.0)

    def test_small_contents_are_bounded(self) -> None:
        """
        What is kept of contents stays under its limit.
        """
        store = ObjectStore(self.pfs, self.clock, ReadingSettings(content_memory=0))
        found = self.open("a", store=store)
        self.bytes_of(found.content(0, 10))
        self.bytes_of(found.content(0, 10))
        self.assertEqual(self.pfs.calls.count("GetFile"), 2)


class GuardedReadingTests(EmbeddedTestCase):
    """
    With auth on, nothing that is kept is seen by who may not read it.
    """

    def test_kept_content_is_guarded(self) -> None:
        """
        A warm object is refused to a caller without the right, and to one whose right was taken away.
        """
        clock = Clock()
        ipfs = self.open_pfs(clock)
        ipfs.embedded.activate_auth("iamroot")
        repo = self.repo(ipfs, "default", "sec", ["master"], "iamroot")
        self.commit(ipfs, repo, "master", {"/a": b"secret"}, "iamroot")
        store, sec, root = ObjectStore(ipfs, clock), parse_bucket("sec"), Caller("iamroot")
        self.successResultOf(store.list(root, sec, ListQuery()))
        found = self.successResultOf(store.open(root, sec, "a"))
        self.successResultOf(found.content(0, 6).read())
        request = auth.GetRobotTokenRequest(robot="reader")
        robot = Caller(self.successResultOf(ipfs.call(methods.GET_ROBOT_TOKEN, request, "iamroot")).token)
        for key in ("a", "missing"):
            self.failureResultOf(store.open(robot, sec, key), AccessDenied)
        self.failureResultOf(store.list(robot, sec, ListQuery()), AccessDenied)
        self.failureResultOf(store.open(Caller("bad"), sec, "a"), InvalidAccessKeyId)
        binding = auth.ModifyRoleBindingRequest(
            resource=auth.Resource(type=auth.REPO, name="default/sec"), principal="robot:reader", roles=["repoReader"]
        )
        self.successResultOf(ipfs.call(methods.MODIFY_ROLE_BINDING, binding, "iamroot"))
        self.successResultOf(store.open(robot, sec, "a"))
        del binding.roles[:]
        self.successResultOf(ipfs.call(methods.MODIFY_ROLE_BINDING, binding, "iamroot"))
        self.failureResultOf(store.open(robot, sec, "a"), AccessDenied)
