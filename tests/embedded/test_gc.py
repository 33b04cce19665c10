"""
The garbage collection: it takes what nothing refers to, and never what somebody uses.

Most tests stop it in the middle: its roots are read by a function of the test, and so is each pause, in which requests come and go.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Optional

from pachgw.embedded import intake
from pachgw.embedded.entries import Content, digest, make_key
from pachgw.embedded.faults import Busy, Damaged
from pachgw.embedded.fsck import Kind
from pachgw.embedded.gc import Collected, Collector
from pachgw.embedded.store import Store
from tests.embedded.stores import LARGE, StoreCase, get, put


class Meanwhile(threading.Event):
    """
    What a collection waits on between its steps: calls something then, and never waits.

    @ivar pauses: how many there were.
    """

    def __init__(self, call: Callable[[int], None] = lambda pause: None, stop_at: int = 0) -> None:
        """
        @param stop_at: the pause in which to ask the collection to stop.
        """
        super().__init__()
        self.pauses = 0
        self._call = call
        self._stop_at = stop_at

    def wait(self, timeout: Optional[float] = None) -> bool:
        self.pauses += 1
        self._call(self.pauses)
        return self.pauses == self._stop_at


def rows(store: Store) -> int:
    """
    How many nodes and small chunks there are.
    """
    count: int = sum(store.database.reader().execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in ("nodes", "chunks"))
    return count


class CollectorTests(StoreCase):
    """
    L{Collector}.
    """

    def setUp(self) -> None:
        super().setUp()
        self.store = self.open()
        self.roots: list[bytes] = []
        self.collector = Collector(self.store, lambda: list(self.roots))

    def collect(self, call: Callable[[int], None] = lambda pause: None) -> Collected:
        """
        Collect, and call something in each pause.
        """
        return self.collector.collect(Meanwhile(call))

    def assert_whole(self, *roots: bytes) -> None:
        """
        Nothing of these roots is lost, and besides them nothing is left.
        """
        self.assertEqual(self.damage(self.store, *roots), [])

    def test_all_kinds(self) -> None:
        """
        Nodes, lists of chunks, small and large chunks go when nothing refers to them, and only then.
        """
        self.patch(intake, "LARGEST", LARGE)
        kept = put(self.store, {"/kept": b"K" * LARGE, "/long": random.Random(1).randbytes(LARGE * 6), "/s": b"kept"})
        put(self.store, {"/gone": b"G" * LARGE, "/longer": random.Random(2).randbytes(LARGE * 6), "/s": b"gone"}, kept)
        self.roots = [kept, b""]
        before = rows(self.store)
        done = self.collect()
        self.assertEqual(done, Collected(before - rows(self.store), 7, LARGE * 7))
        self.assertEqual(rows(self.store), 3)
        self.assert_whole(kept)

    def test_nothing_to_do(self) -> None:
        """
        A second collection finds nothing; one without roots takes everything.
        """
        self.roots = [put(self.store, {"/a": b"A" * LARGE, "/b": b"b"})]
        self.assertEqual(self.collect(), Collected(0, 0, 0))
        self.roots = []
        self.assertEqual(self.collect(), Collected(2, 1, LARGE))
        self.assertEqual(rows(self.store), 0)

    def test_shared_with_garbage(self) -> None:
        """
        What a dead tree shares with a living one stays.
        """
        old = put(self.store, {f"/{number:04d}": b"%d" % number for number in range(500)})
        self.roots = [put(self.store, {"/0100": b"new", "/0200": None}, old)]
        self.collect()
        self.assert_whole(*self.roots)

    def test_leases(self) -> None:
        """
        A root in use stays though its commit is gone, until the last request that uses it ends.
        """
        root = put(self.store, {"/a": b"A" * LARGE})
        with self.store.pins.lease() as one:
            one.take(lambda: root)
            with self.store.pins.lease() as other:
                other.hold(root)
            self.collect()
            self.assertEqual(get(self.store, root, "/a"), b"A" * LARGE)
        self.assertEqual(self.collect(), Collected(1, 1, LARGE))

    def test_intakes(self) -> None:
        """
        What a request has written stays until it is done, also over the whole of a collection.
        """
        self.patch(intake, "_HELD", 0)
        with self.store.intake() as taking:
            contents = []
            for data in (b"L" * LARGE, b"s"):
                writer = taking.writer()
                writer.write(data)
                contents.append(writer.finish())
            taking.settle()
            self.collect()
            with self.store.database.write() as connection:
                taking.save(connection)
                root = self.store.tree.inside(connection).apply(b"", [(make_key("/a"), contents[0]), (make_key("/b"), contents[1])])
        self.assert_whole(root)
        self.roots = []
        self.collect()
        self.assertEqual(rows(self.store), 0)

    def test_commits_meanwhile(self) -> None:
        """
        In whatever pause a commit comes, if it brings back just what is being collected, it stays whole.
        """
        files: dict[str, Optional[bytes]] = {"/a": b"A" * LARGE, "/b": b"b", "/c": b"c"}
        longest = Meanwhile()
        put(self.store, files)
        self.collector.collect(longest)
        for pause in range(1, longest.pauses + 1):
            self.roots = [put(self.store, {"/other": b"o"})]
            put(self.store, files)

            def commit(now: int, then: int = pause) -> None:
                if now == then:
                    self.roots.append(put(self.store, files))

            self.collect(commit)
            self.assertEqual(len(self.roots), 2)
            self.assertEqual([found for found in self.damage(self.store, *self.roots) if found.kind is Kind.DAMAGE], [])

    def test_request_across_the_beginning(self) -> None:
        """
        A request that wrote before the collection began, and commits and ends while it runs, loses nothing.
        """
        with self.store.intake() as taking:
            writer = taking.writer()
            writer.write(b"L" * LARGE)
            content = writer.finish()
            taking.settle()

            def commit(pause: int) -> None:
                if pause == 1:
                    with self.store.database.write() as connection:
                        self.roots.append(self.store.tree.inside(connection).apply(b"", [(make_key("/a"), content)]))
                    taking.close()

            self.collect(commit)
        self.assert_whole(*self.roots)

    def test_waits_for_the_transaction(self) -> None:
        """
        A transaction that has saved and not yet ended when a collection is asked for is waited for: its roots count.
        """
        outcome: list[Collected] = []
        asked: list[list[bytes]] = []
        collector = Collector(self.store, lambda: asked.append(list(self.roots)) or self.roots)  # type: ignore[func-returns-value]
        thread = threading.Thread(target=lambda: outcome.append(collector.collect(Meanwhile())))
        with self.store.database.write() as connection:
            root = self.store.tree.inside(connection).apply(b"", [(make_key("/a"), Content.of([]))])
            thread.start()
            thread.join(0.05)
            self.roots.append(root)
        thread.join(30)
        self.assertEqual((asked, outcome), ([[root]], [Collected(0, 0, 0)]))
        self.assert_whole(root)

    def test_stopped(self) -> None:
        """
        Stopped in any pause, it has done no harm, and says what it did until then.
        """
        longest = Meanwhile()
        self.roots = [put(self.store, {"/kept": b"K" * LARGE, "/s": b"s"})]
        self.collector.collect(longest)
        for pause in range(1, longest.pauses + 1):
            put(self.store, {"/gone": b"G" * LARGE, "/t": b"t"})
            stop = Meanwhile(stop_at=pause)
            before = rows(self.store)
            done = self.collector.collect(stop)
            self.assertEqual((stop.pauses, done.rows), (pause, before - rows(self.store)))
            self.assertEqual([found for found in self.damage(self.store, *self.roots) if found.kind is Kind.DAMAGE], [])
        self.collect()
        self.assert_whole(*self.roots)

    def test_one_at_a_time(self) -> None:
        """
        A second collection at the same time is refused; a later one is not.
        """
        put(self.store, {"/gone": b"g"})
        refused: list[Busy] = []
        self.collect(lambda pause: refused.append(self.assertRaises(Busy, self.collector.collect, threading.Event())))
        self.assertTrue(refused)
        self.collect()

    def test_damage(self) -> None:
        """
        Where a reachable node cannot be read, nothing is removed at all.
        """
        root = put(self.store, {"/a": b"a"})
        self.roots = [root, digest(b"no such node")]
        put(self.store, {"/b": b"b"})
        before = rows(self.store)
        self.assertRaises(Damaged, self.collect)
        self.assertEqual(rows(self.store), before)
        self.roots.pop()
        self.assertEqual(self.collect().rows, 2)

    def test_pauses(self) -> None:
        """
        Each pause is as long as the step before it took, times what was asked for.
        """
        put(self.store, {"/gone": b"g"})
        waited: list[float] = []
        stop = threading.Event()
        self.patch(stop, "wait", lambda timeout: waited.append(timeout) or False)
        Collector(self.store, list, rest=0).collect(stop)
        self.assertEqual(set(waited), {0})
        waited.clear()
        put(self.store, {"/gone": b"g"})
        Collector(self.store, list, rest=1000).collect(stop)
        self.assertGreater(sum(waited), 0)
