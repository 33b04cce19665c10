"""
The format of nodes, and their cache.
"""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.entries import Chunk, Content, Sums, add, digest, weigh
from pachgw.embedded.faults import Damaged
from pachgw.embedded.nodes import Node, NodeStore, decode, encode, reference
from tests.embedded.stores import StoreCase


def leaf(*keys: bytes) -> Node:
    """
    A leaf of empty files.
    """
    return Node(0, list(keys), [b""] * len(keys), add(weigh(key, b"") for key in keys))


class FormatTests(SynchronousTestCase):
    """
    L{encode} and L{decode}.
    """

    def test_both_ways(self) -> None:
        """
        What is encoded comes back, whatever the keys have in common.
        """

        @settings(max_examples=100, deadline=None, derandomize=True)
        @given(st.sets(st.binary(min_size=1, max_size=9), min_size=1), st.binary(max_size=5), st.integers(0, 3))
        def check(tails: set[bytes], head: bytes, level: int) -> None:
            keys = sorted(head + tail for tail in tails)
            sums = Sums(len(keys), 2**40, 2**128 - 1)
            values = [reference(digest(key), sums) if level else Content.of([Chunk(digest(key), 7)]).packed for key in keys]
            node = decode(encode(Node(level, keys, values, sums)))
            self.assertEqual((node.level, node.keys, node.values, node.sums), (level, keys, values, sums))

        check()

    def test_any_bytes(self) -> None:
        """
        Bytes that are no node are told as damage and nothing else; what is taken for one can be used.
        """
        whole = encode(leaf(b"/a\0", b"/ab\0", b"/b\0"))

        @settings(max_examples=300, deadline=None, derandomize=True)
        @given(st.integers(0, len(whole)), st.binary(max_size=12))
        def check(place: int, bytes: bytes) -> None:
            body = whole[:place] + bytes + whole[place + len(bytes) :]
            try:
                node = decode(body)
            except Damaged:
                return
            self.assertEqual(len(node.keys), len(node.values))
            self.assertTrue(node.keys)
            self.assertTrue(node.level == 0 or all(len(value) == 64 for value in node.values))

        check()

    def test_compact(self) -> None:
        """
        A file of one chunk takes the part of its path that its neighbours do not share, and 44 bytes.
        """
        keys = [b"/some/long/directory/%06d\0" % number for number in range(100, 150)]
        values = [Content.of([Chunk(digest(key), 7)]).packed for key in keys]
        self.assertLess(len(encode(Node(0, keys, values, Sums(0, 0, 0)))), 50 * (3 + 44) + 100)


class CacheTests(StoreCase):
    """
    The cache of L{NodeStore}.
    """

    def test_bounded(self) -> None:
        """
        What was used last stays, within the bound.
        """
        store = self.open()
        nodes = [leaf(b"/%d\0" % number) for number in range(10)]
        bodies = {digest(encode(node)): encode(node) for node in nodes}
        size = len(encode(nodes[0]))
        kept = NodeStore(store.database, store.pins, cache_bytes=3 * size)
        with store.database.write() as connection:
            kept.save(connection, bodies)
        ids = list(bodies)
        for id in (*ids, ids[8]):
            kept.node(id)
        with store.database.write() as connection:
            connection.execute("DELETE FROM nodes")
        self.assertEqual(kept.node(ids[8]).keys, [b"/8\0"])
        kept.keep(ids[0], nodes[0], size)
        self.assertRaises(Damaged, kept.node, ids[7])
        self.assertEqual([kept.node(id).keys[0] for id in (ids[9], ids[8], ids[0])], [b"/9\0", b"/8\0", b"/0\0"])
        kept.forget()
        self.assertRaises(Damaged, kept.node, ids[9])
