"""
CopyObject and UploadPartCopy: by reference, between any two places.
"""

from __future__ import annotations

from typing import Optional

from pachgw.objects.changes import hash_of
from pachgw.objects.values import Source, Written, etag_of
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.conditions import ANY, NONE, Conditions
from pachgw.s3.errors import InvalidRequest, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed
from pachgw.s3.metadata import Metadata
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase

DEV = parse_bucket("dev.images")


class CopyTests(StoreTestCase):
    """
    Copies of whole objects.
    """

    def copy(
        self,
        key: str,
        to: str,
        version: Optional[str] = None,
        conditions: Conditions = NONE,
        bucket: Bucket = BUCKET,
        metadata: Optional[Metadata] = None,
        target: Conditions = NONE,
    ) -> Written:
        """
        Copy from master.
        """
        source = Source(BUCKET, key, version, conditions)
        return self.now(self.store.copy(CALLER, source, bucket, to, metadata, target))

    def test_within_a_branch(self) -> None:
        """
        The copy has the source's content, and no byte of it was sent.
        """
        self.pfs.put("/a", b"x" * 1_000_000)
        info = self.copy("a", "dir/b").info
        self.assertEqual(self.pfs.head().files["/dir/b"], b"x" * 1_000_000)
        self.assertEqual((info.size, info.version), (1_000_000, self.pfs.head().id))
        self.assertLess(self.pfs.largest_message, 1000)

    def test_to_another_branch(self) -> None:
        """
        From one bucket to another, which keeps what it has.
        """
        self.pfs.put("/a", b"1")
        self.pfs.put("/b", b"2", branch="dev")
        self.copy("a", "c", bucket=DEV)
        self.assertEqual(self.pfs.head("dev").files, {"/b": b"2", "/c": b"1"})

    def test_from_a_version(self) -> None:
        """
        An old version comes back.
        """
        old = self.now(self.put("a", b"old")).info
        self.now(self.put("a", b"new"))
        self.copy("a", "a", version=old.version)
        self.assertEqual(self.pfs.head().files, {"/a": b"old"})

    def test_names_that_are_globs(self) -> None:
        """
        The source is taken by its name, whatever characters it has.
        """
        self.pfs.put("/a\\b", b"1")
        self.assertEqual(self.copy("a\\b", "c").info.hash, hash_of(b"1"))

    def test_missing(self) -> None:
        """
        What is not there is not copied, and makes no commit.
        """
        self.assertRaises(NoSuchKey, self.copy, "missing", "b")
        self.assertRaises(NoSuchVersion, self.copy, "missing", "b", "0" * 32)
        self.assertRaises(NoSuchBucket, self.copy, "missing", "b", bucket=parse_bucket("nope.images"))
        self.assertEqual(self.commits(), 0)

    def test_conditions(self) -> None:
        """
        Conditions on the source and on the target.
        """
        self.pfs.put("/a", b"1")
        self.pfs.put("/b", b"2")
        self.assertRaises(PreconditionFailed, self.copy, "a", "c", conditions=Conditions(if_match=("other",)))
        self.assertRaises(PreconditionFailed, self.copy, "a", "b", target=Conditions(if_none_match=ANY))
        one, two = (Conditions(if_match=(etag_of(hash_of(content)),)) for content in (b"1", b"2"))
        self.copy("a", "b", conditions=one, target=two)
        self.assertEqual(self.pfs.head().files, {"/a": b"1", "/b": b"1"})

    def test_onto_itself(self) -> None:
        """
        Onto itself only when something changes.
        """
        self.pfs.put("/a", b"1")
        self.assertRaises(InvalidRequest, self.copy, "a", "a")
        written = self.copy("a", "a", metadata=Metadata(user={"colour": "blue"}))
        self.assertEqual(written.info.metadata, Metadata(user={"colour": "blue"}))
        self.assertEqual(self.pfs.head().files, {"/a": b"1"})

    def test_empty_and_marker(self) -> None:
        """
        An empty object, and a directory's marker.
        """
        self.pfs.put("/empty", b"")
        self.copy("empty", "b")
        self.copy("empty", "dir/")
        self.assertEqual(self.pfs.head().files, {"/empty": b"", "/b": b"", "/dir/.pachgw": b""})
