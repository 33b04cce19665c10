"""
Whose commit is whose: others on the same branch, and answers that get lost.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred

from pachgw.objects.changes import Landed
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.errors import NoSuchBucket, ServiceUnavailable, WriteToOutputBranch
from tests.objects.fake_pfs import MASTER
from tests.objects.writer_case import WriterTestCase


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

    def test_broken_in_the_middle(self) -> None:
        """
        A stream that breaks before its end was not applied; the client is told at once.
        """
        self.pfs.break_writes = PFSError(Status.UNAVAILABLE, "gone")
        self.assertIs(self.failureResultOf(self.put("/a"), PFSError).value.status, Status.UNAVAILABLE)
        self.assertEqual(self.commits(), 0)
        self.pfs.break_writes = None
        self.successResultOf(self.put("/a"))

    def test_head_that_was_taken_away(self) -> None:
        """
        When the head before has gone meanwhile, an older commit that holds the same is not taken for ours.
        """
        old = self.successResultOf(self.put("/a")).id
        head = self.pfs.put("/b", b"2")

        def drop() -> None:
            self.pfs.before.clear()
            assert head.parent is not None
            self.pfs.branches["master"] = head.parent

        self.pfs.before["ModifyFile"] = drop
        landed = self.settle(self.put("/a"))
        self.assertEqual((landed.id, landed.parent), (self.pfs.head().id, old))

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
