"""
The group commit of one branch: how many commits, who shares them, and what each is told.
"""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred

from pachgw.objects.batches import Bounds
from pachgw.objects.branch_writer import ATTEMPTS
from pachgw.objects.changes import Landed
from pachgw.objects.gathering import LONGEST_MOMENT
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.errors import ExistingObjectIsDirectory, ObjectParentIsFile, ServiceUnavailable
from tests.objects.writer_case import WriterTestCase


class GroupCommitTests(WriterTestCase):
    """
    Who shares a commit.
    """

    def test_idle_branch_waits_for_nothing(self) -> None:
        """
        One PUT on an idle branch is committed at once, and no timer is left.
        """
        landed = self.successResultOf(self.put("/a"))
        self.assertEqual(landed.id, self.pfs.head().id)
        self.assertEqual(self.pfs.head().files, {"/a": b"content"})
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_writer_never_waits(self) -> None:
        """
        A writer that is alone sends its next PUT without waiting for others to gather.
        """
        self.pfs.holding.add("ModifyFile")
        for number in range(3):
            answer = self.put(f"/{number}")
            self.clock.advance(0.5)
            self.pfs.release()
            self.successResultOf(answer)
        self.assertEqual(self.commits(), 3)

    def test_those_in_flight_share_the_next_commit(self) -> None:
        """
        What comes while a commit runs goes into the next one together.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put(f"/{number}") for number in range(64)]
        self.pfs.release()
        self.clock.advance(LONGEST_MOMENT)
        self.pfs.release()
        ids = {self.successResultOf(answer).id for answer in answers}
        self.assertEqual((len(ids), self.commits()), (2, 2))
        self.assertEqual(len(self.pfs.head().files), 64)
        self.assertEqual([count for _, count in self.observed], [1, 63])

    def test_writers_do_not_fall_into_halves(self) -> None:
        """
        Writers that come again soon after their answer share a commit with those that waited already.
        """
        self.pfs.holding.add("ModifyFile")
        first = [self.put(f"/a{number}") for number in range(1)]
        waiting = [self.put(f"/b{number}") for number in range(3)]
        self.clock.advance(1)
        self.pfs.release()
        self.assertEqual(len(self.pfs.held), 0)
        self.successResultOf(first[0])
        again = self.put("/a-again")
        self.assertEqual(len(self.pfs.held), 1)
        self.pfs.release()
        self.assertEqual(len({self.successResultOf(answer).id for answer in [*waiting, again]}), 1)

    def test_gathering_ends(self) -> None:
        """
        If the writers that were answered do not come again, those that wait go after a moment.
        """
        self.pfs.holding.add("ModifyFile")
        first = self.put("/a")
        second = self.put("/b")
        self.clock.advance(1)
        self.pfs.release()
        self.successResultOf(first)
        self.assertEqual(self.pfs.held, [])
        self.clock.advance(LONGEST_MOMENT)
        self.pfs.release()
        self.successResultOf(second)

    def test_same_key_twice(self) -> None:
        """
        Two PUTs of one key that are in flight keep a version each.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put("/first"), self.put("/a", b"one"), self.put("/a", b"two")]
        for _ in range(3):
            self.pfs.release()
            self.clock.advance(LONGEST_MOMENT)
        ids = [self.successResultOf(answer).id for answer in answers]
        self.assertEqual(len(set(ids)), 3)
        self.assertEqual([self.pfs.commits[id].files["/a"] for id in ids[1:]], [b"one", b"two"])

    def test_tokens_take_turns(self) -> None:
        """
        Each commit is made with one token, and no token waits behind all requests of another.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put("/first", token="a")]
        answers += [self.put(f"/a{number}", token="a") for number in range(5)]
        answers += [self.put("/b", token="b")]
        for _ in range(3):
            self.pfs.release()
            self.clock.advance(LONGEST_MOMENT)
        for answer in answers:
            self.successResultOf(answer)
        tokens = [token for name, token in zip(self.pfs.calls, self.pfs.tokens, strict=True) if name == "ModifyFile"]
        self.assertEqual(tokens, ["a", "a", "b"])

    def test_cancelled_before_its_batch(self) -> None:
        """
        A request whose client has gone leaves the batch, and the others go on.
        """
        self.pfs.holding.add("ModifyFile")
        first, gone, stays = self.put("/first"), self.put("/gone"), self.put("/stays")
        gone.cancel()
        self.failureResultOf(gone, CancelledError)
        for _ in range(2):
            self.pfs.release()
            self.clock.advance(LONGEST_MOMENT)
        self.successResultOf(first)
        self.successResultOf(stays)
        self.assertEqual(set(self.pfs.head().files), {"/first", "/stays"})
        self.assertTrue(self.writer.idle)

    def test_cancelled_while_its_batch_runs(self) -> None:
        """
        A client that goes while its commit runs is told nothing, and harms nobody.
        """
        self.pfs.holding.add("ModifyFile")
        gone = self.put("/gone")
        gone.cancel()
        self.failureResultOf(gone, CancelledError)
        stays = self.put("/stays")
        for _ in range(2):
            self.pfs.release()
            self.clock.advance(LONGEST_MOMENT)
        self.successResultOf(stays)
        self.assertTrue(self.writer.idle)


class BoundsTests(WriterTestCase):
    """
    How large a batch may get.
    """

    bounds = Bounds(bytes=10, files=3)

    def counts(self, contents: list[bytes]) -> list[int]:
        """
        How many of these PUTs share each commit, when all are in flight behind a first one.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put("/first")] + [self.put(f"/{number}", content) for number, content in enumerate(contents)]
        while not self.writer.idle:
            self.pfs.release()
            self.clock.advance(LONGEST_MOMENT)
        for answer in answers:
            self.successResultOf(answer)
        return [count for _, count in self.observed[1:]]

    def test_files(self) -> None:
        """
        A batch holds no more files than it may.
        """
        self.assertEqual(self.counts([b""] * 7), [3, 3, 1])

    def test_bytes(self) -> None:
        """
        A batch holds no more bytes than it may, but one request always goes.
        """
        self.assertEqual(self.counts([b"four", b"four", b"four", b"longer than a batch may be"]), [2, 1, 1])


class WindowTests(WriterTestCase):
    """
    A window in which writes are gathered.
    """

    window = 5.0
    bounds = Bounds(files=20)

    def test_one_commit(self) -> None:
        """
        What comes within the window shares one commit, at its end.
        """
        answers = []
        for number in range(10):
            answers.append(self.put(f"/{number}"))
            self.clock.advance(0.4)
        self.assertEqual(self.commits(), 0)
        self.clock.advance(1.1)
        self.assertEqual(len({self.successResultOf(answer).id for answer in answers}), 1)
        later = self.put("/later")
        self.clock.advance(4.9)
        self.assertNoResult(later)
        self.clock.advance(0.2)
        self.successResultOf(later)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_full(self) -> None:
        """
        When as much has come as a batch may hold, nothing waits.
        """
        answers = [self.put(f"/{number}") for number in range(20)]
        for answer in answers:
            self.successResultOf(answer)
        self.assertEqual(self.commits(), 1)

    def test_cancelled(self) -> None:
        """
        When nobody waits any more, nothing is committed.
        """
        self.put("/a").addErrback(lambda _: None).cancel()
        self.clock.advance(5)
        self.assertEqual(self.commits(), 0)


class AcceptedTests(WriterTestCase):
    """
    Acknowledging what PFS has taken.
    """

    accepted = True

    def test_does_not_wait(self) -> None:
        """
        The answer comes before the commit is finished, and names it.
        """
        self.pfs.holding.add("InspectCommit finished")
        landed = self.successResultOf(self.put("/a"))
        self.assertEqual(landed.id, self.pfs.head().id)
        self.assertEqual(len(self.pfs.held), 1)
        self.assertEqual(self.observed, [])

    def test_refused_afterwards(self) -> None:
        """
        What was acknowledged and then refused is at least told to the operator, and taken back so that reads work again.
        """
        before = self.pfs.put("/file", b"1")
        self.pfs.validates_late = True
        self.pfs.holding.add("InspectCommit finished")
        self.successResultOf(self.put("/file/below"))
        self.assertIsNot(self.pfs.head(), before)
        self.pfs.release()
        self.assertIs(self.pfs.head(), before)


class CollisionTests(WriterTestCase):
    """
    Files and directories at one path.
    """

    def together(self, *paths: str) -> list[Deferred[Landed]]:
        """
        PUTs that go into one batch, answered.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put("/first")] + [self.put(path) for path in paths]
        while not self.writer.idle:
            self.pfs.release()
            self.clock.advance(LONGEST_MOMENT)
        return answers[1:]

    def test_only_the_guilty_fail(self) -> None:
        """
        What collides with the head fails alone; the others of its batch are written, and the bad commit is gone.
        """
        self.pfs.put("/file", b"1")
        self.pfs.put("/dir/file", b"1")
        good, below, directory, other = self.together("/good", "/file/below", "/dir", "/other")
        self.assertEqual(self.successResultOf(good).id, self.successResultOf(other).id)
        self.failureResultOf(below, ObjectParentIsFile)
        self.failureResultOf(directory, ExistingObjectIsDirectory)
        self.assertEqual(set(self.pfs.head().files), {"/file", "/dir/file", "/first", "/good", "/other"})
        self.assertEqual([commit.error for commit in self.pfs.history()], [""] * 5)

    def test_alone(self) -> None:
        """
        A single PUT that collides fails, and the head is what it was.
        """
        before = self.pfs.put("/file", b"1")
        self.failureResultOf(self.put("/file/below"), ObjectParentIsFile)
        self.assertIs(self.pfs.head(), before)

    def test_lost_lease(self) -> None:
        """
        A commit that PFS refuses though its content is well is made again as it was, without a look at any file.
        """
        self.pfs.refusals = ["validate commit: context canceled"]
        first, second = self.together("/a", "/b")
        self.assertEqual(self.successResultOf(first).id, self.successResultOf(second).id)
        self.assertEqual([commit.error for commit in self.pfs.history()], [""] * 3)
        self.assertNotIn("InspectFile", self.pfs.calls)

    def test_lost_leases(self) -> None:
        """
        When PFS goes on refusing, the client is asked to try again, and nothing is left.
        """
        self.pfs.refusals = ["validate commit: context canceled"] * ATTEMPTS
        self.failureResultOf(self.put("/a"), ServiceUnavailable)
        self.assertEqual(self.commits(), 0)

    def test_within_a_batch(self) -> None:
        """
        Of two PUTs in flight that exclude each other the first one stands.
        """
        first, second = self.together("/a", "/a/b")
        self.successResultOf(first)
        self.failureResultOf(second, ObjectParentIsFile)
        self.assertEqual(set(self.pfs.head().files), {"/first", "/a"})

    def test_what_cannot_be_dropped(self) -> None:
        """
        Without the right to drop the bad commit, an empty one after it makes the branch whole.
        """
        self.pfs.put("/file", b"1")
        self.pfs.before["DropCommit"] = self.refuse
        self.failureResultOf(self.put("/file/below"), ObjectParentIsFile)
        self.assertEqual(self.pfs.head().files, {"/file": b"1"})
        self.assertEqual(self.pfs.head().error, "")

    def refuse(self) -> None:
        """
        Say that the caller may not.
        """
        raise PFSError(Status.PERMISSION_DENIED, "not authorized")

    def test_refused_at_once(self) -> None:
        """
        What PFS refuses before there is a commit fails alone as well.
        """
        good, bad, other = self.together("/good", "/star*", "/other")
        self.successResultOf(good)
        self.successResultOf(other)
        self.failureResultOf(bad, PFSError)
        self.assertEqual(set(self.pfs.head().files), {"/first", "/good", "/other"})
