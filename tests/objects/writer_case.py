"""
A branch writer on a fake PFS, for tests of the group commit.
"""

from __future__ import annotations

from typing import Any, Optional

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.batches import Bounds
from pachgw.objects.branch_writer import BranchWriter
from pachgw.objects.changes import Change, Landed, Put
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
    window = 0.0

    def setUp(self) -> None:
        """
        Make them.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = FakePFS(self.clock)
        self.observed: list[tuple[str, int]] = []
        self.writer = BranchWriter(self.pfs, self.clock, MASTER, self.observe, False, self.accepted, self.bounds, self.window)

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
