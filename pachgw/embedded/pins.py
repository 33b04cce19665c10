"""
What the garbage collection must leave alone though no finished commit or file set refers to it: what running requests use.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Optional


class Lease:
    """
    What one request uses. A context manager; everything is given back at its end.
    """

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        self._roots: list[bytes] = []
        self._chunks: list[bytes] = []

    def take(self, read: Callable[[], bytes]) -> bytes:
        """
        Find the root of a commit or file set and hold it, with no moment between in which it could be collected.

        @param read: looks it up among what is committed; it should be quick, and must not wait for another lease or a write transaction.
        @return: what C{read} returned.
        """
        return self.take_all(lambda: [read()])[0]

    def take_all(self, read: Callable[[], list[bytes]]) -> list[bytes]:
        """
        The same for several roots.
        """
        with self._pins.guard:
            roots = read()
            for root in roots:
                self._hold(root)
        return roots

    def hold(self, root: bytes) -> None:
        """
        Hold a root that this request has made, before the transaction that saved it ends, or one that it holds already.
        """
        with self._pins.guard:
            self._hold(root)

    def hold_chunk(self, hash: bytes) -> None:
        """
        Hold a chunk, before it is looked for or written.
        """
        with self._pins.guard:
            self._chunks.append(hash)
            self._pins.chunks[hash] += 1
            if self._pins.touched is not None:
                self._pins.touched.add(hash)

    def _hold(self, root: bytes) -> None:
        self._roots.append(root)
        self._pins.roots[root] += 1

    def release(self) -> None:
        """
        Give everything back; may be called twice.
        """
        with self._pins.guard:
            for held, counts in ((self._roots, self._pins.roots), (self._chunks, self._pins.chunks)):
                for one in held:
                    counts[one] -= 1
                    if not counts[one]:
                        del counts[one]
                held.clear()

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.release()


class Pins:
    """
    All leases together, and what was saved since a collection began.

    @ivar guard: held while anything here is looked at or changed.
    @ivar roots: how many times each root is held.
    @ivar chunks: how many times each chunk is held.
    @ivar touched: while a collection runs, what was saved or held since it began, and the chunks that were held then; else C{None}.
    """

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.roots: Counter[bytes] = Counter()
        self.chunks: Counter[bytes] = Counter()
        self.touched: Optional[set[bytes]] = None

    def lease(self) -> Lease:
        """
        A new lease that holds nothing yet.
        """
        return Lease(self)

    def touch(self, ids: Iterable[bytes]) -> None:
        """
        Note what a write transaction saves, before it ends: a collection that runs takes none of it.
        """
        with self.guard:
            if self.touched is not None:
                self.touched.update(ids)

    def begin(self, roots: Callable[[], Iterable[bytes]]) -> set[bytes]:
        """
        Begin a collection. Call it while no write transaction runs.

        @param roots: reads those of all commits and file sets.
        @return: those, and what leases hold.
        """
        with self.guard:
            self.touched = set(self.chunks)
            return {root for root in (*roots(), *self.roots) if root}

    def are_free(self, ids: Iterable[bytes]) -> list[bytes]:
        """
        Those of some ids that were neither saved nor held since L{begin}. C{guard} must be held.
        """
        touched = self.touched or set()
        return [id for id in ids if id not in touched]

    def end(self) -> None:
        """
        The collection is over.
        """
        with self.guard:
            self.touched = None
