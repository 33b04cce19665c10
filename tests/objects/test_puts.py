"""
PutObject: what is written, what is refused, and when.
"""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred

from pachgw.objects.changes import INLINE_LIMIT, hash_of
from pachgw.objects.file_sets import RENEWAL
from pachgw.objects.modifications import MESSAGE_LIMIT
from pachgw.pfs.errors import PFSError
from pachgw.pfs.status import Status
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.conditions import ANY, NONE, Conditions
from pachgw.s3.errors import (
    BadDigest,
    ConditionalRequestConflict,
    ExistingObjectIsDirectory,
    InvalidFilePath,
    MethodNotAllowed,
    NoSuchBucket,
    NoSuchKey,
    ObjectParentIsFile,
    PreconditionFailed,
    ServiceUnavailable,
    WriteToOutputBranch,
)
from pachgw.s3.metadata import Metadata
from tests.objects.bodies import FakeBody
from tests.objects.fake_pfs import MASTER
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase


class PutTests(StoreTestCase):
    """
    Plain PUTs.
    """

    def test_small(self) -> None:
        """
        A small body travels in the commit's own stream; the answer has its hash, size and version.
        """
        info = self.now(self.put("dir/a", b"con", b"tent")).info
        self.assertEqual(self.pfs.head().files, {"/dir/a": b"content"})
        self.assertEqual((info.key, info.size, info.hash, info.version), ("dir/a", 7, hash_of(b"content"), self.pfs.head().id))
        self.assertNotIn("CreateFileSet", self.pfs.calls)

    def test_empty(self) -> None:
        """
        An object may hold no bytes.
        """
        self.now(self.put("empty"))
        self.assertEqual(self.pfs.head().files, {"/empty": b""})

    def test_large(self) -> None:
        """
        A large body goes to a file set and joins by reference.
        """
        pieces = [bytes([number]) * 1_000_000 for number in range(5)]
        info = self.now(self.put("big", *pieces)).info
        self.assertEqual(self.pfs.head().files, {"/big": b"".join(pieces)})
        self.assertEqual(info.size, 5_000_000)
        self.assertIn("CreateFileSet", self.pfs.calls)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_messages_fit(self) -> None:
        """
        No message is too large for PFS, whatever the pieces in which a body comes.
        """
        self.now(self.put("big", b"x" * (5 * MESSAGE_LIMIT + 1), b"y"))
        self.assertLessEqual(self.pfs.largest_message, MESSAGE_LIMIT + 1024)
        self.assertEqual(len(self.pfs.head().files["/big"]), 5 * MESSAGE_LIMIT + 2)

    def test_overwrites(self) -> None:
        """
        A PUT replaces what is there, in either size.
        """
        for content in (b"one", b"2" * (INLINE_LIMIT + 1), b"three"):
            self.now(self.put("a", content))
            self.assertEqual(self.pfs.head().files, {"/a": content})

    def test_body_that_breaks(self) -> None:
        """
        A body whose checksum is wrong changes nothing, however far it came.
        """
        for before in (b"x", b"x" * (INLINE_LIMIT + 1)):
            self.failureResultOf(self.put("a", before, BadDigest()), BadDigest)
        self.assertEqual((self.commits(), self.pfs.file_sets), (0, {}))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelled_while_the_body_comes(self) -> None:
        """
        A client that goes away in the middle of its body leaves nothing.
        """
        answer = self.put("a", b"x" * (INLINE_LIMIT + 1), Deferred())
        answer.cancel()
        self.failureResultOf(answer, CancelledError)
        self.assertEqual((self.commits(), self.pfs.file_sets), (0, {}))

    def test_file_set_is_kept_alive(self) -> None:
        """
        A file set is renewed while its commit waits for somebody else's to finish.
        """
        self.pfs.holding.add("InspectBranch")
        answer = self.put("big", b"x" * (INLINE_LIMIT + 1))
        self.pfs.release()
        self.clock.advance(RENEWAL)
        self.assertEqual(self.pfs.calls.count("RenewFileSet"), 1)
        self.pfs.release()
        self.successResultOf(answer)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_file_set_that_expired(self) -> None:
        """
        If PFS has forgotten the body, the client is told to send it again, and the others in the batch are written.
        """
        self.pfs.holding.add("ModifyFile")
        first = self.put("first", b"1")
        big = self.put("big", b"x" * (INLINE_LIMIT + 1))
        small = self.put("small", b"2")
        self.clock.advance(60)
        self.pfs.file_sets.clear()
        self.pfs.release()
        self.now(first)
        self.clock.advance(1)
        self.pfs.release()
        self.now(small)
        self.failureResultOf(big, ServiceUnavailable)
        self.assertEqual(set(self.pfs.head().files), {"/first", "/small"})


class RefusedPutTests(StoreTestCase):
    """
    What is refused before the body is read.
    """

    def refused(self, error: type[Exception], key: str = "a", bucket: str = "images", conditions: Conditions = NONE) -> None:
        """
        Check that a PUT is refused without a read of its body.
        """
        body = FakeBody(b"content")
        self.failureResultOf(self.store.put(CALLER, parse_bucket(bucket), key, body, Metadata(), conditions), error)
        self.assertEqual(body.reads, 0)

    def test_buckets(self) -> None:
        """
        A bucket that is missing, a commit's, the gateway's own, or a pipeline's.
        """
        self.refused(NoSuchBucket, bucket="nope.images")
        self.refused(MethodNotAllowed, bucket="0" * 32 + ".images")
        self.refused(NoSuchBucket, bucket="_pachgw_.images")
        self.pfs.provenance["master"] = [MASTER]
        self.refused(WriteToOutputBranch)

    def test_keys(self) -> None:
        """
        A key that PFS cannot hold, and a directory's key with bytes.
        """
        self.refused(InvalidFilePath, key="a*")
        self.refused(InvalidFilePath, key="dir/")

    def test_collisions_that_the_index_knows(self) -> None:
        """
        With an index at hand a collision makes no commit.
        """
        self.pfs.put("/file", b"1")
        self.pfs.put("/dir/file", b"1")
        self.index_head()
        self.refused(ObjectParentIsFile, key="file/below")
        self.refused(ExistingObjectIsDirectory, key="dir")
        self.assertEqual(self.commits(), 2)

    def test_conditions(self) -> None:
        """
        Conditions that do not hold already.
        """
        self.pfs.put("/there", b"1")
        self.refused(PreconditionFailed, key="there", conditions=Conditions(if_none_match=ANY))
        self.refused(PreconditionFailed, key="there", conditions=Conditions(if_match=("other",)))
        self.refused(NoSuchKey, key="missing", conditions=Conditions(if_match=("other",)))


class IndexTests(StoreTestCase):
    """
    What a commit changed is known without asking.
    """

    def test_carried(self) -> None:
        """
        After a PUT and a DELETE the index of the new head is there, and right.
        """
        self.pfs.put("/old", b"1")
        self.pfs.put("/gone", b"1")
        self.index_head()
        self.now(self.put("new", b"2"))
        self.delete("gone")
        index = self.index_of_head()
        self.assertTrue(index.is_file("/old") and index.is_file("/new"))
        self.assertFalse(index.is_file("/gone"))


class ConditionalPutTests(StoreTestCase):
    """
    If-Match and If-None-Match.
    """

    def test_holds(self) -> None:
        """
        A condition that holds: the object is written, in a commit that tells others that it is a gateway's.
        """
        etag = self.now(self.put("a", b"1")).info.etag
        info = self.now(self.put("a", b"2", conditions=Conditions(if_match=(etag,)))).info
        self.assertEqual(self.pfs.head().files, {"/a": b"2"})
        self.assertEqual(info.version, self.pfs.head().id)
        self.assertTrue(self.pfs.head().description.startswith("pachgw"))
        self.assertFalse(self.pfs.head().open)

    def test_two_race(self) -> None:
        """
        Of two that want to be the first one is, the other is told so.
        """
        self.pfs.holding.add("StartCommit")
        answers = [self.put("a", content, conditions=Conditions(if_none_match=ANY)) for content in (b"1", b"2")]
        for _ in range(2):
            self.pfs.release()
            self.clock.advance(1)
        self.now(answers[0])
        self.failureResultOf(answers[1], PreconditionFailed)
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/a": b"1"}, 1))

    def test_two_gateways_race(self) -> None:
        """
        The same between two gateways: the one that comes second waits, looks, and gives up.
        """
        other = self.another_store()
        self.pfs.holding.add("ModifyFile")
        first = self.put("a", b"1", conditions=Conditions(if_none_match=ANY))
        second = self.put("a", b"2", conditions=Conditions(if_none_match=ANY), store=other)
        self.clock.advance(0.5)
        self.assertNoResult(second)
        self.pfs.release()
        self.now(first)
        self.pfs.holding.clear()
        self.clock.pump([0.25] * 4)
        self.failureResultOf(second, PreconditionFailed)
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/a": b"1"}, 1))

    def test_foreign_write_in_between(self) -> None:
        """
        Somebody who does not know of conditions writes after the first look: the condition is judged by what is there then.
        """
        self.pfs.before["StartCommit"] = lambda: self.pfs.put("/a", b"theirs")
        self.failureResultOf(self.put("a", b"1", conditions=Conditions(if_none_match=ANY)), PreconditionFailed)
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/a": b"theirs"}, 1))

    def test_commit_that_cannot_be_dropped(self) -> None:
        """
        Where a pipeline comes from the commit already, nothing holds and it is finished empty, so that nobody has to wait.
        """

        def refuse() -> None:
            raise PFSError(Status.UNKNOWN, "commit set cannot be dropped because it has subvenant commit sets")

        self.pfs.before["DropCommit"] = refuse
        self.pfs.before["StartCommit"] = lambda: self.pfs.put("/a", b"theirs")
        self.failureResultOf(self.put("a", b"1", conditions=Conditions(if_none_match=ANY)), PreconditionFailed)
        self.assertEqual((self.pfs.head().files, self.pfs.head().open), ({"/a": b"theirs"}, False))

    def test_broken_while_it_is_written(self) -> None:
        """
        A conditional write whose answer got lost is taken back and made again, once.
        """

        def lose() -> None:
            self.pfs.after.clear()
            raise PFSError(Status.UNAVAILABLE, "gone")

        self.pfs.after["ModifyFile"] = lose
        info = self.now(self.put("a", b"1", conditions=Conditions(if_none_match=ANY))).info
        self.assertEqual((self.pfs.head().files, self.pfs.head().id, self.commits()), ({"/a": b"1"}, info.version, 1))

    def test_foreign_write_into_the_open_commit(self) -> None:
        """
        Somebody who writes into the open commit after us has overwritten us: the client is told of a conflict.
        """

        def intrude() -> None:
            self.pfs.head().files["/a"] = b"theirs"

        self.pfs.before["FinishCommit"] = intrude
        self.failureResultOf(self.put("a", b"1", conditions=Conditions(if_none_match=ANY)), ConditionalRequestConflict)

    def test_abandoned_commit(self) -> None:
        """
        A conditional write's commit that its gateway left open is finished by another one after a while.
        """
        left = self.pfs.open(description="pachgw conditional write 1")
        self.clock.advance(25)
        answer = self.put("a", b"1")
        self.clock.pump([0.25] * 12)
        self.assertNoResult(answer)
        self.clock.pump([0.25] * 12)
        self.successResultOf(answer)
        self.assertFalse(left.open)

    def test_collision(self) -> None:
        """
        A conditional write that collides is refused, and leaves no commit.
        """
        self.pfs.put("/file", b"1")
        self.failureResultOf(self.put("file/below", b"1", conditions=Conditions(if_none_match=ANY)), ObjectParentIsFile)
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/file": b"1"}, 1))

    def test_delete(self) -> None:
        """
        A DELETE with If-Match goes by what is there.
        """
        etag = self.now(self.put("a", b"1")).info.etag
        self.failureResultOf(self.store.delete(CALLER, BUCKET, "a", Conditions(if_match=("other",))), PreconditionFailed)
        self.assertEqual(self.pfs.head().files, {"/a": b"1"})
        self.delete("a", Conditions(if_match=(etag,)))
        self.assertEqual(self.pfs.head().files, {})
