"""
Whether commits hold a content, on the embedded PFS.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.defer import Deferred, succeed

from pachgw.objects import held
from pachgw.objects.changes import hash_of
from pachgw.objects.held import Held
from pachgw.objects.records import name_of_content
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import PFSError
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import SlowDown
from tests.objects.direct_pfs import modifications
from tests.objects.test_writing_embedded import EmbeddedWritingTestCase

OWN = "_pachgw_"
NEVER = ("/never", b"1")


class HeldTests(EmbeddedWritingTestCase):
    """
    L{Held}, with a commit on the gateway's own branch, which does not count.
    """

    def setUp(self) -> None:
        """Make them."""
        super().setUp()
        self.pauses = 0
        self.commit(self.pfs, self.images, OWN, {"/own": b"1"})

    def made(self, files: dict[str, Optional[bytes]], branch: str = "master") -> str:
        """Commit files; the commit's id."""
        return self.commit(self.pfs, self.images, branch, files)

    def look(self, *contents: tuple[str, bytes]) -> Deferred[set[tuple[str, bytes]]]:
        """Which of some contents no commit holds."""

        def pause() -> Deferred[None]:
            self.pauses += 1
            return succeed(None)

        names = {name_of_content(path, hash_of(content)): (path, content) for path, content in contents}
        wanted = set(names)
        looking = Deferred.fromCoroutine(Held(self.pfs, self.images, None, pause).strike(wanted))
        return looking.addCallback(lambda _: {names[name] for name in wanted})

    def left(self, *contents: tuple[str, bytes]) -> set[tuple[str, bytes]]:
        """Which of some contents no commit holds."""
        return self.now(self.look(*contents))

    def test_heads_and_history(self) -> None:
        """What a head or an old commit holds is found, of any branch; what only our own branch holds is not."""
        self.made({"/a": b"1", "/b": b"1"})
        self.made({"/a": b"2", "/b": None})
        self.made({"/c": b"1"}, "dev")
        there = [("/a", b"1"), ("/b", b"1"), ("/a", b"2"), ("/c", b"1")]
        self.assertEqual(self.left(*there, NEVER, ("/own", b"1"), ("/c", b"2")), {NEVER, ("/own", b"1"), ("/c", b"2")})
        self.assertGreater(self.pauses, 3)

    def test_many_branches(self) -> None:
        """What is held by a branch beyond those whose heads are walked is found in the history."""
        self.patch(held, "HEADS", 0)
        self.made({"/a": b"1"})
        self.made({"/b": b"1"})
        self.assertEqual(self.left(("/a", b"1"), ("/b", b"1"), NEVER), {NEVER})

    def test_heads_suffice(self) -> None:
        """When the heads hold all, the history is not looked at."""
        self.made({"/a": b"1"})
        self.pfs.calls.clear()
        self.assertEqual(self.left(("/a", b"1")), set())
        self.assertNotIn("DiffFile", self.pfs.calls)

    def test_nothing_wanted(self) -> None:
        """When nothing is looked for, nothing is asked."""
        self.pfs.calls.clear()
        self.assertEqual(self.left(), set())
        self.assertEqual(self.pfs.calls, [])

    def test_refused_commits(self) -> None:
        """A commit that PFS has refused holds nothing; the one after it is compared with the one before."""
        self.made({"/a": b"1"})
        self.made({"/a": None})
        self.made({"/x": b"1"})
        refused = messages.commit(self.images, self.made({"/x/y": b"1"}), "master")
        self.assertTrue(self.now(self.pfs.call(methods.INSPECT_COMMIT, pfs.InspectCommitRequest(commit=refused))).error)
        self.made({"/z": b"1", "/x": None})
        contents = [("/a", b"1"), ("/x", b"1"), ("/z", b"1")]
        self.assertEqual(self.left(*contents, ("/x/y", b"1")), {("/x/y", b"1")})

    def test_open_commit(self) -> None:
        """What an open commit holds is held."""
        branch = messages.branch(self.images, "master")
        opened = self.now(self.pfs.call(methods.START_COMMIT, pfs.StartCommitRequest(branch=branch)))
        sink = self.pfs.send(methods.MODIFY_FILE)
        for message in modifications(messages.commit(self.images, opened.id, "master"), {"/a": b"1"}):
            sink.write(message)
        self.now(sink.finish())
        self.assertEqual(self.left(("/a", b"1"), NEVER), {NEVER})

    def test_commit_taken_out_meanwhile(self) -> None:
        """When a commit vanishes under the look, nothing is known."""
        self.patch(held, "HEADS", 0)
        self.made({"/a": b"1"})
        gone = self.made({"/b": b"1"})
        self.made({"/a": None, "/b": None, "/c": b"1"})
        stream = self.pfs.stream

        def late(method: object, *arguments: object) -> object:
            if method is methods.DIFF_FILE and "SquashCommit" not in self.pfs.calls:
                self.now(self.pfs.call(methods.SQUASH_COMMIT, pfs.SquashCommitRequest(commit=messages.commit(self.images, gone, "master"))))
            return stream(method, *arguments)  # type: ignore[arg-type]

        self.patch(self.pfs, "stream", late)
        self.refused(self.look(NEVER), PFSError)

    def test_too_many_commits(self) -> None:
        """A repo with too many commits is not looked at."""
        self.patch(held, "COMMITS", 2)
        self.made({"/a": b"1"})
        self.refused(self.look(NEVER), SlowDown)
