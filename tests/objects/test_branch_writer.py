"""
The group commit of one branch: how many commits, who shares them, and what each is told.
"""

from __future__ import annotations

from typing import Any, Optional

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.batches import Bounds
from pachgw.objects.branch_writer import LONGEST_MOMENT, BranchWriter
from pachgw.objects.changes import Change, Landed, Put
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.errors import ExistingObjectIsDirectory, NoSuchBucket, ObjectParentIsFile, ServiceUnavailable, WriteToOutputBranch
from tests.objects.fake_pfs import MASTER, FakePFS


def put(path: str, content: bytes = b"content") -> Change:
    """
    The change of a PUT.
    """
    return Change((Put.of(path, content),))


class WriterTestCase(SynchronousTestCase):
    """
    A writer on a fake PFS, with a clock that the test turns.
    """

    accepted = False
    bounds: Optional[Bounds] = None

    def setUp(self) -> None:
        """
        Make them.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = FakePFS(self.clock)
        self.observed: list[tuple[str, int]] = []
        self.writer = BranchWriter(self.pfs, self.clock, MASTER, self.observe, accepted=self.accepted, bounds=self.bounds)

    def observe(self, _: Any, landed: Landed, changes: Any) -> None:
        """
        Note what the writer says of its commits.
        """
        self.observed.append((landed.id, len(changes)))

    def put(self, path: str, content: bytes = b"content", token: Optional[str] = None) -> Deferred[Landed]:
        """
        Submit a PUT.
        """
        return self.writer.submit(put(path, content), token)

    def commits(self) -> int:
        """
        How many commits the branch has beyond its first.
        """
        return len(self.pfs.history()) - 1


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


class AcceptedTests(WriterTestCase):
    """
    Acknowledging what PFS has taken.
    """

    accepted = True

    def test_does_not_wait(self) -> None:
        """
        The answer comes before the commit is finished, and names it.
        """
        landed = self.successResultOf(self.put("/a"))
        self.assertEqual(landed.id, self.pfs.head().id)
        self.assertEqual(self.pfs.calls[-1], "InspectCommit")


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


class ForeignTests(WriterTestCase):
    """
    Others on the same branch.
    """

    def test_foreign_commit_before_ours(self) -> None:
        """
        When somebody else's commit came in between, both survive, and the answer names ours.
        """
        self.pfs.before["ModifyFile"] = lambda: self.pfs.put("/theirs", b"t")
        landed = self.successResultOf(self.put("/ours"))
        self.assertEqual(landed.id, self.pfs.head().id)
        self.assertEqual(set(self.pfs.head().files), {"/theirs", "/ours"})

    def test_foreign_commit_after_ours(self) -> None:
        """
        When somebody else's commit came right after, the answer names ours nevertheless.
        """
        self.pfs.after["ModifyFile"] = lambda: self.pfs.put("/theirs", b"t")
        landed = self.successResultOf(self.put("/ours"))
        self.assertEqual(landed.parent, self.pfs.history()[-1].id)
        self.assertEqual(set(self.pfs.commits[landed.id].files), {"/ours"})
        self.assertEqual(set(self.pfs.head().files), {"/theirs", "/ours"})

    def test_overwritten_at_once(self) -> None:
        """
        When somebody else has overwritten the key since, the answer names the commit that holds what was written.
        """
        self.pfs.after["ModifyFile"] = lambda: self.pfs.put("/key", b"theirs")
        landed = self.successResultOf(self.put("/key", b"ours"))
        self.assertEqual(self.pfs.commits[landed.id].files, {"/key": b"ours"})

    def test_open_commit(self) -> None:
        """
        Nothing is written into a commit that somebody else has open; when it is finished, the write goes on.
        """
        theirs = self.pfs.open()
        answer = self.put("/ours")
        self.clock.advance(0.25)
        self.assertNoResult(answer)
        self.assertNotIn("ModifyFile", self.pfs.calls)
        theirs.close()
        self.clock.advance(0.25)
        self.assertEqual(self.successResultOf(answer).parent, theirs.id)

    def test_open_commit_for_too_long(self) -> None:
        """
        Whoever waits too long for somebody else's commit is told which one it is.
        """
        theirs = self.pfs.open()
        answer = self.put("/ours")
        self.clock.pump([0.25] * 41)
        self.assertIn(theirs.id, self.failureResultOf(answer, ServiceUnavailable).value.message)
        self.assertEqual(theirs.files, {})

    def test_opened_in_between(self) -> None:
        """
        A commit that is opened after the look at the head is seen by PFS, and waited for.
        """
        opened = []

        def interfere() -> None:
            if not opened:
                opened.append(self.pfs.open())
                raise PFSError(Status.UNKNOWN, f"parent commit {opened[0].id} has not been finished")

        self.pfs.before["ModifyFile"] = interfere
        answer = self.put("/ours")
        self.assertNoResult(answer)
        opened[0].close()
        self.clock.advance(0.25)
        self.successResultOf(answer)

    def test_output_branch(self) -> None:
        """
        A branch that a pipeline writes is refused with the words that users know and where it comes from, also while its job is open.
        """
        self.pfs.open()
        self.pfs.provenance["master"] = [MASTER]
        error = self.failureResultOf(self.put("/ours"), WriteToOutputBranch).value
        self.assertIn("cannot start a commit on an output branch", error.message)
        self.assertIn("comes from default/images@master", error.message)
        self.assertEqual(self.pfs.head().files, {})

    def test_missing_branch(self) -> None:
        """
        A branch that is gone is not made again by a PUT.
        """
        self.pfs.branches.clear()
        self.failureResultOf(self.put("/ours"), NoSuchBucket)
        self.assertEqual(self.pfs.branches, {})


class UnknownOutcomeTests(WriterTestCase):
    """
    Answers that get lost.
    """

    def lose(self) -> None:
        """
        Lose the answer, once.
        """
        self.pfs.after.clear()
        raise PFSError(Status.DEADLINE_EXCEEDED, "late")

    def settle(self, answer: Deferred[Landed]) -> Landed:
        """
        Turn the clock until the writer has found out.
        """
        self.clock.pump([0.5] * 10)
        return self.successResultOf(answer)

    def test_applied(self) -> None:
        """
        A commit whose answer got lost is found, and not made twice.
        """
        self.pfs.after["ModifyFile"] = self.lose
        landed = self.settle(self.put("/a"))
        self.assertEqual((landed.id, self.commits()), (self.pfs.head().id, 1))

    def test_not_applied(self) -> None:
        """
        A commit that was lost on the way is made again.
        """

        def fail() -> None:
            self.pfs.before.clear()
            raise PFSError(Status.UNAVAILABLE, "gone")

        self.pfs.before["ModifyFile"] = fail
        landed = self.settle(self.put("/a"))
        self.assertEqual((landed.id, self.commits()), (self.pfs.head().id, 1))
        self.assertEqual(self.pfs.calls.count("ModifyFile"), 2)

    def test_applied_with_others_around(self) -> None:
        """
        Somebody else's commit is not taken for the one whose answer got lost.
        """

        def foreign_then_lose() -> None:
            self.pfs.put("/theirs", b"t")
            self.lose()

        self.pfs.before["ModifyFile"] = lambda: self.pfs.put("/before", b"t")
        self.pfs.after["ModifyFile"] = foreign_then_lose
        landed = self.settle(self.put("/a"))
        self.assertEqual(set(self.pfs.commits[landed.id].files), {"/before", "/a"})
        self.assertEqual(self.commits(), 3)

    def test_pfs_stays_away(self) -> None:
        """
        When PFS does not come back, nobody is told that it was written or not: the client is to try again.
        """

        def gone() -> None:
            raise PFSError(Status.UNAVAILABLE, "gone")

        def go() -> None:
            for name in ("InspectBranch", "InspectCommit", "ListCommit"):
                self.pfs.before[name] = gone
            gone()

        self.pfs.after["ModifyFile"] = go
        answer = self.put("/a")
        self.clock.pump([0.5] * 130)
        self.failureResultOf(answer, ServiceUnavailable)

    def test_lost_while_finishing(self) -> None:
        """
        A connection that breaks while the commit is being finished costs nothing but time.
        """

        def break_once() -> None:
            if self.pfs.calls[-2] == "ModifyFile":
                raise PFSError(Status.UNAVAILABLE, "gone")

        self.pfs.before["InspectCommit"] = break_once
        landed = self.settle(self.put("/a"))
        self.assertEqual((landed.id, self.commits()), (self.pfs.head().id, 1))
