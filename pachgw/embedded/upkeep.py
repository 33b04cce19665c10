"""
Keeping the store tidy, and proving that it is whole.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator

from pachgw.embedded import fsck
from pachgw.embedded.calls import Call
from pachgw.embedded.gc import Collected, Collector
from pachgw.embedded.ground import Ground
from pachgw.embedded.layers import FILES
from pachgw.embedded.records import find_branches, find_commits
from pachgw.pfs.proto import pfs_pb2 as pfs

_ROOTS = """
    SELECT diff FROM commits WHERE diff IS NOT NULL UNION SELECT tree FROM commits WHERE tree IS NOT NULL
    UNION SELECT base FROM commits WHERE base IS NOT NULL UNION SELECT root FROM file_sets
"""


def roots(db: sqlite3.Connection) -> list[bytes]:
    """
    The roots of all that must be kept.
    """
    return [root for (root,) in db.execute(_ROOTS).fetchall()]


class Upkeep:
    """
    Expiry and garbage collection.
    """

    def __init__(self, ground: Ground, rest: float) -> None:
        """
        @param rest: as of L{Collector<pachgw.embedded.gc.Collector>}.
        """
        self._ground = ground
        self._collector = Collector(ground.store, self._roots, rest)

    def _roots(self) -> Iterable[bytes]:
        return roots(self._ground.read())

    def run(self, stop: threading.Event) -> Collected:
        """
        Let go of expired file sets and tokens, then collect. One at a time.

        @param stop: ends it early.
        """
        with self._ground.write() as db:
            db.execute("DELETE FROM file_sets WHERE expires <= ?", (self._ground.now(),))
            self._ground.authority.forget_expired(db)
        return self._collector.collect(stop)


class Fsck:
    """
    The procedure that checks.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def Fsck(self, request: pfs.FsckRequest, call: Call) -> Iterator[pfs.FsckResponse]:
        """
        Read everything and tell of what is damaged. Nothing is changed.
        """
        for finding in self.findings(contents=True):
            if not call.is_active():
                return
            if finding.kind is fsck.Kind.DAMAGE:
                yield pfs.FsckResponse(error=finding.text)

    def findings(self, contents: bool) -> Iterator[fsck.Finding]:
        """
        All that a check finds, in the catalogue and in the store.

        @param contents: as of L{Check<pachgw.embedded.fsck.Check>}.
        """
        db = self._ground.read()
        for text in [*_loose_ends(db), *self._wrong_sizes(db)]:
            yield fsck.Finding(fsck.Kind.DAMAGE, text)
        with self._ground.store.pins.lease() as lease:
            held = lease.take_all(lambda: roots(self._ground.read()))
            yield from fsck.Check(self._ground.store, held, contents).run()

    def _wrong_sizes(self, db: sqlite3.Connection) -> Iterator[str]:
        tree = self._ground.store.tree
        for commit in find_commits(db, "WHERE c.finished IS NOT NULL AND c.tree IS NOT NULL"):
            size = tree.sums(commit.tree or b"", *FILES).size
            if size != commit.size:
                yield f"commit {commit} says that it holds {commit.size} bytes, but its files add up to {size}"


def _loose_ends(db: sqlite3.Connection) -> Iterator[str]:
    """
    What is wrong in the catalogue itself.
    """
    for table, _, parent, _ in db.execute("PRAGMA foreign_key_check").fetchall():
        yield f"a row of {table} refers to a missing row of {parent}"
    for commit in find_commits(db, "WHERE c.finished IS NOT NULL AND (c.tree IS NULL OR c.base IS NULL)"):
        yield f"commit {commit} is finished but has no content"
    for branch in find_branches(db, "WHERE c.repo != b.repo"):
        yield f"branch {branch} has a head in another repo"
