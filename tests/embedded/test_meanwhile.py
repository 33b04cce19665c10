"""
What is taken away while somebody reads it or copies from it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, by_id, copy, file_set, head

LARGE = bytes(range(256)) * 8192


class MeanwhileTests(PFSCase):
    """
    Deletions and garbage collections in the middle of calls.
    """

    def stream(self, method: methods.ServerStream, **fields: object) -> Iterator[object]:  # type: ignore[type-arg]
        """
        Begin to read a stream.
        """
        answers: Iterator[object] = self.pfs.procedures[method.path](method.request(**fields), InnerCall())
        return answers

    def lose(self, id: str) -> None:
        """
        Take a commit at the head of a branch away, and all that only it held.
        """
        self.do(methods.DROP_COMMIT, commit=by_id(id))
        self.collect()

    def collect(self) -> None:
        """
        Let go of what has expired and collect garbage.
        """
        self.pfs.maintain(threading.Event())

    def test_content(self) -> None:
        """
        A file is read to its end though its commit is gone; afterwards it is collected.
        """
        self.write(add("/a", LARGE))
        id = self.info().commit.id
        reading = self.pfs.content(pfs.GetFileRequest(file=messages.file(by_id(id), "/a")), InnerCall())
        pieces = [next(reading)]
        self.lose(id)
        self.assertEqual(b"".join([*pieces, *reading]), LARGE)
        self.assertEqual(self.pfs.maintain(threading.Event()).size, len(LARGE))

    def test_walk(self) -> None:
        """
        A listing goes on over what has been deleted.
        """
        self.write(*(add(f"/{number:04}", b"x") for number in range(500)))
        id = self.info().commit.id
        walking = self.stream(methods.WALK_FILE, file=messages.file(by_id(id), "/"))
        next(walking)
        self.lose(id)
        self.assertEqual(len(list(walking)), 500)

    def test_copy_from_a_file_set(self) -> None:
        """
        What has been copied from a file set stays, though the set expires and is collected before the copy is committed.
        """
        id = self.make_set(add("/a", LARGE), add("/b", b"small"))

        def requests() -> Iterator[pfs.ModifyFileRequest]:
            yield pfs.ModifyFileRequest(set_commit=head())
            yield copy(messages.file(file_set(id), "/a"), "/a")
            self.time += 10_000
            self.collect()
            with self.refuses("path does not exist"):
                self.paths(file_set(id))
            yield add("/c", b"more")

        self.pfs.procedures[methods.MODIFY_FILE.path](requests(), InnerCall())
        self.collect()
        self.assertEqual(self.files(), {"/a": LARGE, "/c": b"more"})
        self.assertEqual(list(self.findings()), [])

    def test_history(self) -> None:
        """
        A list of commits that was begun is told to its end though some are squashed; going back over one that is gone ends with
        C{NOT_FOUND}.
        """
        ids = []
        for number in range(4):
            self.write(add(f"/{number}", b"x"))
            ids.append(self.info().commit.id)
        listing = self.stream(methods.LIST_COMMIT, repo=REPO)
        going_back = self.stream(methods.LIST_COMMIT, repo=REPO, to=by_id(ids[3]))
        next(listing)
        next(going_back)
        for id in ids[1:3]:
            self.do(methods.SQUASH_COMMIT, commit=by_id(id))
        self.assertEqual([info.commit.id for info in listing], ids[2::-1])  # type: ignore[attr-defined]
        with self.refuses("deleted meanwhile", Code.NOT_FOUND):
            list(going_back)
