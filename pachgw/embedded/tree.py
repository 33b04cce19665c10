"""
Trees of files: immutable, content-addressed, and sharing all that they have in common.

A tree is named by its root, the id of a node; the empty tree by C{EMPTY}. A change makes a new root and leaves the old one whole. Where
a node ends is decided by a hash of the key there (see L{pachgw.embedded.edits}), so that the same files make the same root, however
they came.

All ranges are half open: from C{start} on, up to but not including C{stop}. To begin after a key, add a zero byte to it.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

from pachgw.embedded.differences import Difference, differences
from pachgw.embedded.edits import Editor
from pachgw.embedded.entries import NOTHING, Chunk, Content, Sums, add, unpack_chunks
from pachgw.embedded.nodes import Node, NodeStore, weigh_at

EMPTY = b""
"""
The root of a tree without files.
"""


class Tree:
    """
    What can be done with trees. Holds no state: each method names the root it is about.

    @ivar nodes: where they are kept.
    """

    def __init__(self, nodes: NodeStore, connection: Optional[sqlite3.Connection] = None) -> None:
        self.nodes = nodes
        self._connection = connection

    def inside(self, connection: sqlite3.Connection) -> Tree:
        """
        The same, inside a write transaction: sees what that has saved, and can L{apply}.
        """
        return Tree(self.nodes, connection)

    def lookup(self, root: bytes, key: bytes) -> Optional[Content]:
        """
        The content at a key, or C{None}.
        """
        found = self.first(root, key)
        return found[1] if found is not None and found[0] == key else None

    def first(self, root: bytes, start: bytes, stop: Optional[bytes] = None) -> Optional[tuple[bytes, Content]]:
        """
        The first file of a range, or C{None}; quicker than a L{scan} for it.
        """
        leaf, place = self._leaf(root, start)
        if leaf is None or (stop is not None and leaf.keys[place] >= stop):
            return None
        return leaf.keys[place], Content(leaf.values[place])

    def near(self, root: bytes, start: bytes, most: int) -> Sequence[bytes]:
        """
        The first keys from C{start} on, as far as they lie side by side: in time that does not depend on how many follow.

        @return: at most so many; fewer, though one at least if there is one, where a leaf ends.
        """
        leaf, place = self._leaf(root, start)
        return () if leaf is None else leaf.keys[place : place + most]

    def _leaf(self, root: bytes, start: bytes) -> tuple[Optional[Node], int]:
        """
        Where the first key from C{start} on is: the leaf, C{None} if there is no such key, and the place in it.
        """
        while root:
            node = self.nodes.node(root, self._connection)
            place = bisect_left(node.keys, start)
            if place == len(node.keys):
                break
            if node.level == 0:
                return node, place
            root = node.values[place][:32]
        return None, 0

    def scan(self, root: bytes, start: bytes = b"", stop: Optional[bytes] = None, reverse: bool = False) -> Iterator[tuple[bytes, Content]]:
        """
        The files of a range in order; with C{reverse} from the last to the first. Costs what is read from it.
        """
        if root:
            for keys, values in self._runs(root, start, stop, reverse):
                yield from zip(keys, map(Content, values), strict=True)

    def sums(self, root: bytes, start: bytes = b"", stop: Optional[bytes] = None) -> Sums:
        """
        What the files of a range add up to, in time that grows with the logarithm of the tree.
        """
        if not root:
            return NOTHING
        node = self.nodes.node(root, self._connection)
        if not start and stop is None:
            return node.sums
        low = bisect_left(node.keys, start)
        high = len(node.keys) if stop is None else bisect_left(node.keys, stop)
        if node.level == 0:
            return add(map(weigh_at, [0] * (high - low), node.keys[low:high], node.values[low:high]))
        return add(self._parts(node, low, high, start, stop))

    def _parts(self, node: Node, low: int, high: int, start: bytes, stop: Optional[bytes]) -> Iterator[Sums]:
        """
        The sums of the children from C{low} to C{high}, of which the first and the last may lie in the range in part.
        """
        if low == len(node.keys):
            return
        if low == high:
            yield self.sums(node.values[low][:32], start, stop)
            return
        yield self.sums(node.values[low][:32], start)
        yield from map(weigh_at, [1] * (high - low - 1), node.keys[low + 1 : high], node.values[low + 1 : high])
        if high < len(node.keys):
            yield self.sums(node.values[high][:32], b"", stop)

    def apply(self, root: bytes, changes: Iterable[tuple[bytes, Optional[Content]]]) -> bytes:
        """
        Make a tree that differs from another one, inside a write transaction. Costs what changes, not what exists.

        @param changes: keys with their new contents, C{None} to remove one (it need not be there); in the order of the keys, each once.
        @return: the new root, which is the old one if nothing changes.
        """
        if self._connection is None:
            raise ValueError("trees are made inside a write transaction")
        return Editor(self.nodes, self._connection).apply(root, changes)

    def diff(self, old: bytes, new: bytes, start: bytes = b"", stop: Optional[bytes] = None) -> Iterator[Difference]:
        """
        The keys at which two trees differ, in order, with both contents. What they share is not looked at.
        """
        return differences(lambda id: self.nodes.node(id, self._connection), old, new, start, stop)

    def chunks(self, content: Content) -> list[Chunk]:
        """
        The chunks of a content, in order.
        """
        if content.spilled:
            return unpack_chunks(content.spilled)
        if not content.packed:
            return []
        list_id = content.list_id
        return content.inline_chunks() if list_id is None else unpack_chunks(self.nodes.body(list_id, self._connection))

    def join(self, contents: Iterable[Content]) -> Content:
        """
        The content that consists of several, one after the other. No bytes are copied.
        """
        return Content.of([chunk for content in contents for chunk in self.chunks(content)])

    def _runs(self, id: bytes, start: bytes, stop: Optional[bytes], reverse: bool) -> Iterator[tuple[Iterable[bytes], Iterable[bytes]]]:
        """
        The keys and values of a range, leaf by leaf.
        """
        node = self.nodes.node(id, self._connection)
        low = bisect_left(node.keys, start)
        high = len(node.keys) if stop is None else bisect_left(node.keys, stop)
        if node.level == 0:
            keys, values = node.keys[low:high], node.values[low:high]
            yield (reversed(keys), reversed(values)) if reverse else (keys, values)
            return
        last = min(high, len(node.keys) - 1)
        places = range(low, last + 1)
        for place in reversed(places) if reverse else places:
            yield from self._runs(node.values[place][:32], start if place == low else b"", stop if place == high else None, reverse)
