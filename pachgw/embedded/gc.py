"""
Garbage collection: removes what no commit, file set or running request can reach.

It marks all that is reachable from the roots of the moment in which it begins, then sweeps nodes, small chunks and chunk files in small
steps. Requests go on meanwhile: what they save or hold while it runs is left alone (see L{pachgw.embedded.pins}). Cut short at any point,
it has removed garbage and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pachgw.embedded.entries import Content
from pachgw.embedded.faults import Busy, Damaged, told_apart
from pachgw.embedded.nodes import Node, decode
from pachgw.embedded.reach import Marks, contents, walk
from pachgw.embedded.store import Store

_STEP = 500


class Collected(NamedTuple):
    """
    What a collection has removed.

    @ivar rows: nodes, lists and small chunks.
    @ivar files: large chunks.
    @ivar size: of the files, in bytes.
    """

    rows: int
    files: int
    size: int


class _Interrupted(Exception):
    """
    The collection was asked to stop.
    """


class Collector:
    """
    Collects the garbage of a store, one collection at a time.
    """

    def __init__(self, store: Store, roots: Callable[[], Iterable[bytes]], rest: float = 1.0) -> None:
        """
        @param roots: reads the roots of all commits and file sets, from what is committed; empty ones do not matter. It must not wait
            for a lease or a write transaction.
        @param rest: how long to pause after each step, in multiples of the time that it took, so that requests come first.
        """
        self._store = store
        self._roots = roots
        self._rest = rest
        self._running = threading.Lock()

    def collect(self, stop: threading.Event) -> Collected:
        """
        Collect. Takes as long as the store is large; blocks.

        @param stop: set by another thread to end it early.
        @raise Busy: a collection runs already.
        @raise Damaged: something reachable cannot be read; nothing was removed.
        """
        if not self._running.acquire(blocking=False):
            raise Busy("a garbage collection is running")
        marks = Marks()
        done = Collected(0, 0, 0)
        try:
            with self._store.database.write():
                roots = self._store.pins.begin(self._roots)
            with told_apart("collect garbage"):
                for _ in self._paced(self._mark(roots, marks), stop):
                    pass
                for step in self._paced(self._sweep(marks), stop):
                    done = Collected(*(before + now for before, now in zip(done, step, strict=True)))
        except _Interrupted:
            pass
        finally:
            self._store.pins.end()
            marks.close()
            self._running.release()
        return done

    def _paced(self, steps: Iterator[Collected], stop: threading.Event) -> Iterator[Collected]:
        """
        The same steps, with pauses between them.
        """
        began = time.monotonic()
        for step in steps:
            yield step
            if stop.wait((time.monotonic() - began) * self._rest):
                raise _Interrupted
            began = time.monotonic()

    def _mark(self, roots: Iterable[bytes], marks: Marks) -> Iterator[Collected]:
        """
        Mark everything that is reachable.
        """
        for count, (_, node) in enumerate(walk(roots, self._load, marks, _refuse)):
            if node.level == 0:
                marks.add_all(id for content in contents(node) for id in self._reached(content))
            if count % _STEP == 0:
                yield Collected(0, 0, 0)

    def _load(self, id: bytes) -> Node:
        """
        A node, past the cache, which is for requests.
        """
        return decode(self._store.tree.nodes.body(id))

    def _reached(self, content: Content) -> Iterable[bytes]:
        """
        What a content refers to.
        """
        if (only := content.only_hash) is not None:
            return (only,)
        hashes = [chunk.hash for chunk in self._store.tree.chunks(content)]
        return hashes if content.list_id is None else [content.list_id, *hashes]

    def _sweep(self, marks: Marks) -> Iterator[Collected]:
        """
        Remove what is not marked.
        """
        yield from self._sweep_rows("SELECT number, id FROM nodes", "DELETE FROM nodes WHERE id = ?", marks)
        yield from self._sweep_rows("SELECT number, hash FROM chunks", "DELETE FROM chunks WHERE hash = ?", marks)
        for folder in self._store.chunks.folders():
            yield self._sweep_files([hash for hash in self._store.chunks.in_folder(folder) if not marks.has(hash)])

    def _sweep_rows(self, select: str, delete: str, marks: Marks) -> Iterator[Collected]:
        """
        Remove the dead rows of one table.
        """
        seen = 0
        while True:
            rows = self._store.database.reader().execute(f"{select} WHERE number > ? ORDER BY number LIMIT {_STEP}", (seen,)).fetchall()
            if not rows:
                return
            seen = rows[-1][0]
            dead = [id for _, id in rows if not marks.has(id)]
            yield Collected(self._delete(delete, dead) if dead else 0, 0, 0)

    def _delete(self, delete: str, dead: list[bytes]) -> int:
        """
        Remove rows that are still free now that nobody else writes.
        """
        with self._store.database.write() as connection:
            with self._store.pins.guard:
                free = self._store.pins.are_free(dead)
            connection.executemany(delete, zip(free, strict=False))
        return len(free)

    def _sweep_files(self, dead: list[bytes]) -> Collected:
        """
        Remove chunk files that are still free.
        """
        files = size = 0
        for hash in dead:
            with self._store.pins.guard:
                if self._store.pins.are_free([hash]):
                    files += 1
                    size += self._store.chunks.remove_file(hash)
        return Collected(0, files, size)


def _refuse(error: Damaged) -> None:
    """
    Nothing may be removed when it is not known what is reachable.
    """
    raise error
