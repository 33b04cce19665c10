"""
Trees against a plain dictionary: a machine of hypothesis changes both and compares all that can be asked.
"""

from __future__ import annotations

import random
from typing import Optional

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from pachgw.embedded.edits import LARGEST, Editor, ends_node
from pachgw.embedded.entries import (
    NOTHING,
    Chunk,
    Content,
    add,
    digest,
    file_range,
    key_range,
    make_key,
    split_key,
    weigh,
)
from pachgw.embedded.store import Store
from pachgw.embedded.tree import EMPTY
from tests.embedded.stores import StoreCase

Model = dict[bytes, Content]


def content(seed: int, size: int = 1) -> Content:
    """
    A content that no store has the bytes of.
    """
    return Content.of([Chunk(digest(b"%d" % seed), size)])


def change(store: Store, root: bytes, changes: dict[bytes, Optional[Content]]) -> bytes:
    """
    Apply changes in a transaction of their own.
    """
    with store.database.write() as connection:
        return store.tree.inside(connection).apply(root, sorted(changes.items(), key=lambda item: item[0]))


PATHS = st.builds("/{}/{:03d}".format, st.sampled_from("abc"), st.integers(0, 400))
CHANGES = st.lists(st.tuples(PATHS, st.integers(0, 9), st.integers(1, 80)) | st.tuples(PATHS, st.none(), st.integers(1, 80)), max_size=8)


def expand(steps: list[tuple[str, Optional[int], int]]) -> dict[bytes, Optional[Content]]:
    """
    Each step is a run of neighbouring paths, so that few of them make big trees.
    """
    changes: dict[bytes, Optional[Content]] = {}
    for path, seed, count in steps:
        for number in range(count):
            changes[make_key(f"{path}{number:02d}")] = None if seed is None else content(seed, seed + 1)
    return changes


class ModelTests(StoreCase):
    """
    Trees and dictionaries are the same.
    """

    def test_like_a_dictionary(self) -> None:
        """
        Whatever is changed in whatever order: lookups, scans, sums and differences agree, and the root depends on the files alone.
        """
        store = self.open()

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(st.lists(CHANGES, max_size=4), PATHS, PATHS)
        def compare(batches: list[list[tuple[str, Optional[int], int]]], one: str, other: str) -> None:
            root, model = EMPTY, Model()
            start, stop = sorted((make_key(one), make_key(other)))
            for batch in batches:
                changes = expand(batch)
                new = change(store, root, changes)
                after = {key: value for key, value in {**model, **changes}.items() if value is not None}
                self.compare(store, new, after, start, stop)
                self.compare_differences(store, (root, model), (new, after), start, stop)
                root, model = new, after

        compare()

    def compare(self, store: Store, root: bytes, model: Model, start: bytes, stop: bytes) -> None:
        """
        All that one tree can be asked.
        """
        items = sorted(model.items(), key=lambda item: item[0])
        part = [item for item in items if start <= item[0] < stop]
        self.assertEqual(list(store.tree.scan(root)), items)
        self.assertEqual(list(store.tree.scan(root, start, stop)), part)
        self.assertEqual(list(store.tree.scan(root, start, stop, reverse=True)), part[::-1])
        self.assertEqual(list(store.tree.scan(root, start)), [item for item in items if item[0] >= start])
        self.assertEqual(store.tree.first(root, start, stop), part[0] if part else None)
        self.assertEqual(store.tree.first(root, stop), next((item for item in items if item[0] >= stop), None))
        self.assertEqual(store.tree.sums(root), add(weigh(key, value.packed) for key, value in items))
        self.assertEqual(store.tree.sums(root, start, stop), add(weigh(key, value.packed) for key, value in part))
        self.assertEqual(store.tree.lookup(root, start), model.get(start))
        self.assertEqual(change(store, EMPTY, dict(model)), root)
        self.assertEqual(self.damage_of_shape(store, root), [])

    def damage_of_shape(self, store: Store, root: bytes) -> list[str]:
        """
        What a check finds, apart from the chunks that were never there.
        """
        return [found.text for found in self.damage(store, root) if "node" in found.text and "unreferenced" not in found.text]

    def compare_differences(self, store: Store, old: tuple[bytes, Model], new: tuple[bytes, Model], start: bytes, stop: bytes) -> None:
        """
        All that two trees can be asked.
        """
        keys = sorted(key for key in old[1].keys() | new[1].keys() if old[1].get(key) != new[1].get(key))
        expected = [(key, old[1].get(key), new[1].get(key)) for key in keys]
        self.assertEqual([tuple(found) for found in store.tree.diff(old[0], new[0])], expected)
        part = [difference for difference in expected if start <= difference[0] < stop]
        self.assertEqual([tuple(found) for found in store.tree.diff(old[0], new[0], start, stop)], part)


class TreeTests(StoreCase):
    """
    What the comparison does not reach.
    """

    def test_long_random_history(self) -> None:
        """
        A tree of several levels, changed here and there many times, is the one that is made of its files at once; and it shrinks to
        nothing again.
        """
        store, chance = self.open(), random.Random(7)
        root, model = EMPTY, Model()
        for step in range(30):
            changes: dict[bytes, Optional[Content]] = {
                make_key(f"/{chance.randrange(30_000)}"): None if chance.random() < 0.3 else content(step)
                for _ in range(chance.choice((1, 30, 2000)))
            }
            root = change(store, root, changes)
            model = {key: value for key, value in {**model, **changes}.items() if value is not None}
        self.assertGreaterEqual(store.tree.nodes.node(root).level, 3)
        self.assertEqual(change(store, EMPTY, dict(model)), root)
        self.assertEqual(change(store, root, dict.fromkeys(model)), EMPTY)

    def test_shrinking(self) -> None:
        """
        A tree of several levels that loses all files but one is the tree of that one; one that loses a half, the tree of the other.
        """
        store = self.open()
        keys = [make_key(f"/{number:05d}") for number in range(5000)]
        root = change(store, EMPTY, {key: content(1) for key in keys})
        for left in (keys[2500:], keys[4999:], keys[:1], keys[2000:2100]):
            shrunk = change(store, root, dict.fromkeys(set(keys) - set(left)))
            self.assertEqual(shrunk, change(store, EMPTY, {key: content(1) for key in left}))

    def test_a_change_stays_in_its_neighbourhood(self) -> None:
        """
        One file more among 20,000 makes a handful of new nodes.
        """
        store = self.open()
        root = change(store, EMPTY, {make_key(f"/{number:05d}"): content(number) for number in range(20_000)})
        count = "SELECT COUNT(*) FROM nodes"
        before = store.database.reader().execute(count).fetchone()[0]
        change(store, root, {make_key("/10000a"): content(1)})
        self.assertLess(store.database.reader().execute(count).fetchone()[0] - before, 12)

    def test_keys_that_never_end_a_node(self) -> None:
        """
        Keys chosen so that no hash ends a node make nodes of a bounded size all the same, and the same root by any history.
        """
        store = self.open()
        keys = [key for key in (make_key(f"/{number:04d}") for number in range(3000)) if not ends_node(key, 0)]
        root = change(store, EMPTY, {key: content(1) for key in keys})
        top = store.tree.nodes.node(root)
        self.assertEqual(top.level, 1)
        self.assertEqual(len(store.tree.nodes.node(top.values[0][:32]).keys), LARGEST)
        half = change(store, EMPTY, {key: content(1) for key in keys[::2]})
        self.assertEqual(change(store, half, {key: content(1) for key in keys[1::2]}), root)

    def test_nothing_changes(self) -> None:
        """
        Removing what is not there, and putting what is there already, leaves the root as it is.
        """
        store = self.open()
        self.assertEqual(change(store, EMPTY, {make_key("/a"): None}), EMPTY)
        root = change(store, EMPTY, {make_key("/a"): content(1)})
        self.assertEqual(change(store, root, {make_key("/a"): content(1), make_key("/b"): None}), root)

    def test_empty(self) -> None:
        """
        The empty tree can be asked everything.
        """
        store = self.open()
        self.assertEqual(list(store.tree.scan(EMPTY)), [])
        self.assertEqual(store.tree.sums(EMPTY), NOTHING)
        self.assertIsNone(store.tree.lookup(EMPTY, b"/a\0"))
        self.assertEqual(list(store.tree.diff(EMPTY, EMPTY)), [])

    def test_order(self) -> None:
        """
        Changes out of order are refused, as are changes outside a write transaction.
        """
        store = self.open()
        changes = [(make_key("/b"), content(1)), (make_key("/a"), content(1))]
        self.assertRaises(ValueError, store.tree.apply, EMPTY, changes)
        with store.database.write() as connection:
            self.assertRaises(ValueError, Editor(store.tree.nodes, connection).apply, EMPTY, changes)

    def test_sees_its_own_transaction(self) -> None:
        """
        Inside a write transaction a tree that was just made can be read and changed again; when the transaction fails, nothing is left.
        """
        store = self.open()

        def fail() -> None:
            with store.database.write() as connection:
                tree = store.tree.inside(connection)
                root = tree.apply(EMPTY, [(make_key("/a"), content(1))])
                root = tree.apply(root, [(make_key("/b"), content(2))])
                self.assertEqual(tree.lookup(root, make_key("/a")), content(1))
                raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, fail)
        self.assertEqual(store.database.reader().execute("SELECT * FROM nodes").fetchall(), [])

    def test_skips_what_is_shared(self) -> None:
        """
        The difference of two big trees reads few nodes.
        """
        store = self.open()
        old = change(store, EMPTY, {make_key(f"/{number:05d}"): content(number) for number in range(20_000)})
        new = change(store, old, {make_key("/07777a"): content(1), make_key("/12345"): None})
        read = []
        original = store.tree.nodes.node
        self.patch(store.tree.nodes, "node", lambda id, connection: read.append(id) or original(id, connection))
        self.assertEqual([found.key for found in store.tree.diff(old, new)], [make_key("/07777a"), make_key("/12345")])
        self.assertLess(len(read), 40)


class KeyTests(StoreCase):
    """
    Keys of paths.
    """

    def test_order_is_that_of_pfs(self) -> None:
        """
        Byte order of the full path, a directory counting with its slash.
        """
        paths = ["/s/B", "/s/a", "/s/a-b", "/s/a/x", "/s/a0", "/s/b"]
        keys = [make_key(path) for path in paths]
        self.assertEqual(sorted(keys), keys)
        start, stop = key_range("/s/a/")
        self.assertEqual([start <= key < stop for key in keys], [False, False, False, True, False, False])
        start, stop = file_range("/s/a")
        self.assertEqual([start <= key < stop for key in keys], [False, True, False, False, False, False])

    def test_both_ways(self) -> None:
        """
        A key gives back its path and datum; the default datum has the key of no datum.
        """
        self.assertEqual(split_key(make_key("/a", "tag")), ("/a", "tag"))
        self.assertEqual(split_key(make_key("/a")), ("/a", "default"))
        self.assertEqual(make_key("/a", "default"), make_key("/a"))

    def test_refused(self) -> None:
        """
        Zero bytes would make two paths one, and there is a longest key.
        """
        for path, datum in (("/a\0b", ""), ("/a", "x\0"), ("/" + "a" * 60_000, "")):
            self.assertRaises(ValueError, make_key, path, datum)


class ContentTests(StoreCase):
    """
    Contents, in all of their forms.
    """

    def test_forms(self) -> None:
        """
        Of no chunk, one, few and many: size, hash and chunks come back, from the packed form alone once it is in a tree.
        """
        store = self.open()
        for count in (0, 1, 2, 4, 5, 1000):
            chunks = [Chunk(digest(b"%d" % number), number + 1) for number in range(count)]
            made = Content.of(chunks)
            root = change(store, EMPTY, {make_key("/a"): made})
            found = store.tree.lookup(root, make_key("/a"))
            assert found is not None
            self.assertEqual(found.spilled, b"")
            self.assertEqual(store.tree.chunks(found), chunks)
            self.assertEqual(store.tree.chunks(made), chunks)
            self.assertEqual(found.size, sum(chunk.size for chunk in chunks))
            self.assertEqual(found.hash, digest(b"".join(chunk.hash for chunk in chunks)))
            self.assertLess(len(found.packed), 200)

    def test_hashes_are_those_of_pfs(self) -> None:
        """
        The hashes of an empty file and of a file of eleven bytes, as in C{recorded-main.json}.
        """
        store = self.open()
        with store.intake() as intake:
            self.assertEqual(intake.writer().finish().hash.hex()[:16], "0e5751c026e543b2")
            writer = intake.writer()
            writer.write(b"x")
            self.assertEqual(writer.finish().hash, digest(digest(b"x")))

    def test_join(self) -> None:
        """
        Joined contents are what their chunks are in a row.
        """
        store = self.open()
        many = Content.of([Chunk(digest(b"%d" % number), 1) for number in range(9)])
        joined = store.tree.join([content(1, 5), Content.of([]), many])
        self.assertEqual(joined.size, 14)
        self.assertEqual(store.tree.chunks(joined), [*content(1, 5).inline_chunks(), *store.tree.chunks(many)])
