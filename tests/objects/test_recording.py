"""
The records of objects: when there is one, and what it says.
"""

from __future__ import annotations

from pachgw.objects.changes import hash_of
from pachgw.objects.records import ObjectRecord, line, object_records
from pachgw.objects.values import Source
from pachgw.pfs.errors import PFSError
from pachgw.pfs.status import Status
from pachgw.s3.conditions import ANY, Conditions
from pachgw.s3.errors import AccessDenied, ObjectParentIsFile, PreconditionFailed
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata
from tests.objects.bodies import FakeBody
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase

OWN = "_pachgw_"
BLUE = Metadata({"content-type": "text/x-log"}, {"colour": "blue", "umlaut": "ü"})
SUM = Checksum("CRC32", "AAAAAA==")


class FormatTests(StoreTestCase):
    """
    Records as they are kept.
    """

    def test_there_and_back(self) -> None:
        """
        What is written is what is read, in one line of ASCII.
        """
        composite = Checksum("SHA256", "x-2", ChecksumType.COMPOSITE)
        records = [
            ObjectRecord("/dir/a.txt", bytes(range(32)), 7, 1732620000.25, BLUE, (SUM, composite)),
            ObjectRecord("/b", bytes(32), 0, 1.0),
        ]
        lines = b"".join(record.line() for record in records)
        self.assertTrue(lines.isascii())
        self.assertEqual(lines.count(b"\n"), 2)
        self.assertEqual(list(object_records(lines)), records)

    def test_what_is_not_ours(self) -> None:
        """
        Other kinds, other versions and rubbish are left alone.
        """
        record = ObjectRecord("/b", bytes(32), 0, 1.0)
        other = record.line().replace(b'"pachgw":1', b'"pachgw":2')
        lines = line("part", {}) + b"rubbish\n[]\n\n" + other + record.line()
        self.assertEqual(list(object_records(lines)), [record])

    def test_places(self) -> None:
        """
        Each content of each path has a place of its own; those of a directory's files are in their order, with nothing between them.
        """
        paths = ["/a", "/b", "/d/a", "/d/b-1", "/d/b/1", "/d/b/2", "/d/c", "/d-a", "/e/d/a"]
        places = {path: ObjectRecord(path, hash_of(b"1"), 1, 0.0).place for path in paths}
        self.assertEqual(len({*places.values(), ObjectRecord("/a", hash_of(b"2"), 1, 0.0).place}), len(paths) + 1)
        order = sorted(paths, key=places.__getitem__)
        for together in (["/a", "/b", "/d-a"], ["/d/a", "/d/b-1", "/d/c"], ["/d/b/1", "/d/b/2"]):
            start = order.index(together[0])
            self.assertEqual(order[start : start + len(together)], together)


class RecordingTests(StoreTestCase):
    """
    Records beside commits.
    """

    def records(self) -> dict[str, ObjectRecord]:
        """
        The records that are kept, by the path that they are of.
        """
        head = self.pfs.branches.get(OWN)
        lines = b"" if head is None else b"".join(content for path, content in head.files.items() if path.startswith("/objects/"))
        return {record.path: record for record in object_records(lines)}

    def test_nothing_to_keep(self) -> None:
        """
        An object about which there is nothing to know has no record, and its repo no branch of ours.
        """
        self.now(self.put("a", b"1"))
        self.assertNotIn(OWN, self.pfs.branches)

    def test_metadata_and_checksums(self) -> None:
        """
        What came with a PUT is kept before it is acknowledged, with its time.
        """
        written = self.now(self.store.put(CALLER, BUCKET, "a", FakeBody(b"1", checksums=[SUM]), BLUE))
        record = self.records()["/a"]
        self.assertEqual(record, ObjectRecord("/a", hash_of(b"1"), 1, self.clock.seconds(), BLUE, (SUM,)))
        self.assertEqual(written.info.modified, record.modified)
        self.assertIn(record.place, self.pfs.head(OWN).files)

    def test_waits_for_both(self) -> None:
        """
        An object whose record is not finished is not acknowledged.
        """
        self.pfs.holding.add("ModifyFile")
        answer = self.put("a", b"1", metadata=BLUE)
        self.pfs.held.pop(0).callback(None)
        self.assertNoResult(answer)
        self.pfs.release()
        self.successResultOf(answer)

    def test_same_bytes_without_metadata(self) -> None:
        """
        The last PUT wins: the same bytes put without metadata take the record away.
        """
        self.now(self.put("a", b"1", metadata=BLUE))
        self.now(self.put("a", b"1"))
        self.assertEqual(self.records(), {})

    def test_other_bytes(self) -> None:
        """
        The record of other bytes at the path stays, for the versions that have them.
        """
        self.now(self.put("a", b"1", metadata=BLUE))
        self.now(self.put("a", b"2"))
        self.assertEqual(self.records()["/a"].hash, hash_of(b"1"))

    def test_share_commits(self) -> None:
        """
        The records of objects that are committed together are too.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put(str(number), b"1", metadata=BLUE) for number in range(20)]
        for _ in range(3):
            self.pfs.release()
            self.clock.advance(1)
        for answer in answers:
            self.successResultOf(answer)
        self.assertEqual((self.commits(), len(self.pfs.history(OWN))), (2, 2))
        self.assertEqual(len(self.records()), 20)

    def test_condition_that_fails(self) -> None:
        """
        A conditional PUT of the same bytes that is refused leaves the record alone; one that is not has its own.
        """
        first = self.now(self.put("a", b"1", metadata=BLUE)).info
        self.pfs.before["StartCommit"] = lambda: self.pfs.put("/b", b"1")
        red = Metadata(user={"colour": "red"})
        with self.assertRaises(PreconditionFailed):
            self.now(self.put("b", b"1", metadata=red, conditions=Conditions(if_none_match=ANY)))
        self.assertEqual(list(self.records()), ["/a"])
        self.pfs.before.clear()
        self.now(self.put("a", b"1", metadata=red, conditions=Conditions(if_match=(first.etag,))))
        self.assertEqual(self.records()["/a"].metadata, red)

    def test_condition_that_fails_without_metadata(self) -> None:
        """
        A conditional PUT that says nothing, and is refused, takes no record away.
        """
        self.now(self.put("a", b"1", metadata=BLUE))
        self.delete("a")
        self.pfs.before["StartCommit"] = lambda: self.pfs.put("/a", b"1")
        with self.assertRaises(PreconditionFailed):
            self.now(self.put("a", b"1", conditions=Conditions(if_none_match=ANY)))
        self.assertEqual(self.records()["/a"].metadata, BLUE)

    def test_one_look_for_a_batch(self) -> None:
        """
        Whether records have to go is asked once for all that are put together.
        """
        self.now(self.put("a", b"1", metadata=BLUE))
        self.pfs.latency = lambda name: 0.01 if name == "InspectBranch" else 0.0
        self.pfs.holding.add("ModifyFile")
        first = self.put("first", b"1")
        self.clock.pump([0.01] * 10)
        answers = [self.put(str(number), b"1") for number in range(20)]
        self.clock.pump([0.01] * 10)
        self.pfs.calls.clear()
        for _ in range(2):
            self.pfs.release()
            self.pfs.holding.add("ModifyFile")
            self.clock.pump([0.01] * 100)
        self.pfs.release()
        for answer in (first, *answers):
            self.successResultOf(answer)
        self.assertLess(self.pfs.calls.count("InspectBranch"), 6)

    def test_record_that_cannot_be_kept(self) -> None:
        """
        An object whose record cannot be kept is not acknowledged.
        """

        def refuse() -> None:
            if self.pfs.calls.count("ModifyFile") == 1:
                raise PFSError(Status.PERMISSION_DENIED, "not authorized")

        self.pfs.before["ModifyFile"] = refuse
        self.failureResultOf(self.put("a", b"1", metadata=BLUE), AccessDenied)

    def test_refused(self) -> None:
        """
        An object that cannot be put is refused, whatever became of its record.
        """
        self.now(self.put("a", b"1"))
        self.failureResultOf(self.put("a/b", b"1", metadata=BLUE), ObjectParentIsFile)

    def test_copy(self) -> None:
        """
        A copy with new metadata has them, also onto itself.
        """
        self.now(self.put("a", b"1"))
        for key in ("a", "b"):
            self.now(self.store.copy(CALLER, Source(BUCKET, "a"), BUCKET, key, BLUE))
            self.assertEqual(self.records()[f"/{key}"].metadata, BLUE)
