"""
Listing uploads and parts, and forgetting what is stale.
"""

from __future__ import annotations

from pachgw.objects.stale_uploads import AGE, INTERVAL
from pachgw.s3.errors import (
    NoSuchUpload,
)
from tests.objects.bodies import FakeBody
from tests.objects.store_case import BUCKET, CALLER
from tests.objects.upload_case import OWN, UploadTestCase, named


class ListingTests(UploadTestCase):
    """
    ListParts and ListMultipartUploads.
    """

    def test_parts_by_pages(self) -> None:
        """
        Parts come by number, page after page, with what is known of them.
        """
        id = self.begin()
        parts = [self.part(id, number, b"x" * number) for number in (3, 1, 2)]
        page = self.now(self.store.list_parts(CALLER, BUCKET, "dir/big", id, limit=2))
        self.assertEqual(([part.number for part in page.parts], page.truncated), ([1, 2], True))
        rest = self.now(self.store.list_parts(CALLER, BUCKET, "dir/big", id, after=2))
        self.assertEqual((list(rest.parts), rest.truncated), ([parts[0]], False))

    def test_uploads_by_pages(self) -> None:
        """
        Uploads come by key and then by when they began, page after page.
        """
        ids = []
        for key in ("b", "a", "b", "c"):
            ids.append((key, self.begin(key)))
            self.clock.advance(1)
        expected = [ids[1], ids[0], ids[2], ids[3]]
        found: list[tuple[str, str]] = []
        markers = ("", "")
        while True:
            page = self.now(self.store.list_uploads(CALLER, BUCKET, "", "", *markers, limit=1))
            found.extend((upload.key, upload.id) for upload in page.uploads)
            if not page.truncated:
                break
            markers = (page.next_key, page.next_id)
        self.assertEqual(found, expected)

    def test_uploads_by_prefix_and_delimiter(self) -> None:
        """
        Prefix and delimiter work as in a listing of objects.
        """
        for key in ("a/1", "a/2", "b", "c/d/1", "other"):
            self.begin(key)
        page = self.now(self.store.list_uploads(CALLER, BUCKET, delimiter="/"))
        self.assertEqual(([upload.key for upload in page.uploads], page.prefixes), (["b", "other"], ["a/", "c/"]))
        page = self.now(self.store.list_uploads(CALLER, BUCKET, prefix="c/", delimiter="/"))
        self.assertEqual(([upload.key for upload in page.uploads], page.prefixes), ([], ["c/d/"]))
        first = self.now(self.store.list_uploads(CALLER, BUCKET, delimiter="/", limit=1))
        self.assertEqual((first.prefixes, first.next_key), (["a/"], "a/"))
        second = self.now(self.store.list_uploads(CALLER, BUCKET, delimiter="/", key_marker="a/", limit=1))
        self.assertEqual(([upload.key for upload in second.uploads], second.prefixes), (["b"], []))

    def test_parts_in_flight_share_commits(self) -> None:
        """
        Many parts in flight make few commits.
        """
        id = self.begin()
        before = len(self.pfs.history(OWN))
        self.pfs.holding.add("ModifyFile")
        answers = [self.store.upload_part(CALLER, BUCKET, "dir/big", id, number, FakeBody(b"xxx")) for number in range(1, 65)]
        for _ in range(3):
            self.pfs.release()
            self.clock.advance(1)
        for answer in answers:
            self.successResultOf(answer)
        self.assertEqual(len(self.pfs.history(OWN)) - before, 2)


class StaleTests(UploadTestCase):
    """
    Uploads that nobody goes on with.
    """

    def test_collected(self) -> None:
        """
        What is older than the set age is forgotten when somebody begins an upload; what is younger stays.
        """
        old, done = self.begin("old"), self.begin("done")
        self.part(old, 1, b"first", key="old")
        parts = named(self.part(done, 1, b"first", key="done"))
        self.complete(done, parts, key="done")
        self.clock.advance(AGE - 100)
        young = self.begin("young")
        self.assertIn(f"/uploads/{old}/upload", self.hidden())
        self.clock.advance(INTERVAL + 100)
        new = self.begin("new")
        self.assertEqual(self.hidden(), sorted(f"/uploads/{id}/upload" for id in (young, new)))
        with self.assertRaises(NoSuchUpload):
            self.part(old, 2, b"x", key="old")
        with self.assertRaises(NoSuchUpload):
            self.complete(done, parts, key="done")

    def test_left_over(self) -> None:
        """
        A part that came while its upload was given up goes too.
        """
        self.begin("a")
        self.pfs.put("/uploads/0123/parts/00001", b"x", branch=OWN)
        self.clock.advance(INTERVAL)
        self.begin("b")
        self.assertNotIn("/uploads/0123/parts/00001", self.hidden())

    def test_nothing_stale(self) -> None:
        """
        Looking makes no commit.
        """
        self.begin("a")
        before = len(self.pfs.history(OWN))
        self.clock.advance(INTERVAL)
        self.begin("b")
        self.assertEqual(len(self.pfs.history(OWN)), before + 1)
