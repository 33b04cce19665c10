"""
A repo whose hidden branch somebody has deleted, or squashed: what was kept there is gone, the objects are not.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred

from pachgw.objects import part_checks
from pachgw.objects.store import ObjectStore
from pachgw.objects.values import CompletedPart
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import NoSuchUpload
from pachgw.s3.metadata import Metadata
from tests.objects.bodies import FakeBody
from tests.objects.test_writing_embedded import BLUE, IMAGES, NOBODY, EmbeddedWritingTestCase

OWN = "_pachgw_"


class OwnBranchTestCase(EmbeddedWritingTestCase):
    """
    A repo with an object that has a record, and an upload with a part, at a gateway that knows both.
    """

    def setUp(self) -> None:
        """Make them."""
        super().setUp()
        self.patch(part_checks, "SMALLEST", 3)
        self.now(self.put("a", b"1", BLUE))
        self.upload = self.now(self.store.create_upload(NOBODY, IMAGES, "big", BLUE)).id
        self.part = self.now(self.send_part(self.store))
        for store in (self.store, ObjectStore(self.pfs, self.clock)):
            self.assertEqual(self.now(store.open(NOBODY, IMAGES, "a")).info.metadata, BLUE)
        self.keys(self.store)

    def send_part(self, store: ObjectStore) -> Deferred[CompletedPart]:
        """Upload the part."""
        sending = store.upload_part(NOBODY, IMAGES, "big", self.upload, 1, FakeBody(b"abc"))
        return sending.addCallback(lambda part: CompletedPart(part.number, part.etag))

    def complete(self, store: ObjectStore) -> Deferred[object]:
        """Complete the upload."""
        return store.complete_upload(NOBODY, IMAGES, "big", self.upload, [self.part])  # type: ignore[return-value]


class DeletedTests(OwnBranchTestCase):
    """
    The branch has been deleted, also for a gateway that has just read from it.
    """

    def setUp(self) -> None:
        """Delete it."""
        super().setUp()
        request = pfs.DeleteBranchRequest(branch=messages.branch(self.images, OWN))
        self.now(self.pfs.call(methods.DELETE_BRANCH, request))
        self.stores = (self.store, ObjectStore(self.pfs, self.clock))

    def test_reading(self) -> None:
        """The object is there, with the defaults."""
        for store in self.stores:
            found = self.now(store.open(NOBODY, IMAGES, "a"))
            self.assertIn(found.info.metadata, (None, Metadata()))
            self.assertEqual(b"".join(self.now(found.content(0, 1).read())), b"1")
            self.assertEqual(self.keys(store), ["a"])

    def test_uploads_begun_before(self) -> None:
        """They are gone, for whatever is asked of them."""
        for store in self.stores:
            ask: list[Callable[[], Deferred[object]]] = [
                lambda store=store: self.send_part(store),  # type: ignore[misc]
                lambda store=store: self.complete(store),  # type: ignore[misc]
                lambda store=store: store.list_parts(NOBODY, IMAGES, "big", self.upload),  # type: ignore[misc]
                lambda store=store: store.abort_upload(NOBODY, IMAGES, "big", self.upload),  # type: ignore[misc]
            ]
            for question in ask:
                self.refused(question(), NoSuchUpload)
            self.assertEqual(self.now(store.list_uploads(NOBODY, IMAGES)).uploads, [])
        self.assertEqual(self.keys(), ["a"])

    def test_writing(self) -> None:
        """What is put from now on has its records again, and needs no record there before."""
        for number, store in enumerate(self.stores):
            self.now(store.put(NOBODY, IMAGES, "plain", FakeBody(b"1"), Metadata()))
            self.now(store.delete(NOBODY, IMAGES, "plain"))
            self.now(store.put(NOBODY, IMAGES, f"b{number}", FakeBody(b"1"), BLUE))
            self.assertEqual(self.read(f"b{number}")[0].metadata, BLUE)

    def test_uploads_begun_after(self) -> None:
        """They work."""
        for number, store in enumerate(self.stores):
            key = f"new{number}"
            id = self.now(store.create_upload(NOBODY, IMAGES, key, BLUE)).id
            part = self.now(store.upload_part(NOBODY, IMAGES, key, id, 1, FakeBody(b"abc")))
            self.now(store.complete_upload(NOBODY, IMAGES, key, id, [CompletedPart(1, part.etag)]))
            info, content = self.read(key)
            self.assertEqual((content, info.metadata), (b"abc", BLUE))


class SquashedTests(OwnBranchTestCase):
    """
    All commits of the branch but the last have been squashed.
    """

    def test_nothing_is_lost(self) -> None:
        """Records are there, and the upload is completed."""
        for info in self.history(OWN)[1:]:
            request = pfs.SquashCommitRequest(commit=messages.commit(self.images, info.commit.id))
            self.now(self.pfs.call(methods.SQUASH_COMMIT, request))
        self.assertEqual(len(self.history(OWN)), 1)
        self.now(self.put("b", b"1", BLUE))
        self.now(self.complete(self.store))
        self.assertEqual(self.read("big")[1], b"abc")
        for key in ("a", "b", "big"):
            self.assertEqual(self.read(key)[0].metadata, BLUE)
