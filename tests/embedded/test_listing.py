"""
Listing and reading files: compared with a naive model over a set of paths, and the cases that need a look of their own.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Any

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import PFSCase, add, delete, file_set, head

PATHS = ["/A", "/a", "/a-b/c", "/a0", "/b-c", "/b.d", "/b/1", "/b/2/x", "/b/2/y", "/b/3", "/b0/z", "/z/z/z"]
MARKERS = [
    "",
    "/",
    "/A",
    "/a-",
    "/a-b/",
    "/a-b/c",
    "/b",
    "/b/",
    "/b/1",
    "/b/2",
    "/b/2/",
    "/b/2/x",
    "/b/2/zz",
    "/b/9",
    "/b0",
    "/z/z/",
    "/zz",
]
DIRECTORIES = ["/", "/b", "/b/2", "/z", "/none", "/a"]


def implied(paths: list[str]) -> list[str]:
    """
    Paths with the directories that they imply, in order.
    """
    return sorted({*paths, *(path[: place + 1] for path in paths for place, char in enumerate(path) if char == "/")})


def after(entries: list[str], marker: str, number: int, reverse: bool) -> list[str]:
    """
    A page of entries as PFS cuts it.
    """
    if marker:
        entries = [entry for entry in entries if (entry < marker if reverse else entry >= marker)]
        entries = [entry for entry in entries if (entry.rstrip("/") or "/") != (marker.rstrip("/") or "/")]
    return (entries[::-1] if reverse else entries)[: number or None]


class PageTests(PFSCase):
    """
    ListFile and WalkFile, page by page.
    """

    def setUp(self) -> None:
        super().setUp()
        self.write(*(add(path, path.encode()) for path in PATHS))

    def compare(self, method: methods.ServerStream[Any, Any], entries_of: Callable[[str], list[str]]) -> None:
        """
        Ask for every directory, marker, number and direction.
        """
        for directory in DIRECTORIES:
            for marker in MARKERS:
                for number, reverse in ((0, False), (1, False), (3, False), (2, True), (100, True)):
                    fields: dict[str, Any] = {"file": messages.file(head(), directory), "number": number, "reverse": reverse}
                    if marker:
                        fields["paginationMarker"] = pfs.File(path=marker)
                    expected = after(entries_of(directory), marker, number, reverse)
                    if method is methods.WALK_FILE and not expected and directory != "/":
                        continue
                    found = [info.file.path for info in self.do(method, **fields)]
                    self.assertEqual(found, expected, f"{method.name} {directory} {marker} {number} {reverse}")

    def test_list(self) -> None:
        """
        What lies in a directory, or the file itself.
        """

        def entries(directory: str) -> list[str]:
            top = directory.rstrip("/") + "/"
            inside = [path for path in implied(PATHS) if path.startswith(top) and path != top]
            return [path for path in inside if "/" not in path[len(top) :].rstrip("/")] or [path for path in PATHS if path == directory]

        self.compare(methods.LIST_FILE, entries)

    def test_walk(self) -> None:
        """
        A directory with all below it, or the file itself.
        """

        def entries(directory: str) -> list[str]:
            return [path for path in implied(PATHS) if path == directory or path.startswith(directory.rstrip("/") + "/")]

        self.compare(methods.WALK_FILE, entries)

    def test_missing(self) -> None:
        """
        A directory that is not there, or none of which is left after the marker, is an error of WalkFile.
        """
        for fields in (
            {"file": messages.file(head(), "/none")},
            {"file": messages.file(head(), "/b"), "paginationMarker": pfs.File(path="/c")},
        ):
            with self.refuses("does not contain item", Code.NOT_FOUND):
                self.do(methods.WALK_FILE, **fields)

    def test_limits(self) -> None:
        """
        Reverse needs a number, and a number has a limit.
        """
        for method in (methods.LIST_FILE, methods.WALK_FILE):
            with self.refuses("number must be > 0 when reverse is true"):
                self.do(method, file=messages.file(head(), "/"), reverse=True)
            with self.refuses("cannot return more than 100000"):
                self.do(method, file=messages.file(head(), "/"), number=100_001)

    def test_glob(self) -> None:
        """
        Patterns give files and directories in order; a range cuts them.
        """
        for pattern, expected in {
            "/b*": ["/b-c", "/b.d", "/b/", "/b0/"],
            "b/*": ["/b/1", "/b/2/", "/b/3"],
            "/b/*/?": ["/b/2/x", "/b/2/y"],
            "/{a,z/**}": ["/a", "/z/z/", "/z/z/z"],
            "/b/2/": ["/b/2/"],
            "/[!b]": ["/A", "/a", "/z/"],
            "/": ["/"],
            "**": [path for path in implied(PATHS) if path != "/"],
        }.items():
            found = [info.file.path for info in self.do(methods.GLOB_FILE, commit=head(), pattern=pattern)]
            self.assertEqual(found, expected, pattern)
        cut = pfs.PathRange(lower="/b/2/y", upper="/b0/z")
        found = [info.file.path for info in self.do(methods.GLOB_FILE, commit=head(), pattern="**", path_range=cut)]
        self.assertEqual(found, ["/b/2/y", "/b/3", "/b0/"])

    def test_read_by_pattern(self) -> None:
        """
        GetFile takes a pattern for exactly one file.
        """
        request = pfs.GetFileRequest(file=messages.file(head(), "/b/[1]"))
        self.assertEqual(b"".join(self.pfs.content(request, InnerCall())), b"/b/1")
        for path, phrase in (("/b/*", "cannot get directory"), ("/c?", "not found"), ("/b/2/*", "matched multiple files")):
            request = pfs.GetFileRequest(file=messages.file(head(), path))
            with self.refuses(phrase, Code.NOT_FOUND if "not found" in phrase else Code.UNKNOWN):
                list(self.pfs.content(request, InnerCall()))

    def test_tar(self) -> None:
        """
        GetFileTAR gives an archive that other programs read.
        """
        self.write(add("/b/" + "long/" * 40 + "name", bytes(5000)))
        messages_of = self.do(methods.GET_FILE_TAR, file=messages.file(head(), "/b/**"))
        with tarfile.open(fileobj=io.BytesIO(b"".join(message.value for message in messages_of))) as archive:
            names = {entry.name: archive.extractfile(entry) for entry in archive}
            self.assertEqual(names["/b/2/x"].read(), b"/b/2/x")  # type: ignore[union-attr]
            self.assertEqual(names["/b/" + "long/" * 40 + "name"].read(), bytes(5000))  # type: ignore[union-attr]
            self.assertIsNone(names["/b/2"])


class ReadTests(PFSCase):
    """
    The bytes of files.
    """

    def test_offsets(self) -> None:
        """
        Any offset into a file of several chunks gives the rest of it.
        """
        data = bytes(range(256)) * 40_000
        self.write(add("/big", data))
        for offset in (0, 1, 4_194_303, 4_194_304, 4_194_305, len(data) - 1, len(data), len(data) + 5):
            request = pfs.GetFileRequest(file=messages.file(head(), "/big"), offset=offset)
            self.assertEqual(b"".join(self.pfs.content(request, InnerCall())), data[offset:], str(offset))

    def test_cancelled(self) -> None:
        """
        When the reader goes, nothing more is read.
        """
        self.write(add("/big", bytes(5_000_000)))
        call = InnerCall()
        stream = self.pfs.content(pfs.GetFileRequest(file=messages.file(head(), "/big")), call)
        next(stream)
        call.cancel()
        self.assertEqual(list(stream), [])

    def test_survives_a_deletion(self) -> None:
        """
        What is being read stays until it has been read, though its repo is deleted and collected.
        """
        import threading

        self.write(add("/big", b"x" * 5_000_000))
        stream = self.pfs.content(pfs.GetFileRequest(file=messages.file(head(), "/big")), InnerCall())
        first = next(stream)
        self.do(methods.DELETE_REPO, repo=head().repo)
        self.pfs.maintain(threading.Event())
        self.assertEqual(len(first) + sum(map(len, stream)), 5_000_000)
        self.assertEqual(self.pfs.maintain(threading.Event()).files, 2)

    def test_odd_names(self) -> None:
        """
        Every printable character that may be stored can be read back, the backslash too.
        """
        odd = [f"/{chr(code)}x" for code in range(32, 127) if chr(code) not in "*?[]{}!()@+^/"]
        self.write(*(add(path, path.encode()) for path in odd))
        for path in odd:
            self.assertEqual(self.read(path), path.encode())


class DiffTests(PFSCase):
    """
    DiffFile.
    """

    def diff(self, **fields: Any) -> list[tuple[str, str]]:
        """
        The old and new paths of each difference.
        """
        return [(answer.old_file.file.path, answer.new_file.file.path) for answer in self.do(methods.DIFF_FILE, **fields)]

    def test_with_the_parent(self) -> None:
        """
        Added, changed and deleted files, with the directories above them; what stayed the same is not told.
        """
        self.write(add("/same/x", b"1"), add("/d/gone", b"1"), add("/d/changed", b"1"))
        self.write(delete("/d/gone"), add("/d/changed", b"2"), add("/new/x", b"1"), delete("/same/x"), add("/same/x", b"1"))
        everything = messages.file(head(), "/")
        both = [("/", "/"), ("/d/", "/d/"), ("/d/changed", "/d/changed"), ("/d/gone", ""), ("", "/new/"), ("", "/new/x")]
        self.assertEqual(self.diff(new_file=everything), both)
        self.assertEqual(self.diff(new_file=messages.file(head(), "/new")), both[4:])
        self.assertEqual(self.diff(new_file=messages.file(head(), "/d/gone")), [("/d/gone", "")])

    def test_first_commit(self) -> None:
        """
        Without a parent all is new.
        """
        self.write(add("/a", b"1"))
        self.assertEqual(self.diff(new_file=messages.file(head("master.1"), "/")), [("", "/"), ("", "/a")])

    def test_other_places(self) -> None:
        """
        Two different directories have nothing in common.
        """
        self.write(add("/a/x", b"1"), add("/b/x", b"1"))
        found = self.diff(new_file=messages.file(head(), "/a"), old_file=messages.file(head(), "/b"))
        self.assertEqual(found, [("", "/a/"), ("", "/a/x"), ("/b/", ""), ("/b/x", "")])

    def test_with_a_file_set(self) -> None:
        """
        A file set can be compared with a commit.
        """
        self.write(add("/a", b"1"))
        made = self.make_set(add("/a", b"1"), add("/b", b"1"))
        found = self.diff(new_file=messages.file(file_set(made), "/"), old_file=messages.file(head(), "/"))
        self.assertEqual(found, [("/", "/"), ("", "/b")])
        self.assertEqual(self.diff(new_file=messages.file(file_set(made), "/b")), [("", "/b")])
