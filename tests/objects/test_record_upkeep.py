"""
Which records there are, and which are left over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from twisted.internet.defer import Deferred

from pachgw.objects.indexes import Indexes
from pachgw.objects.record_upkeep import SETTLED, RecordUpkeep
from pachgw.objects.records import ObjectRecord
from pachgw.objects.writer import Writer
from pachgw.pfs import methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import parse_bucket
from tests.objects.test_writing_embedded import BLUE, IMAGES, NOBODY, EmbeddedWritingTestCase

DEV = parse_bucket("dev.images")


class UpkeepTests(EmbeddedWritingTestCase):
    """
    On an embedded PFS.
    """

    def setUp(self) -> None:
        """
        Some objects with records: at the head, in the history, on another branch.
        """
        super().setUp()
        self.upkeep = RecordUpkeep(self.pfs, NOBODY, "default", "images")
        self.now(self.put("there", b"1", BLUE))
        self.now(self.put("was/there", b"1", BLUE))
        self.now(self.put("was/there", b"2", BLUE))
        self.now(self.store.delete(NOBODY, IMAGES, "was/there"))
        self.now(self.put("elsewhere", b"1", BLUE, bucket=DEV))

    def names(self, found: AsyncIterator[ObjectRecord]) -> list[str]:
        """
        What some records are of.
        """

        async def gather() -> list[str]:
            return sorted([record.path async for record in found])

        return self.now(Deferred.fromCoroutine(gather()))

    def left_over(self) -> list[str]:
        """
        What is left over.
        """
        return self.names(self.upkeep.left_over(self.clock.seconds()))

    def test_all(self) -> None:
        """
        Every record is found once.
        """
        self.assertEqual(self.names(self.upkeep.records()), ["/elsewhere", "/there", "/was/there", "/was/there"])

    def test_nothing_left_over(self) -> None:
        """
        What a branch has or has had is not left over.
        """
        self.clock.advance(SETTLED + 1)
        self.assertEqual(self.left_over(), [])

    def test_branch_that_was_deleted(self) -> None:
        """
        What only a branch had that is gone is left over, after a while; collecting it leaves the others.
        """
        branch = pfs.Branch(repo=self.images, name="dev")
        self.now(self.pfs.call(methods.DELETE_BRANCH, pfs.DeleteBranchRequest(branch=branch)))
        self.assertEqual(self.left_over(), [])
        self.clock.advance(SETTLED + 1)
        self.assertEqual(self.left_over(), ["/elsewhere"])
        writer = Writer(self.pfs, self.clock, Indexes())
        self.assertEqual(self.now(Deferred.fromCoroutine(self.upkeep.collect(writer, self.clock.seconds()))), 1)
        self.assertEqual(self.names(self.upkeep.records()), ["/there", "/was/there", "/was/there"])
        self.assertEqual(self.left_over(), [])

    def test_no_records(self) -> None:
        """
        In a repo without an own branch.
        """
        self.repo(self.pfs, "default", "other", ["master"])
        upkeep = RecordUpkeep(self.pfs, NOBODY, "default", "other")
        self.assertEqual(self.names(upkeep.records()), [])
        self.assertEqual(self.names(upkeep.left_over(self.clock.seconds())), [])
