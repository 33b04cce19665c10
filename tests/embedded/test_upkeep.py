"""
Opening, closing, upkeep and the check of the embedded PFS.
"""

from __future__ import annotations

import sqlite3
import threading

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code
from pachgw.embedded.faults import Busy, FolderInUse
from pachgw.embedded.gate import Gate
from pachgw.pfs import methods
from tests.embedded.pfs_case import PFSCase, add, delete, file_set, head

LARGE = b"x" * 50_000


class UpkeepTests(PFSCase):
    """
    L{EmbeddedPFS.maintain<pachgw.embedded.servicer.EmbeddedPFS.maintain>} and what it leaves.
    """

    def chunks(self) -> int:
        """
        How many chunk files there are.
        """
        return len(list((self.folder / "data" / "chunks").glob("*/*")))

    def test_collects_what_is_gone(self) -> None:
        """
        The content of dropped commits, deleted repos and refused writes is removed; that of old commits stays.
        """
        self.write(add("/kept", LARGE))
        self.write(delete("/kept"))
        self.write(add("/dropped", b"y" * 50_000))
        self.do(methods.DROP_COMMIT, commit=head())
        with self.refuses("globbing"):
            self.write(add("/a", b"z" * 50_000), add("/*", b""))
        self.pfs.maintain(threading.Event())
        self.assertEqual(self.chunks(), 1)
        self.assertEqual(self.read("/kept", head("master^")), LARGE)
        self.do(methods.DELETE_REPO, repo=head().repo)
        self.pfs.maintain(threading.Event())
        self.assertEqual(self.chunks(), 0)

    def test_keeps_open_commits(self) -> None:
        """
        What was written into an open or a failed commit is kept with it.
        """
        self.start()
        self.write(add("/a", LARGE))
        self.pfs.maintain(threading.Event())
        self.write(add("/a/b", b"collides"))
        self.finish(head())
        self.pfs.maintain(threading.Event())
        self.assertEqual(self.read("/a/b"), b"collides")
        self.assertEqual(list(self.findings()), [])

    def test_tokens_expire(self) -> None:
        """
        Tokens whose time is over are forgotten.
        """
        self.pfs.activate_auth("root")
        self.token = "root"
        self.do(methods.GET_ROBOT_TOKEN, robot="x", ttl=10)
        self.time += 11
        self.pfs.maintain(threading.Event())
        self.pfs.close()
        with sqlite3.connect(self.folder / "data" / "pachgw.sqlite") as db:
            self.assertEqual(db.execute("SELECT principal FROM tokens").fetchall(), [("pach:root",)])
        db.close()
        self.pfs = self.opened()

    def test_stopped(self) -> None:
        """
        Upkeep that is told to stop stops, and a later one finishes the work.
        """
        made = self.make_set(add("/a", LARGE))
        self.time += 1000
        stop = threading.Event()
        stop.set()
        self.pfs.maintain(stop)
        self.assertEqual(self.chunks(), 1)
        self.pfs.maintain(threading.Event())
        self.assertEqual(self.chunks(), 0)
        with self.refuses("path does not exist"):
            self.paths(file_set(made))


class OpeningTests(PFSCase):
    """
    Opening and closing.
    """

    def test_one_at_a_time(self) -> None:
        """
        A folder that is open is not opened again.
        """
        with self.assertRaises(FolderInUse):
            self.opened()

    def test_identity(self) -> None:
        """
        A store keeps its identity, and no two have the same.
        """
        first = self.do(methods.INSPECT_CLUSTER).id
        self.reopen()
        self.assertEqual(self.do(methods.INSPECT_CLUSTER).id, first)

    def test_calls_after_closing(self) -> None:
        """
        A closed store refuses calls, and streams that were begun; closing it twice is no error.
        """
        self.write(add("/a", bytes(3_000_000)))
        stream = self.pfs.procedures[methods.WALK_FILE.path](methods.pfs.WalkFileRequest(file={"commit": head(), "path": "/"}), InnerCall())
        next(stream)
        self.pfs.close()
        self.pfs.close()
        with self.refuses("closed", Code.UNAVAILABLE):
            self.info()
        with self.refuses("closed", Code.UNAVAILABLE):
            next(stream)
        self.pfs = self.opened()

    def test_closing_waits(self) -> None:
        """
        Closing waits for a call that is running.
        """
        inside, go_on = threading.Event(), threading.Event()

        def requests() -> object:
            yield methods.pfs.ModifyFileRequest(set_commit=head())
            inside.set()
            go_on.wait(30)
            yield add("/a", b"1")

        path = methods.MODIFY_FILE.path
        writer = threading.Thread(target=lambda: self.pfs.procedures[path](requests(), InnerCall()))
        writer.start()
        self.assertTrue(inside.wait(30))
        closer = threading.Thread(target=self.pfs.close)
        closer.start()
        go_on.set()
        closer.join(30)
        writer.join(30)
        self.pfs = self.opened()
        self.assertEqual(self.files(), {"/a": b"1"})

    def test_gate(self) -> None:
        """
        A call that does not end keeps the store open.
        """
        gate = Gate()
        gate.enter()
        with self.assertRaises(Busy):
            gate.shut(0)
        gate.leave()
        gate.shut(0)


class FsckTests(PFSCase):
    """
    The check of the store.
    """

    def damage(self, statement: str, *values: object) -> None:
        """
        Change the database behind the store's back.
        """
        self.pfs.close()
        with sqlite3.connect(self.folder / "data" / "pachgw.sqlite") as db:
            db.execute(statement, values)
        db.close()
        self.pfs = self.opened()

    def test_lost_chunk(self) -> None:
        """
        A chunk that is gone is found, and reading its file is refused as a loss of data.
        """
        self.write(add("/a", LARGE))
        [chunk] = (self.folder / "data" / "chunks").glob("*/*")
        chunk.unlink()
        self.assertEqual(len(list(self.findings())), 1)
        with self.refuses("lacks the chunk", Code.DATA_LOSS):
            self.read("/a")

    def test_wrong_size(self) -> None:
        """
        A commit that does not add up is found.
        """
        self.write(add("/a", b"123"))
        self.damage("UPDATE commits SET size = 4")
        self.assertIn("says that it holds 4 bytes", " ".join(self.findings()))

    def test_loose_ends(self) -> None:
        """
        A finished commit without content, and a branch whose head is elsewhere.
        """
        self.write(add("/a", b"123"))
        self.damage("UPDATE commits SET base = NULL")
        self.assertIn("is finished but has no content", " ".join(self.findings()))
        self.damage("UPDATE branches SET repo = 99")
        self.assertIn("refers to a missing row of repos", " ".join(self.findings()))
