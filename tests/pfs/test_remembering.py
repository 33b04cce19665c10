"""
Remembered answers: never older than the last change.
"""

from __future__ import annotations

from typing import Any, Optional

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.messages import branch, repo
from pachgw.pfs.methods import DELETE_BRANCH, INSPECT_BRANCH
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.remembering import LIMIT, SECONDS, RememberingPFS

QUESTION = pfs.InspectBranchRequest(branch=branch(repo("default", "data"), "master"))


class Counting:
    """
    A PFS that counts its calls, and answers each with another commit.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.changes = 0
        self.answer: Optional[Deferred[Any]] = None

    def call(self, method: Any, request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> Deferred[Any]:
        """One more."""
        self.calls += 1
        return self.answer or succeed(pfs.BranchInfo(head=pfs.Commit(id=str(self.calls))))


class RememberingTests(SynchronousTestCase):
    """
    L{RememberingPFS}.
    """

    def setUp(self) -> None:
        """One in front of a PFS that counts."""
        self.clock = Clock()
        self.behind = Counting()
        self.pfs = RememberingPFS(self.behind, self.clock, lambda: self.behind.changes)  # type: ignore[arg-type]

    def ask(self, token: Optional[str] = None, question: pfs.InspectBranchRequest = QUESTION) -> str:
        """The head that is answered."""
        return self.successResultOf(self.pfs.call(INSPECT_BRANCH, question, token)).head.id

    def test_same_while_nothing_changes(self) -> None:
        """The same question has the same answer, and is asked once."""
        self.assertEqual([self.ask(), self.ask(), self.ask()], ["1", "1", "1"])
        self.assertEqual(self.behind.calls, 1)

    def test_change(self) -> None:
        """After a change the question is asked again."""
        self.ask()
        self.behind.changes += 1
        self.assertEqual(self.ask(), "2")

    def test_change_during_the_call(self) -> None:
        """An answer that was under way while something changed is not taken afterwards."""
        self.behind.answer = Deferred()
        asking = self.pfs.call(INSPECT_BRANCH, QUESTION)
        self.behind.changes += 1
        self.behind.answer.callback(pfs.BranchInfo(head=pfs.Commit(id="old")))
        self.behind.answer = None
        self.assertEqual(self.successResultOf(asking).head.id, "old")
        self.assertEqual(self.ask(), "2")

    def test_time(self) -> None:
        """A token may expire without a change: an answer is taken for a moment only."""
        self.ask()
        self.clock.advance(SECONDS)
        self.assertEqual(self.ask(), "2")

    def test_tokens_and_questions(self) -> None:
        """Another caller and another question have answers of their own."""
        other = pfs.InspectBranchRequest(branch=branch(repo("default", "data"), "dev"))
        self.assertEqual([self.ask("a"), self.ask("b"), self.ask(None), self.ask("a", other), self.ask("a")], ["1", "2", "3", "4", "1"])

    def test_missing(self) -> None:
        """That something is missing is an answer; that PFS is away is none."""
        for status, calls in ((Status.NOT_FOUND, 1), (Status.UNAVAILABLE, 2)):
            self.behind.calls, self.behind.changes = 0, self.behind.changes + 1
            for _ in range(2):
                self.behind.answer = fail(PFSError(status, ""))
                self.failureResultOf(self.pfs.call(INSPECT_BRANCH, QUESTION), PFSError)
                self.behind.answer.addErrback(lambda _: None)
            self.assertEqual(self.behind.calls, calls)

    def test_what_changes_is_never_remembered(self) -> None:
        """A call that does something is made each time."""
        for _ in range(2):
            self.pfs.call(DELETE_BRANCH, pfs.DeleteBranchRequest(branch=QUESTION.branch))
        self.assertEqual(self.behind.calls, 2)

    def test_bounded(self) -> None:
        """The oldest answers go when there are too many."""
        for number in range(LIMIT + 1):
            self.ask(str(number))
        self.assertEqual(self.ask(str(LIMIT)), str(LIMIT + 1))
        self.assertEqual(self.ask("0"), str(LIMIT + 2))
