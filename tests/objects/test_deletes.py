"""
DeleteObject, DeleteObjects and the markers of directories.
"""

from __future__ import annotations

from pachgw.objects.values import Deletion
from pachgw.s3.errors import NotImplemented, PreconditionFailed
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase


class DeleteTests(StoreTestCase):
    """
    Taking away.
    """

    def test_there(self) -> None:
        """
        An object is gone in a commit of its own, which the answer names.
        """
        self.pfs.put("/a", b"1")
        deleted = self.delete("a")
        self.assertEqual(self.pfs.head().files, {})
        self.assertEqual(deleted.version, self.pfs.head().id)

    def test_not_there(self) -> None:
        """
        What is not there, cannot be there, or is a directory makes no commit and no error.
        """
        self.pfs.put("/dir/a", b"1")
        for key in ("missing", "a*", "dir", "dir/", "missing/"):
            self.assertIsNone(self.delete(key).version)
        self.assertEqual(self.commits(), 1)

    def test_many(self) -> None:
        """
        Any number of keys go in one commit; what is not there is no error.
        """
        for number in range(20):
            self.pfs.put(f"/{number}", b"1")
        keys = [Deletion(str(number)) for number in range(20)] + [Deletion("missing"), Deletion("*")]
        deleted = self.now(self.store.delete_many(CALLER, BUCKET, keys))
        self.assertEqual([one.key for one in deleted], [one.key for one in keys])
        self.assertEqual({one.error for one in deleted}, {None})
        self.assertEqual((self.pfs.head().files, self.commits()), ({}, 21))

    def test_many_that_are_not_there(self) -> None:
        """
        With an index at hand, deleting what is not there makes no commit.
        """
        self.pfs.put("/a", b"1")
        self.index_head()
        self.now(self.store.delete_many(CALLER, BUCKET, [Deletion(f"missing{number}") for number in range(20)]))
        self.assertEqual(self.commits(), 1)

    def test_many_with_conditions(self) -> None:
        """
        Each key has its own outcome: a version cannot go, an ETag must fit.
        """
        etag = self.now(self.put("a", b"1")).info.etag
        self.now(self.put("b", b"1"))
        keys = [Deletion("a", etag=etag), Deletion("b", etag="other"), Deletion("c", version="0" * 32)]
        first, second, third = self.now(self.store.delete_many(CALLER, BUCKET, keys))
        self.assertEqual((first.error, first.version), (None, self.pfs.head().id))
        self.assertIsInstance(second.error, PreconditionFailed)
        self.assertIsInstance(third.error, NotImplemented)
        self.assertEqual(self.pfs.head().files, {"/b": b"1"})


class MarkerTests(StoreTestCase):
    """
    Keys that end in a slash.
    """

    def test_empty_directory(self) -> None:
        """
        A directory without files is an empty file, which goes with the marker.
        """
        info = self.now(self.put("dir/")).info
        self.assertTrue(info.marker)
        self.assertEqual(self.pfs.head().files, {"/dir/.pachgw": b""})
        self.delete("dir/")
        self.assertEqual(self.pfs.head().files, {})

    def test_directory_with_files(self) -> None:
        """
        A directory that has files is there already, and deleting its marker deletes none of them.
        """
        self.pfs.put("/dir/a", b"1")
        self.now(self.put("dir/"))
        self.delete("dir/")
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/dir/a": b"1"}, 1))

    def test_first_file(self) -> None:
        """
        The marker goes when a file comes, also one further below.
        """
        self.now(self.put("dir/"))
        self.now(self.put("dir/sub/a", b"1"))
        self.assertEqual(self.pfs.head().files, {"/dir/sub/a": b"1"})

    def test_marker_and_file_in_flight(self) -> None:
        """
        A marker and a file in it that are in flight together leave the file alone in the directory.
        """
        self.pfs.holding.add("ModifyFile")
        answers = [self.put("first", b"1"), self.put("dir/"), self.put("dir/a", b"1")]
        for _ in range(4):
            self.pfs.release()
            self.clock.advance(1)
        for answer in answers:
            self.successResultOf(answer)
        self.assertEqual(set(self.pfs.head().files), {"/first", "/dir/a"})
