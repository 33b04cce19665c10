"""
Reading what S3 remembers of objects and PFS cannot hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from twisted.internet.task import Clock

from pachgw.objects import building, dating
from pachgw.objects.changes import hash_of
from pachgw.objects.records import ObjectRecord
from pachgw.objects.resolving import OWN_BRANCH
from pachgw.objects.store import ObjectStore
from pachgw.objects.values import Caller, ListQuery, ObjectInfo
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.metadata import Checksum, Metadata
from tests.objects.direct_pfs import EmbeddedTestCase

NOBODY = Caller()
IMAGES = parse_bucket("images")
TEXT = Metadata({"content-type": "text/x-log"}, {"colour": "blue"})
SUM = (Checksum("CRC32", "q83vEg=="),)


class RecollectingTests(EmbeddedTestCase):
    """
    Records beside objects.
    """

    def setUp(self) -> None:
        """
        Two objects, of which one has a record.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = self.open_pfs(self.clock)
        self.repo_ = self.repo(self.pfs, "default", "images", ["master"])
        self.commit(self.pfs, self.repo_, "master", {"/a": b"alpha", "/b": b"beta"})
        self.record = ObjectRecord("/a", hash_of(b"alpha"), 5, 900.25, TEXT, SUM)
        self.store = ObjectStore(self.pfs, self.clock)

    def keep(self, *records: ObjectRecord) -> None:
        """
        Keep records.
        """
        self.commit(self.pfs, self.repo_, OWN_BRANCH, {record.place: record.line() for record in records})

    def info(self, key: str, version: Optional[str] = None) -> ObjectInfo:
        """
        What is known of an object.
        """
        return self.successResultOf(self.store.open(NOBODY, IMAGES, key, version)).info

    def warm(self) -> None:
        """
        Have the branch and the gateway's own indexed.
        """
        self.successResultOf(self.store.list(NOBODY, IMAGES, ListQuery()))
        for _ in range(3):
            self.info("a")

    def test_no_own_branch(self) -> None:
        """
        Without one, or when it was deleted by hand, everything is the default.
        """
        self.assertEqual((self.info("a").metadata, self.info("a").checksums, self.info("a").modified), (None, (), 1000.0))

    def test_recollected(self) -> None:
        """
        Metadata, checksums and time, cold and warm.
        """
        self.keep(self.record)
        for _ in range(6):
            found = self.info("a")
            self.assertEqual((found.metadata, found.checksums, found.modified), (TEXT, SUM, 900.25))
            self.assertEqual((self.info("b").metadata, self.info("b").modified), (None, 1000.0))

    def test_backslash(self) -> None:
        """
        A backslash, the only special character that a path may hold, is nothing special, cold and warm.
        """
        self.commit(self.pfs, self.repo_, "master", {r"/d/a\b \x": b"alpha"})
        self.keep(replace(self.record, path=r"/d/a\b \x"))
        for _ in range(6):
            self.assertEqual(self.info(r"d/a\b \x").metadata, TEXT)

    def test_cost(self) -> None:
        """
        Cold, one call beside the object's own; warm, none but for the head.
        """
        self.keep(self.record)
        before = len(self.pfs.calls)
        self.info("a")
        self.assertEqual(sorted(self.pfs.calls[before:]), ["Authorize", "GetFileTAR", "InspectBranch", "InspectBranch", "InspectFile"])
        self.warm()
        self.info("a")
        before = len(self.pfs.calls)
        self.info("a")
        self.info("b")
        self.assertEqual(self.pfs.calls[before:], ["InspectBranch"] * 4)

    def test_newer_record_is_read(self) -> None:
        """
        The last PUT of the same bytes wins at once, also when another gateway has made it.
        """
        self.keep(self.record)
        self.warm()
        self.keep(replace(self.record, metadata=Metadata({"content-type": "text/other"})))
        found = self.info("a").metadata
        assert found is not None
        self.assertEqual(found.content_type, "text/other")

    def test_other_bytes_have_no_record(self) -> None:
        """
        What somebody else has put at the path since is not described; the old version still is.
        """
        self.keep(self.record)
        old = self.info("a").version
        self.commit(self.pfs, self.repo_, "master", {"/a": b"other"})
        for _ in range(4):
            self.assertIsNone(self.info("a").metadata)
            self.assertEqual(self.info("a", old).metadata, TEXT)
            self.warm()

    def test_another_branch_shares_it(self) -> None:
        """
        The same bytes at the same path on another branch have the record; at another path they have not.
        """
        self.keep(self.record)
        self.commit(self.pfs, self.repo_, "dev", {"/a": b"alpha", "/copy": b"alpha"})
        dev = parse_bucket("dev.images")
        self.assertEqual(self.successResultOf(self.store.open(NOBODY, dev, "a")).info.metadata, TEXT)
        self.assertIsNone(self.successResultOf(self.store.open(NOBODY, dev, "copy")).info.metadata)

    def test_damaged_record(self) -> None:
        """
        A record that cannot be read leaves the defaults.
        """
        for damaged in (b"", b"{", b'{"pachgw":1,"kind":"object"}\n', b'{"pachgw":1,"kind":"object","path":1,"hash":"zz"}\n', b"\xff\xfe"):
            self.commit(self.pfs, self.repo_, OWN_BRANCH, {self.record.place: damaged})
            for _ in range(4):
                self.assertIsNone(self.info("a").metadata)

    def test_record_of_another_object(self) -> None:
        """
        A record that was put where another's belongs is not taken for it.
        """
        self.commit(self.pfs, self.repo_, OWN_BRANCH, {self.record.place: replace(self.record, path="/b").line()})
        for _ in range(4):
            self.assertIsNone(self.info("a").metadata)

    def test_directory_marker(self) -> None:
        """
        A directory's marker may have metadata too.
        """
        self.commit(self.pfs, self.repo_, "master", {"/d/.pachgw": b""})
        self.keep(ObjectRecord("/d/.pachgw", hash_of(b""), 0, 950.0, TEXT))
        for _ in range(4):
            self.assertEqual(self.info("d/").metadata, TEXT)

    def listed(self, store: ObjectStore) -> dict[str, float]:
        """
        The times that a listing tells.
        """
        listing = self.successResultOf(store.list(NOBODY, IMAGES, ListQuery()))
        return {info.key: info.modified for info in listing.objects}

    def test_listing_tells_what_head_does(self) -> None:
        """
        A gateway that has just started lists the records' times, whether it has few records to read or many.
        """
        self.keep(self.record)
        self.assertEqual(self.listed(self.store), {"a": 900.25, "b": 1000.0})
        self.patch(building, "EARLY", 0)
        late = ObjectStore(self.pfs, self.clock)
        self.listed(late)
        self.assertEqual(self.listed(late), {"a": 900.25, "b": 1000.0})

    def test_another_gateway_put_it(self) -> None:
        """
        What another gateway has put since is listed with its record's time, too.
        """
        self.warm()
        self.clock.advance(100)
        self.commit(self.pfs, self.repo_, "master", {"/new": b"new"})
        self.keep(ObjectRecord("/new", hash_of(b"new"), 3, 1090.5, TEXT))
        self.listed(self.store)
        self.assertEqual(self.listed(self.store), {"a": 1000.0, "b": 1000.0, "new": 1090.5})

    def test_too_many_records(self) -> None:
        """
        Where there are too many records to read, the commit's time is told.
        """
        self.keep(self.record)
        self.patch(dating, "MOST", 10)
        self.assertEqual(self.listed(self.store), {"a": 1000.0, "b": 1000.0})
