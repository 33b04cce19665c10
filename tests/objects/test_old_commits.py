"""
Squashing the old commits of the gateway's own branch, on the embedded PFS.
"""

from __future__ import annotations

from threading import Event

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pachgw.objects import old_commits
from pachgw.objects.old_commits import AGE, DELAY, INTERVAL, OldCommits
from pachgw.objects.store import ObjectStore
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import PFSError
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.objects.bodies import FakeBody
from tests.objects.test_writing_embedded import BLUE, IMAGES, NOBODY, EmbeddedWritingTestCase

OWN = "_pachgw_"


class OldCommitsTests(EmbeddedWritingTestCase):
    """
    L{OldCommits}.
    """

    def setUp(self) -> None:
        """Three old commits and a young one."""
        super().setUp()
        for number in range(3):
            self.now(self.put(f"a{number}", b"1", BLUE))
        self.clock.advance(AGE + 60)
        self.store = ObjectStore(self.pfs, self.clock)
        self.now(self.put("b", b"1", BLUE))

    def squash(self) -> int:
        """How many are squashed."""
        return self.now(Deferred.fromCoroutine(OldCommits(self.pfs, self.clock).squash(NOBODY, IMAGES)))

    def metadata(self) -> None:
        """All records are there."""
        for key in ("a0", "a1", "a2", "b"):
            self.assertEqual(self.read(key)[0].metadata, BLUE)

    def test_old_ones(self) -> None:
        """The old ones go but for the last, which was the head until just now; no record goes, and none of the bucket's own commits."""
        versions = len(self.history())
        self.assertEqual(self.squash(), 2)
        self.assertEqual(len(self.history(OWN)), 2)
        self.assertEqual(len(self.history()), versions)
        self.metadata()
        self.assertEqual(self.squash(), 0)

    def test_head(self) -> None:
        """The head stays, however old it is."""
        self.clock.advance(2 * AGE)
        self.assertEqual(self.squash(), 3)
        self.metadata()

    def test_branches_of_others(self) -> None:
        """A commit that is the head of another branch stays."""
        id = self.history(OWN)[2].commit.id
        request = pfs.CreateBranchRequest(branch=messages.branch(self.images, "mine"), head=messages.commit(self.images, id, OWN))
        self.now(self.pfs.call(methods.CREATE_BRANCH, request))
        self.assertEqual(self.squash(), 1)
        self.assertEqual(self.head("mine"), id)

    def test_followed_by_an_open_one(self) -> None:
        """A commit on which an open one is built stays, however old it is."""
        self.clock.advance(2 * AGE)
        parent = self.head(OWN)
        opened = self.now(self.pfs.call(methods.START_COMMIT, pfs.StartCommitRequest(branch=messages.branch(self.images, OWN))))
        self.assertEqual(self.squash(), 3)
        self.now(self.pfs.call(methods.FINISH_COMMIT, pfs.FinishCommitRequest(commit=opened)))
        self.assertEqual([info.commit.id for info in self.history(OWN)], [opened.id, parent])
        self.metadata()

    def test_request_under_way(self) -> None:
        """What a request has begun to read stays, however long nothing had followed it."""
        self.clock.advance(2 * AGE)
        read = self.head(OWN)
        self.now(ObjectStore(self.pfs, self.clock).put(NOBODY, IMAGES, "c", FakeBody(b"1"), BLUE))
        self.assertEqual(self.squash(), 3)
        self.assertEqual(self.history(OWN)[1].commit.id, read)

    def test_so_many_at_a_time(self) -> None:
        """The oldest go first."""
        self.patch(old_commits, "MOST", 1)
        newest = [info.commit.id for info in self.history(OWN)[:3]]
        self.assertEqual(self.squash(), 1)
        self.assertEqual([info.commit.id for info in self.history(OWN)], newest)

    def test_so_long_at_a_time(self) -> None:
        """What is not done in time is left to the next time."""
        self.clock.advance(2 * AGE)
        self.patch(old_commits, "LONGEST", 0.07)
        self.assertEqual([self.squash(), self.squash()], [2, 1])
        self.metadata()

    def test_no_branch(self) -> None:
        """Where there is no own branch there is nothing to do."""
        request = pfs.DeleteBranchRequest(branch=messages.branch(self.images, OWN))
        self.now(self.pfs.call(methods.DELETE_BRANCH, request))
        self.assertEqual(self.squash(), 0)

    def test_two_gateways(self) -> None:
        """When another gateway does the same, one of them leaves the rest to the other."""
        ends: list[object] = []
        for _ in range(2):
            Deferred.fromCoroutine(OldCommits(self.pfs, self.clock).squash(NOBODY, IMAGES)).addBoth(ends.append)
        for _ in range(10):
            self.clock.advance(0.1)
        [failure] = [end for end in ends if isinstance(end, Failure)]
        self.assertTrue(failure.check(PFSError))
        self.assertEqual((len(ends), self.squash()), (2, 0))
        self.metadata()

    def test_space_of_aborted_uploads(self) -> None:
        """The bytes of an upload that was aborted are gone then."""
        id = self.now(self.store.create_upload(NOBODY, IMAGES, "big", BLUE)).id
        self.now(self.store.upload_part(NOBODY, IMAGES, "big", id, 1, FakeBody(b"x" * 100_000, b"y" * 100_000)))
        self.now(self.store.abort_upload(NOBODY, IMAGES, "big", id))
        self.clock.advance(AGE + 60)
        self.assertEqual(self.pfs.embedded.maintain(Event()).files, 0)
        self.squash()
        self.assertEqual(self.pfs.embedded.maintain(Event()).files, 1)

    def test_now_and_then(self) -> None:
        """Gateways do so in the background, when a record is kept or an upload begun."""
        self.clock.advance(DELAY)
        self.now(self.store.create_upload(NOBODY, IMAGES, "big", BLUE))
        upload = self.head(OWN)
        self.turn()
        self.assertEqual(len(self.history(OWN)), 3)
        self.clock.advance(AGE + INTERVAL)
        self.now(self.put("c", b"1", BLUE))
        self.turn()
        self.assertEqual(self.history(OWN)[-1].commit.id, upload)

    def turn(self) -> None:
        """Let what goes on in the background end."""
        for _ in range(20):
            self.clock.advance(0.1)
