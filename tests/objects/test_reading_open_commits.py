"""
Reading the records that are in an open commit of the gateway's own branch.
"""

from __future__ import annotations

from typing import Optional

from pachgw.objects.heads import ABANDONED, SHARED_MARK
from pachgw.objects.indexes import CommitName
from pachgw.objects.open_commits import MOST_OPEN, RESCUES
from pachgw.objects.store import ObjectStore
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.metadata import Metadata
from tests.objects.readable_pfs import ReadablePFS
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase

OWN = "_pachgw_"
FINISHING = 0.4
LEASE = "validate commit: context canceled"


def coloured(name: str) -> Metadata:
    """Something that makes a record."""
    return Metadata(user={"colour": name})


class ReadingTests(StoreTestCase):
    """
    Two gateways before a PFS that takes its time to finish commits.
    """

    def setUp(self) -> None:
        """One of them knows what finishing costs, by an object whose record is in a finished commit."""
        super().setUp()
        self.pfs = ReadablePFS(self.clock)
        self.pfs.latency = lambda name: FINISHING if name == "InspectCommit" else 0.0
        self.store, self.other = self.another_store(), self.another_store()
        self.now(self.put("first", b"1", metadata=coloured("red")))
        self.clock.pump([0.05] * 20)

    def colour(self, store: ObjectStore, key: str) -> Optional[str]:
        """What a gateway shows."""
        metadata = self.now(store.open(CALLER, BUCKET, key)).info.metadata
        return None if metadata is None else metadata.user.get("colour")

    def warm(self) -> None:
        """Have the first gateway read so often that it has an index of both branches."""
        for _ in range(5):
            self.colour(self.store, "first")
            self.clock.pump([0.05] * 20)

    def test_its_maker_needs_no_call(self) -> None:
        """The gateway that keeps the commit open knows all that it holds, batch after batch."""
        self.warm()
        for key, name in (("a", "blue"), ("b", "green"), ("a", "grey")):
            self.now(self.put(key, key.encode(), metadata=coloured(name)))
            self.assertTrue(self.pfs.head(OWN).open)
            calls = self.pfs.counted(lambda key=key, name=name: self.assertEqual(self.colour(self.store, key), name))  # type: ignore[misc]
            self.assertNotIn("GetFileTAR", calls)
        self.assertEqual(self.colour(self.store, "first"), "red")

    def test_what_is_taken_out_again(self) -> None:
        """What goes from the commit while it is open is gone."""
        self.warm()
        self.now(self.put("a", b"1", metadata=coloured("blue")))
        self.now(self.put("a", b"1"))
        self.assertTrue(self.pfs.head(OWN).open)
        self.assertIsNone(self.colour(self.store, "a"))

    def test_what_says_nothing(self) -> None:
        """Whether there is a record that has to go is seen in the index, without a look at PFS for each object."""
        self.warm()
        calls = self.pfs.counted(lambda: self.now(self.put("plain", b"2")))
        self.assertEqual({"InspectFile", "GetFileTAR"} & set(calls), set())
        self.now(self.put("first", b"1"))
        self.assertIsNone(self.colour(self.store, "first"))

    def test_another_gateway_reads_it(self) -> None:
        """Other gateways see each batch at once, and remember nothing of a commit that still changes."""
        for name in ("blue", "green", "grey", "white", "black"):
            self.now(self.put("a", b"1", metadata=coloured(name)))
            self.assertTrue(self.pfs.head(OWN).open)
            self.assertEqual(self.colour(self.other, "a"), name)
        self.assertIsNone(self.other.indexes.find(CommitName("default", "images", self.pfs.head(OWN).id)))

    def test_the_parent_has_an_index(self) -> None:
        """While writes go on, a gateway without an index gets that of the finished commit beneath, and carries it on."""
        self.now(self.put("a", b"1", metadata=coloured("blue")))
        writing = []
        for number in range(8):
            writing.append(self.put(str(number), b"1", metadata=coloured("green")))
            self.colour(self.store, "a")
            self.clock.pump([0.05] * 6)
        self.clock.pump([0.05] * 10)
        self.assertEqual(len([self.successResultOf(written) for written in writing]), 8)
        self.assertTrue(self.pfs.head(OWN).open)
        self.assertNotIn("GetFileTAR", self.pfs.counted(lambda: self.assertEqual(self.colour(self.store, "a"), "blue")))

    def test_without_the_parents_index(self) -> None:
        """When memory runs out for the index of the parent, the commit has none rather than an old one."""
        self.warm()
        self.now(self.put("a", b"1", metadata=coloured("blue")))
        opened = self.pfs.head(OWN)
        assert opened.parent is not None
        self.store.indexes.forget(CommitName("default", "images", opened.parent.id))
        self.now(self.put("a", b"1", metadata=coloured("green")))
        self.assertIs(self.pfs.head(OWN), opened)
        self.assertEqual(self.colour(self.store, "a"), "green")

    def test_left_open(self) -> None:
        """A commit that a gateway left open when it died is read; by and by a gateway that only reads finishes it."""
        opened = self.pfs.open(OWN, SHARED_MARK)
        for seconds, expected in ((0.0, True), (ABANDONED, False)):
            self.clock.advance(seconds)
            for _ in range(4):
                self.assertEqual(self.colour(self.other, "first"), "red")
                self.clock.pump([0.05] * 20)
            self.assertEqual(opened.open, expected)

    def test_left_open_and_no_right(self) -> None:
        """Who may not finish it goes on reading it."""
        self.pfs.open(OWN, SHARED_MARK)
        self.clock.advance(ABANDONED)
        self.pfs.before["FinishCommit"] = self.refuse
        for _ in range(6):
            self.assertEqual(self.colour(self.other, "first"), "red")
            self.clock.pump([0.05] * 20)
        self.assertTrue(self.pfs.head(OWN).open)

    def test_gateway_stops(self) -> None:
        """A gateway that stops finishes what it kept open."""
        self.now(self.put("a", b"1", metadata=coloured("blue")))
        self.assertTrue(self.pfs.head(OWN).open)
        self.now(self.store.close())
        self.assertFalse(self.pfs.head(OWN).open)
        self.assertLess(self.clock.seconds() - 1_000_000, MOST_OPEN)

    def test_refused_after_the_acknowledgement(self) -> None:
        """What PFS refuses when it loses a lease is written again, by whichever gateway writes next; it can be read meanwhile."""
        for writer in (self.store, self.other):
            with self.subTest(mine=writer is self.store):
                self.warm()
                self.now(self.put("a", b"1", metadata=coloured("blue")))
                self.now(self.put("first", b"1"))
                self.pfs.refusals = [LEASE, LEASE]
                self.clock.pump([0.05] * 40)
                self.assertEqual(self.pfs.head(OWN).error, LEASE)
                self.assertEqual([self.colour(self.store, "a"), self.colour(self.other, "a")], ["blue", "blue"])
                self.now(self.put("b", b"1", metadata=coloured("green"), store=writer))
                self.clock.pump([0.05] * 40)
                self.assertEqual(self.pfs.refusals, [])
                self.assertEqual([self.colour(self.another_store(), key) for key in ("a", "b", "first")], ["blue", "green", None])
                self.now(self.put("first", b"1", metadata=coloured("red")))
                self.now(self.store.delete(CALLER, BUCKET, "a"))

    def test_refused_for_good(self) -> None:
        """What PFS refuses again and again is given up, and the operator told; the next write is not held up."""
        self.now(self.put("a", b"1", metadata=coloured("blue")))
        self.pfs.refusals = [LEASE] * (RESCUES + 1)
        self.clock.pump([0.05] * 40)
        self.now(self.put("b", b"1", metadata=coloured("green")), 20.0)
        self.assertEqual(self.colour(self.store, "b"), "green")
        self.assertEqual(self.pfs.refusals, [])

    def test_refused_and_unreadable(self) -> None:
        """What cannot be read is not written again."""
        self.now(self.put("a", b"1", metadata=coloured("blue")))
        self.pfs.refusals = [LEASE]
        self.clock.pump([0.05] * 40)
        self.pfs.before["DiffFile"] = self.refuse
        self.now(self.put("b", b"1", metadata=coloured("green")))
        self.assertEqual(self.colour(self.store, "b"), "green")

    def refuse(self) -> None:
        """Say that the caller may not."""
        raise PFSError(Status.PERMISSION_DENIED, "not authorized")
