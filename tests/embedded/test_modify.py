"""
Writing files: to branches, to open commits, by copying, and what collides.
"""

from __future__ import annotations

from collections.abc import Iterator

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import PFSCase, add, by_id, copy, delete, file_set, head


class ModifyTests(PFSCase):
    """
    ModifyFile on a branch.
    """

    def test_appends(self) -> None:
        """
        AddFile appends, within a stream and to what the parent holds; the file is then as if it had been written at once.
        """
        self.write(add("/a", b"one "), add("/b", b"x"), add("/a", b"two "))
        self.write(add("/a", b"three"))
        self.assertEqual(self.files(), {"/a": b"one two three", "/b": b"x"})
        self.write(add("/at-once", b"one two three"))
        inspected = [self.do(methods.INSPECT_FILE, file=messages.file(head(), path)).hash for path in ("/a", "/at-once")]
        self.assertEqual(inspected[0], inspected[1])

    def test_appends_to_a_large_file(self) -> None:
        """
        What is appended to a large file is not copied into it.
        """
        large = bytes(range(256)) * 4096
        self.write(add("/a", large))
        self.write(add("/a", b"tail"))
        self.assertEqual(self.read("/a"), large + b"tail")

    def test_replaces(self) -> None:
        """
        DeleteFile and then AddFile replaces; the other way round deletes.
        """
        self.write(add("/a", b"old"), add("/b", b"old"))
        self.write(delete("/a"), add("/a", b"new"), add("/b", b"more"), delete("/b"))
        self.assertEqual(self.files(), {"/a": b"new"})

    def test_directory_deleted(self) -> None:
        """
        A directory's path deletes all below it, of the parent and of the stream so far; what comes later stays.
        """
        self.write(add("/d/1", b"1"), add("/d/e/2", b"2"), add("/dd", b"3"))
        self.write(add("/d/3", b"gone"), delete("/d/"), add("/d/1", b"new"))
        self.assertEqual(self.files(), {"/d/1": b"new", "/dd": b"3"})
        self.write(delete("/"), add("/x", b"y"))
        self.assertEqual(self.files(), {"/x": b"y"})

    def test_all_or_nothing(self) -> None:
        """
        A bad path in a stream leaves no commit and no files; so does a stream that breaks.
        """
        self.write(add("/a", b"1"))
        before = self.info().commit.id
        with self.refuses("globbing character (*) not allowed"):
            self.write(add("/b", b"2"), add("/c*", b"3"))

        def broken() -> Iterator[pfs.ModifyFileRequest]:
            yield pfs.ModifyFileRequest(set_commit=head())
            yield add("/b", b"2" * 100_000)
            raise OSError("gone")

        with self.assertRaises(OSError):
            self.pfs.procedures[methods.MODIFY_FILE.path](broken(), InnerCall())
        self.assertEqual((self.info().commit.id, self.paths()), (before, ["/a"]))
        self.assertEqual(list((self.folder / "data" / "unfinished").iterdir()), [])

    def test_caller_gone(self) -> None:
        """
        When the caller goes away in the middle, nothing is applied.
        """
        call = InnerCall()

        def leaving() -> Iterator[pfs.ModifyFileRequest]:
            yield pfs.ModifyFileRequest(set_commit=head())
            yield add("/b", b"2")
            call.cancel()
            yield add("/c", b"3")

        with self.refuses("canceled", Code.CANCELLED):
            self.pfs.procedures[methods.MODIFY_FILE.path](leaving(), call)
        with self.refuses("not found", Code.NOT_FOUND):
            self.info()

    def test_makes_the_branch(self) -> None:
        """
        A branch that does not exist is made, without a parent commit; a branch cannot be named like a path.
        """
        self.write(add("/a", b"1"), to=head("new"))
        self.assertFalse(self.info(head("new")).HasField("parent_commit"))
        with self.refuses("only alphanumeric"):
            self.write(add("/a", b"1"), to=head("a b"))

    def test_first_message(self) -> None:
        """
        The stream must begin with the commit, and name it only once.
        """
        with self.refuses("first message must be a commit"):
            self.pfs.procedures[methods.MODIFY_FILE.path](iter([add("/a", b"1")]), InnerCall())
        with self.refuses("cannot set commit"):
            self.write(pfs.ModifyFileRequest(set_commit=head()))
        with self.refuses("URL"):
            self.write(pfs.ModifyFileRequest(add_file=pfs.AddFile(path="/a", url=pfs.AddFile.URLSource(URL="http://x"))))

    def test_open_commit(self) -> None:
        """
        While the head is open, writes land in it and can be read, but the parent stays as it was.
        """
        self.write(add("/a", b"1"))
        parent = self.info().commit
        opened = self.start()
        self.write(add("/b", b"2"), delete("/a"))
        self.write(add("/b", b"3"), to=by_id(opened))
        self.assertEqual(self.files(), {"/b": b"23"})
        self.assertEqual(self.files(parent), {"/a": b"1"})
        self.finish(by_id(opened))
        self.assertEqual(self.files(), {"/b": b"23"})
        self.assertEqual(self.info().details.size_bytes, 2)

    def test_open_commit_emptied(self) -> None:
        """
        Deleting a directory in an open commit takes what the parent holds there, also when the commit is taken as a file set.
        """
        self.write(add("/d/1", b"1"))
        opened = self.start()
        self.write(delete("/d/"))
        self.finish(by_id(opened))
        self.assertEqual(self.paths(), [])
        diff = self.do(methods.GET_FILE_SET, commit=by_id(opened), type=pfs.GetFileSetRequest.DIFF).file_set_id
        self.write(add("/d/1", b"1"), to=head("other"))
        again = self.start("other")
        self.do(methods.ADD_FILE_SET, commit=by_id(again), file_set_id=diff)
        self.finish(by_id(again))
        self.assertEqual(self.paths(head("other")), [])


class CopyTests(PFSCase):
    """
    CopyFile.
    """

    def setUp(self) -> None:
        super().setUp()
        self.write(add("/a", b"1"), add("/d/b", b"2"), add("/d/e/c", b"3"), add("/dd", b"4"))

    def source(self, path: str) -> pfs.File:
        """
        A path at the head.
        """
        return messages.file(head(), path)

    def test_file_and_directory(self) -> None:
        """
        A file or a whole directory goes to another place; what is beside it does not.
        """
        self.write(copy(self.source("/a"), "/x/y"), copy(self.source("/d"), "/z"))
        self.assertEqual(self.paths(), ["/a", "/d/b", "/d/e/c", "/dd", "/x/y", "/z/b", "/z/e/c"])
        self.assertEqual(self.read("/z/e/c"), b"3")

    def test_root(self) -> None:
        """
        The root can be copied into a directory.
        """
        self.write(copy(self.source("/"), "/all"))
        self.assertEqual(self.read("/all/d/e/c"), b"3")

    def test_replaces_or_appends(self) -> None:
        """
        A copy replaces what is there, or is appended to it if that is asked.
        """
        self.write(copy(self.source("/dd"), "/a"))
        self.write(copy(self.source("/a"), "/d/b", append=True))
        self.assertEqual((self.read("/a"), self.read("/d/b")), (b"4", b"24"))

    def test_two_to_one_place(self) -> None:
        """
        Two that are appended to one path in one stream make the file ambiguous, and the commit fails.
        """
        self.write(copy(self.source("/a"), "/x", append=True), copy(self.source("/dd"), "/x", append=True))
        self.assertIn("duplicate path output by different datums (/x from default and /x from default)", self.info().error)
        with self.refuses("duplicate path output by different datums"):
            self.read("/x")
        self.write(add("/y", b""))
        self.assertNotIn("/x", self.paths())

    def test_from_a_file_set(self) -> None:
        """
        The source may be a file set; the content outlives it.
        """
        made = self.make_set(add("/part", b"from a set"))
        self.write(copy(messages.file(file_set(made), "/part"), "/copied"))
        self.time += 10_000
        self.assertEqual(self.read("/copied"), b"from a set")


class CollisionTests(PFSCase):
    """
    What cannot be stored together.
    """

    def test_file_above(self) -> None:
        """
        A file below a file: the commit ends with an error, can be read in parts, and its children do not have its content.
        """
        self.write(add("/a", b"1"))
        self.write(add("/a/b/c", b"2"), add("/other", b"3"))
        info = self.info()
        self.assertEqual(info.error, "file / directory path collision (/a/b/c)")
        self.assertEqual(self.read("/other"), b"3")
        with self.refuses("file / directory path collision (/a/b/c)"):
            self.do(methods.INSPECT_FILE, file=messages.file(head(), "/a"))
        with self.refuses("file / directory path collision (/a/b/c)"):
            self.do(methods.INSPECT_FILE, file=messages.file(head(), "/"))
        self.write(add("/after", b"4"))
        self.assertEqual(self.files(), {"/a": b"1", "/after": b"4"})

    def test_directory_below(self) -> None:
        """
        A file where there is a directory, also with names in between that sort before the slash.
        """
        self.write(add("/a/b", b"1"), add("/a-b", b"2"))
        self.write(add("/a", b"3"))
        self.assertEqual(self.info().error, "file / directory path collision (/a/b)")

    def test_in_one_commit(self) -> None:
        """
        Both may come in the same commit; a delete of the one makes way for the other.
        """
        self.write(add("/a", b"1"), add("/a/b", b"2"))
        self.assertIn("collision (/a/b)", self.info().error)
        self.write(add("/a", b"1"))
        self.write(delete("/a"), add("/a/b", b"2"))
        self.assertEqual((self.info().error, self.files()), ("", {"/a/b": b"2"}))

    def test_successive_errors(self) -> None:
        """
        Of two failed commits in a row neither leaves anything.
        """
        self.write(add("/a", b"1"))
        self.write(add("/a/b", b"2"))
        self.write(add("/a/c", b"2"))
        self.assertIn("collision (/a/c)", self.info().error)
        self.write(add("/d", b"4"))
        self.assertEqual((self.info().error, self.paths()), ("", ["/a", "/d"]))

    def test_open_commit(self) -> None:
        """
        In an open commit a collision shows as soon as it is read, and ClearCommit heals it.
        """
        self.write(add("/a", b"1"))
        opened = self.start()
        self.write(add("/a/b", b"2"))
        with self.refuses("collision (/a/b)"):
            self.do(methods.WALK_FILE, file=messages.file(head(), "/"))
        self.do(methods.CLEAR_COMMIT, commit=by_id(opened))
        self.finish(by_id(opened))
        self.assertEqual((self.info().error, self.paths()), ("", ["/a"]))

    def test_tags(self) -> None:
        """
        A file under two tags is an error; deleting without a tag removes only what has none.
        """
        self.write(add("/a", b"1", "mine"))
        self.assertEqual(self.do(methods.INSPECT_FILE, file=messages.file(head(), "/a")).file.datum, "mine")
        self.write(delete("/a"), add("/a", b"2"))
        self.assertEqual(self.info().error, "duplicate path output by different datums (/a from default and /a from mine)")
        self.write(delete("/a", "mine"), add("/a", b"2"))
        self.assertEqual((self.info().error, self.files()), ("", {"/a": b"2"}))

    def test_finished_with_an_error(self) -> None:
        """
        Who finishes a commit with an error of his own discards its content as well.
        """
        self.write(add("/a", b"1"))
        opened = self.start()
        self.write(add("/b", b"2"))
        self.finish(by_id(opened), error="no good")
        self.assertEqual(self.info().error, "no good")
        self.write(add("/c", b"3"))
        self.assertEqual(self.paths(), ["/a", "/c"])
