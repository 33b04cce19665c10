"""
The commits of the gateway's own branch, on a PFS where finishing takes long.
"""

from __future__ import annotations

from typing import Optional, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.branch_writer import BranchWriter
from pachgw.objects.changes import INLINE_LIMIT, Change, Landed
from pachgw.objects.heads import GRACE
from pachgw.objects.open_commits import BATCHES, HELD, MOST_OPEN, MOST_QUIET, SOLE_OPEN, SOLE_QUIET
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.objects.fake_pfs import REPO, FakePFS
from tests.objects.writer_case import put

OWN = pfs.Branch(repo=REPO, name="_pachgw_")
FINISHING = 0.4

Result = TypeVar("Result")


class OpenCommitsTestCase(SynchronousTestCase):
    """
    A gateway that knows by its first commit what finishing costs.
    """

    finishing = FINISHING

    def setUp(self) -> None:
        """Make it."""
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = FakePFS(self.clock)
        self.pfs.latency = lambda name: self.finishing if name == "InspectCommit" else 0.0
        self.landed: list[Landed] = []
        self.writer = self.gateway()
        self.first = self.now(self.put("/first"))
        self.wait(MOST_OPEN)

    def gateway(self) -> BranchWriter:
        """A writer of the own branch."""
        return BranchWriter(self.pfs, self.clock, OWN, lambda branch, landed, changes: self.landed.append(landed), own=True)

    def put(self, path: str, content: bytes = b"1", writer: Optional[BranchWriter] = None) -> Deferred[Landed]:
        """Submit a file."""
        return (writer or self.writer).submit(put(path, content), None)

    def now(self, result: Deferred[Result]) -> Result:
        """Let time pass until there is a result."""
        results: list[Result] = []
        result.addCallback(results.append)
        for _ in range(1000):
            if results:
                break
            self.clock.advance(0.01)
        self.assertTrue(results, "there is no result")
        return results[0]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.pump([0.01] * (round(seconds * 100) + 1))

    def own(self) -> list[bool]:
        """Whether the commits of the own branch are open, the newest first."""
        return [commit.open for commit in self.pfs.history("_pachgw_")]


class KeepingOpenTests(OpenCommitsTestCase):
    """
    One gateway.
    """

    def test_batches_share_a_commit(self) -> None:
        """What comes soon after goes into the same open commit, and does not wait for the end of one."""
        began = self.clock.seconds()
        landed = [self.now(self.put(f"/{number}")) for number in range(5)]
        self.assertLess(self.clock.seconds() - began, 3 * FINISHING)
        self.assertEqual({each.id for each in landed}, {self.pfs.head("_pachgw_").id})
        self.assertEqual({each.parent for each in landed}, {self.first.id})
        self.assertEqual([len(each.earlier) for each in landed], [0, 1, 2, 3, 4])
        self.assertEqual(self.own(), [True, False])
        self.assertEqual(set(self.pfs.head("_pachgw_").files), {"/first", "/0", "/1", "/2", "/3", "/4"})

    def test_ends_when_nothing_comes(self) -> None:
        """A commit into which nothing comes is finished, and the writer is idle."""
        self.now(self.put("/a"))
        self.assertFalse(self.writer.idle)
        self.wait(MOST_QUIET + FINISHING)
        self.assertEqual(self.own(), [False, False])
        self.assertTrue(self.writer.idle)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_ends_under_load(self) -> None:
        """A commit does not stay open for ever, however much comes."""
        for number in range(100):
            self.now(self.put(f"/{number}"))
            self.wait(0.1)
        self.assertGreaterEqual(len(self.own()), 2)
        self.assertLess(len(self.own()), 6)
        self.assertNotIn(True, self.own()[1:])
        self.assertEqual(len(self.pfs.head("_pachgw_").files), 101)

    def test_ends_when_full(self) -> None:
        """A commit takes so many batches, and so many bytes in memory."""
        for number in range(BATCHES):
            self.now(self.put(f"/{number}"))
        self.wait(FINISHING)
        self.assertEqual(self.own(), [False, False])
        large = bytes(INLINE_LIMIT)
        for number in range(HELD // INLINE_LIMIT):
            self.now(self.put(f"/large{number}", large))
        self.wait(FINISHING)
        self.assertEqual(self.own(), [False, False, False])

    def test_settle(self) -> None:
        """What has to stay as it is waits for the end of the commit."""
        landed = self.now(self.put("/a"))
        self.assertEqual(self.now(self.writer.settle(None)), landed.id)
        self.assertEqual(self.own(), [False, False])
        self.assertEqual(self.now(self.writer.settle(None)), landed.id)

    def test_rest(self) -> None:
        """A gateway that stops leaves nothing open."""
        self.now(self.put("/a"))
        self.writer.rest()
        self.wait(FINISHING)
        self.assertTrue(self.writer.idle)
        self.assertEqual(self.own(), [False, False])

    def test_conditional(self) -> None:
        """A change that is decided by what is there follows a finished commit."""
        self.now(self.put("/a"))
        seen: list[str] = []

        async def decide(parent: str) -> Change:
            seen.append(parent)
            return put("/b")

        self.now(self.writer.submit(put("/b"), None, decide))
        self.assertEqual(self.own(), [False, False, False])
        self.assertEqual(seen, [self.pfs.history("_pachgw_")[1].id])

    def test_finishing_becomes_cheap(self) -> None:
        """Where finishing costs nothing every batch has a commit of its own."""
        self.finishing = 0.0
        self.now(self.put("/a"))
        self.wait(MOST_OPEN)
        self.pfs.calls.clear()
        for number in range(3):
            self.now(self.put(f"/{number}"))
        self.assertEqual(self.own(), [False] * 5)
        self.assertNotIn("StartCommit", self.pfs.calls)

    def test_finishing_becomes_dear(self) -> None:
        """And where it costs more than it did they share one again."""
        self.test_finishing_becomes_cheap()
        self.finishing = FINISHING
        for number in range(6):
            self.now(self.put(f"/more{number}"))
        self.assertEqual(self.own()[0], True)
        self.assertLess(len(self.own()), 9)


class SoleTests(OpenCommitsTestCase):
    """
    The only gateway, on a PFS where finishing costs nothing.
    """

    finishing = 0.0

    def gateway(self) -> BranchWriter:
        """See L{OpenCommitsTestCase}."""
        return BranchWriter(self.pfs, self.clock, OWN, lambda branch, landed, changes: self.landed.append(landed), own=True, sole=True)

    def test_batches_share_a_commit(self) -> None:
        """What comes soon after goes into the same commit, in which PFS is asked for nothing but to take it."""
        self.now(self.put("/a"))
        self.pfs.calls.clear()
        for number in range(5):
            self.now(self.put(f"/{number}"))
        self.assertEqual(set(self.pfs.calls), {"ModifyFile"})
        self.assertEqual(self.own(), [True, False])

    def test_not_for_long(self) -> None:
        """It is finished when nothing comes for a moment, and after a quarter of a second in any case."""
        self.now(self.put("/a"))
        self.wait(SOLE_QUIET)
        self.assertEqual(self.own(), [False, False])
        self.assertTrue(self.writer.idle)
        for number in range(50):
            self.now(self.put(f"/{number}"))
            self.wait(0.02)
        self.assertGreater(len(self.own()), 2 + 50 * 0.02 / SOLE_OPEN - 1)
        self.assertLess(len(self.own()), 10)
        self.assertEqual(len(self.pfs.head("_pachgw_").files), 52)


class TroubleTests(OpenCommitsTestCase):
    """
    Others, and calls that get lost.
    """

    def fail(self, name: str, when: str, error: Exception) -> None:
        """Have the next call of a procedure fail, before or after it did something."""
        hooks = getattr(self.pfs, when)

        def fail() -> None:
            del hooks[name]
            raise error

        hooks[name] = fail

    def test_finished_by_another(self) -> None:
        """What another gateway finished is left, and another commit opened."""
        first = self.now(self.put("/a"))
        self.pfs.head("_pachgw_").close()
        second = self.now(self.put("/b"))
        self.assertNotEqual(first.id, second.id)
        self.assertEqual((second.parent, second.earlier), (first.id, ()))
        self.assertEqual(set(self.pfs.head("_pachgw_").files), {"/first", "/a", "/b"})

    def test_two_gateways(self) -> None:
        """Two gateways that write at the same time both get on, and neither writes into the commit of the other."""
        other = self.gateway()
        pending = [
            self.put(f"/{number}/{name}", writer=writer) for number in range(20) for name, writer in (("a", self.writer), ("b", other))
        ]
        ids = [self.now(result).id for result in pending]
        mine, others = set(ids[::2]), set(ids[1::2])
        self.assertEqual(mine & others, set())
        self.assertEqual(len(self.pfs.head("_pachgw_").files), 41)

    def test_left_open_by_another(self) -> None:
        """The commit of a gateway that died is finished by the next that writes, after a moment."""
        self.now(self.put("/a"))
        self.assertEqual(self.own()[0], True)
        began = self.clock.seconds()
        self.now(self.put("/b", writer=self.gateway()))
        self.assertLess(self.clock.seconds() - began, 2 * GRACE + 4 * FINISHING)
        self.assertEqual(set(self.pfs.head("_pachgw_").files), {"/first", "/a", "/b"})

    def test_lost_answers(self) -> None:
        """A call whose answer is lost is made again, on another commit: nothing is written twice, nothing is missing."""
        for name in ("StartCommit", "ModifyFile", "FinishCommit"):
            with self.subTest(name):
                self.fail(name, "after", PFSError(Status.UNAVAILABLE, "lost"))
                self.now(self.put(f"/{name}"))
                self.wait(MOST_OPEN)
                self.now(self.put(f"/after{name}"))
                self.wait(MOST_OPEN)
        self.assertEqual(len(self.pfs.head("_pachgw_").files), 7)
        self.assertNotIn(True, self.own())

    def test_refused(self) -> None:
        """What PFS refuses fails, and the commit goes on."""
        opened = self.now(self.put("/a"))
        self.fail("ModifyFile", "before", PFSError(Status.PERMISSION_DENIED, "not authorized"))
        self.failureResultOf(self.put("/b"), PFSError)
        self.assertEqual(self.now(self.put("/c")).id, opened.id)

    def test_branch_is_deleted(self) -> None:
        """When somebody deletes the branch, the next write makes it again."""
        self.now(self.put("/a"))
        self.pfs.commits.pop(self.pfs.branches.pop("_pachgw_").id)
        self.now(self.put("/b"))
        self.assertEqual(set(self.pfs.head("_pachgw_").files), {"/b"})

    def test_cannot_be_finished(self) -> None:
        """What cannot be finished now is left to whoever writes next."""
        self.now(self.put("/a"))
        self.fail("FinishCommit", "before", PFSError(Status.PERMISSION_DENIED, "not authorized"))
        self.wait(MOST_OPEN)
        self.assertEqual(self.own()[0], True)
        self.now(self.put("/b"))
        self.assertEqual(self.own(), [True, False, False])
