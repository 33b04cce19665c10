"""
Multipart uploads: parts, completing, giving up, and what survives a gateway.
"""

from __future__ import annotations

from typing import Optional

from pachgw.objects.changes import INLINE_LIMIT
from pachgw.objects.records import object_records
from pachgw.objects.values import CompletedPart, Part, Source
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.checksums import hasher, to_base64
from pachgw.s3.conditions import ANY, Conditions
from pachgw.s3.errors import (
    BadDigest,
    EntityTooSmall,
    InvalidFilePath,
    InvalidPart,
    InvalidPartOrder,
    InvalidRange,
    InvalidRequest,
    NoSuchUpload,
    ObjectParentIsFile,
    PreconditionFailed,
    S3Error,
)
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata
from tests.objects.store_case import BUCKET, CALLER
from tests.objects.upload_case import OWN, UploadTestCase, named


class CompleteTests(UploadTestCase):
    """
    From parts to an object.
    """

    def test_parts_become_an_object(self) -> None:
        """
        The object is the parts in their order, in one commit, with the upload's metadata; nothing is left of the parts.
        """
        id = self.begin()
        second = self.part(id, 2, b"second")
        first = self.part(id, 1, b"first ")
        info = self.complete(id, named(first, second)).info
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"first second"})
        self.assertEqual((info.size, info.version, self.commits()), (12, self.pfs.head().id, 1))
        self.assertEqual(info.metadata, Metadata(user={"colour": "blue"}))
        self.assertEqual(self.hidden(), [f"/completed/{id}"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_part(self) -> None:
        """
        An upload of one part, which may be small, even empty.
        """
        for content in (b"x", b""):
            id = self.begin()
            self.complete(id, named(self.part(id, 7, content)))
            self.assertEqual(self.pfs.head().files, {"/dir/big": content})

    def test_large_parts(self) -> None:
        """
        Parts that go through file sets.
        """
        id = self.begin()
        parts = [self.part(id, number, bytes([number]) * (INLINE_LIMIT + 1)) for number in (1, 2, 3)]
        self.complete(id, named(*parts))
        self.assertEqual(len(self.pfs.head().files["/dir/big"]), 3 * (INLINE_LIMIT + 1))

    def test_many_parts(self) -> None:
        """
        Parts beyond one layer's, in their order.
        """
        id = self.begin()
        parts = [self.part(id, number, f"{number:03}".encode()) for number in range(1, 600)]
        self.complete(id, named(*parts))
        self.assertEqual(self.pfs.head().files["/dir/big"], b"".join(f"{number:03}".encode() for number in range(1, 600)))

    def test_some_of_the_parts(self) -> None:
        """
        Parts that are not named are dropped, and a part that was uploaded again is the newer one.
        """
        id = self.begin()
        old, _, third = self.part(id, 1, b"old"), self.part(id, 2, b"unused"), self.part(id, 3, b"end")
        new = self.part(id, 1, b"new")
        with self.assertRaises(InvalidPart):
            self.complete(id, named(old, third))
        self.complete(id, named(new, third))
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"newend"})

    def test_another_gateway(self) -> None:
        """
        Another gateway goes on with the upload.
        """
        id = self.begin()
        first = self.part(id, 1, b"first ")
        other = self.another_store()
        second = self.part(id, 2, b"second", store=other)
        self.complete(id, named(first, second), store=other)
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"first second"})

    def test_repeated(self) -> None:
        """
        A Complete that is repeated has the same answer, also from another gateway, and makes no second commit.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"))
        first = self.complete(id, parts)
        self.now(self.put("dir/big", b"newer"))
        self.assertEqual(self.complete(id, parts), first)
        self.assertEqual(self.complete(id, parts, store=self.another_store()), first)
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"newer"})

    def test_repeated_at_the_same_time(self) -> None:
        """
        Two Completes of one upload that are in flight make one commit.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"))
        self.pfs.holding.add("ModifyFile")
        answers = [self.store.complete_upload(CALLER, BUCKET, "dir/big", id, parts) for _ in range(2)]
        for _ in range(6):
            self.pfs.release()
            self.clock.advance(1)
        self.assertEqual(self.successResultOf(answers[0]), self.successResultOf(answers[1]))
        self.assertEqual(self.commits(), 1)

    def die_after_the_object(self) -> tuple[str, list[CompletedPart]]:
        """
        Complete an upload, and lose the gateway between the object's commit and its record.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"), self.part(id, 2, b"second"))

        def die() -> None:
            if self.pfs.head().files:
                raise PFSError(Status.PERMISSION_DENIED, "dead")

        self.pfs.before["ModifyFile"] = die
        with self.assertRaises(S3Error):
            self.complete(id, parts)
        self.pfs.before.clear()
        self.assertEqual(self.commits(), 1)
        return id, parts

    def test_death_after_the_object(self) -> None:
        """
        After a death between the object's commit and its record, the repeated Complete finds the object.
        """
        id, parts = self.die_after_the_object()
        made = self.pfs.head().id
        info = self.complete(id, parts, store=self.another_store()).info
        self.assertEqual((info.version, self.commits()), (made, 1))
        self.assertEqual(self.hidden(), [f"/completed/{id}"])

    def test_death_before_the_metadata(self) -> None:
        """
        And what was to be kept beside the object, and was not yet, is kept before the repeated Complete is acknowledged.
        """
        id, parts = self.die_after_the_object()
        self.pfs.head(OWN).files = {path: content for path, content in self.pfs.head(OWN).files.items() if path.startswith("/uploads/")}
        self.complete(id, parts, store=self.another_store())
        found = list(object_records(b"".join(self.pfs.head(OWN).files.values())))
        self.assertEqual([(record.path, record.metadata.user, record.parts) for record in found], [("/dir/big", {"colour": "blue"}, 2)])
        self.assertEqual(len([path for path in self.pfs.head(OWN).files if path.startswith("/parts/")]), 1)

    def test_death_and_a_newer_object(self) -> None:
        """
        The same when somebody has replaced the object since: the newer one stays.
        """
        id, parts = self.die_after_the_object()
        made = self.pfs.head().id
        self.pfs.put("/dir/big", b"newer")
        info = self.complete(id, parts, store=self.another_store()).info
        self.assertEqual(info.version, made)
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"newer"})

    def test_death_before_the_object(self) -> None:
        """
        After a death before the object's commit, the repeated Complete makes it.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"), self.part(id, 2, b"second"))

        def die() -> None:
            if f"/uploads/{id}/completing" in self.pfs.head(OWN).files:
                raise PFSError(Status.PERMISSION_DENIED, "dead")

        self.pfs.before["ModifyFile"] = die
        with self.assertRaises(S3Error):
            self.complete(id, parts)
        self.pfs.before.clear()
        self.complete(id, parts, store=self.another_store())
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/dir/big": b"firstsecond"}, 1))

    def test_conditions(self) -> None:
        """
        A condition on Complete holds against what is there then; the upload can be completed later.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"))
        self.now(self.put("dir/big", b"there"))
        with self.assertRaises(PreconditionFailed):
            self.complete(id, parts, conditions=Conditions(if_none_match=ANY))
        self.delete("dir/big")
        self.complete(id, parts, conditions=Conditions(if_none_match=ANY))
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"first"})


class RefusedTests(UploadTestCase):
    """
    What cannot be done.
    """

    def test_missing_upload(self) -> None:
        """
        An upload that never was, of another key or bucket, or whose ID is none.
        """
        id = self.begin()
        dev = parse_bucket("dev.images")
        self.pfs.put("/x", b"", branch="dev")
        for key, upload in (("dir/big", "0" * 32), ("other", id), ("dir/big", "*"), ("dir/big", "../" + id), ("dir/big", "")):
            with self.assertRaises(NoSuchUpload):
                self.part(upload, 1, b"x", key=key)
            with self.assertRaises(NoSuchUpload):
                self.complete(upload, [CompletedPart(1, "x")], key=key)
            self.failureResultOf(self.store.list_parts(CALLER, BUCKET, key, upload), NoSuchUpload)
            self.failureResultOf(self.store.abort_upload(CALLER, BUCKET, key, upload), NoSuchUpload)
        self.failureResultOf(self.store.abort_upload(CALLER, dev, "dir/big", id), NoSuchUpload)

    def test_no_uploads_at_all(self) -> None:
        """
        In a repo where nothing was ever uploaded in parts.
        """
        with self.assertRaises(NoSuchUpload):
            self.part("0" * 32, 1, b"x")
        self.assertEqual(self.now(self.store.list_uploads(CALLER, BUCKET)).uploads, [])
        self.assertNotIn(OWN, self.pfs.branches)

    def test_parts(self) -> None:
        """
        Parts that are missing, out of order, too small, or not of the size that the client says; nothing is written.
        """
        id = self.begin()
        first, small, last = self.part(id, 1, b"first"), self.part(id, 2, b"xx"), self.part(id, 3, b"x")
        refusals: list[tuple[type[S3Error], list[CompletedPart], Optional[int]]] = [
            (InvalidPart, [*named(first), CompletedPart(4, first.etag)], None),
            (InvalidPart, [CompletedPart(1, last.etag)], None),
            (InvalidPartOrder, named(last, first), None),
            (InvalidPartOrder, named(first, first), None),
            (EntityTooSmall, named(first, small, last), None),
            (InvalidRequest, named(first, last), 7),
        ]
        for error, parts, size in refusals:
            with self.assertRaises(error):
                self.complete(id, parts, size=size)
        self.complete(id, named(first, last), size=6)
        self.assertEqual(self.commits(), 1)

    def test_keys(self) -> None:
        """
        A key that PFS cannot hold, a directory's, and one below an object.
        """
        self.pfs.put("/file", b"1")
        self.index_head()
        for key, error in (("a*", InvalidFilePath), ("dir/", InvalidFilePath), ("file/below", ObjectParentIsFile)):
            self.failureResultOf(self.store.create_upload(CALLER, BUCKET, key, Metadata()), error)

    def test_aborted(self) -> None:
        """
        Of an upload that was given up nothing is left, and nobody can go on with it.
        """
        id = self.begin()
        first = self.part(id, 1, b"first")
        self.now(self.store.abort_upload(CALLER, BUCKET, "dir/big", id))
        self.assertEqual(self.hidden(), [])
        with self.assertRaises(NoSuchUpload):
            self.part(id, 2, b"x")
        with self.assertRaises(NoSuchUpload):
            self.complete(id, named(first))


class ChecksumTests(UploadTestCase):
    """
    Checksums of the whole from those of the parts.
    """

    def sum(self, content: bytes) -> Checksum:
        """
        A CRC32.
        """
        crc = hasher("CRC32")
        crc.update(content)
        return Checksum("CRC32", to_base64(crc.digest()))

    def upload(self, type: ChecksumType) -> tuple[str, list[CompletedPart]]:
        """
        Two parts with checksums.
        """
        id = self.begin(algorithm="CRC32", checksum_type=type)
        parts = [self.part(id, number, content, sums=[self.sum(content)]) for number, content in ((1, b"first"), (2, b"second"))]
        return id, named(*parts)

    def test_full_object(self) -> None:
        """
        A full-object checksum is that of the object's bytes, and is held against what the client says.
        """
        id, parts = self.upload(ChecksumType.FULL_OBJECT)
        with self.assertRaises(BadDigest):
            self.complete(id, parts, checksum=self.sum(b"other"))
        total = self.sum(b"firstsecond")
        self.assertEqual(self.complete(id, parts, checksum=total).info.checksums, (total,))

    def test_composite(self) -> None:
        """
        A composite one is of the parts' checksums, and says how many they are.
        """
        id, parts = self.upload(ChecksumType.COMPOSITE)
        [total] = self.complete(id, parts).info.checksums
        self.assertEqual((total.type, total.value[-2:]), (ChecksumType.COMPOSITE, "-2"))

    def test_other_algorithm(self) -> None:
        """
        What is of another algorithm than the upload cannot be checked, and is refused.
        """
        id, parts = self.upload(ChecksumType.FULL_OBJECT)
        with self.assertRaises(InvalidRequest):
            self.complete(id, parts, checksum=Checksum("SHA1", to_base64(bytes(20)), ChecksumType.COMPOSITE))

    def test_parts_without(self) -> None:
        """
        Where the parts have no checksums, that of the whole cannot be checked, and is refused; without it they become an object.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"content"))
        with self.assertRaises(InvalidRequest):
            self.complete(id, parts, checksum=self.sum(b"content"))
        self.assertEqual(self.complete(id, parts).info.checksums, ())

    def test_of_a_part(self) -> None:
        """
        A part that is named with another checksum than it was uploaded with is not meant.
        """
        id, parts = self.upload(ChecksumType.COMPOSITE)
        wrong = [CompletedPart(part.number, part.etag, (self.sum(b"other"),)) for part in parts]
        with self.assertRaises(InvalidPart):
            self.complete(id, wrong)


class PartCopyTests(UploadTestCase):
    """
    Parts that come from objects.
    """

    def copy(self, id: str, number: int, start: Optional[int] = None, stop: Optional[int] = None) -> Part:
        """
        Copy (a range of) an object to a part.
        """
        source = Source(BUCKET, "source", start=start, stop=stop)
        return self.now(self.store.upload_part_copy(CALLER, BUCKET, "dir/big", id, number, source))

    def test_whole_and_range(self) -> None:
        """
        A whole object by reference, and a range of one.
        """
        self.pfs.put("/source", b"0123456789")
        id = self.begin()
        parts = [self.copy(id, 1), self.copy(id, 2, 2, 5), self.copy(id, 3, 0, 9)]
        self.assertEqual([part.size for part in parts], [10, 4, 10])
        self.complete(id, named(*parts))
        self.assertEqual(self.pfs.head().files["/dir/big"], b"012345678923450123456789")

    def test_range_outside(self) -> None:
        """
        A range that the source does not have.
        """
        self.pfs.put("/source", b"0123456789")
        id = self.begin()
        for start, stop in ((0, 10), (10, 10), (5, 4)):
            with self.assertRaises(InvalidRange):
                self.copy(id, 1, start, stop)
