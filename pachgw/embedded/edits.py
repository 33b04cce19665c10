"""
Making a new tree from an old one and a list of changes.

The nodes of one level form a sorted map: at level 0 from keys to contents, above from the last key of each node of the level below to a
reference to it. Changing a level changes entries of the next one, so that each level is edited in the same way, from the leaves up, until
one node is left.

A node ends after a key whose hash says so, one in 32 at level 0, one in 16 of those at each level above, or after C{LARGEST} keys. So the
shape of a tree depends on its keys alone and not on their history, and a change stays in its neighbourhood.
"""

from __future__ import annotations

import itertools
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple, Optional

from pachgw.embedded.entries import Content, Sums, add, digest, subtract
from pachgw.embedded.nodes import Node, NodeStore, encode, reference, weigh_at

Edit = tuple[bytes, Optional[bytes]]
"""
A key, and its new value or C{None} to remove it.
"""

LARGEST = 512
"""
The most keys in a node, for sets of keys whose hashes never end one.
"""

_LEAF_BITS = 5
_INNER_BITS = 4


def ends_node(key: bytes, level: int) -> bool:
    """
    Whether a node of this level ends after the key.
    """
    drawn = int.from_bytes(blake2b(key, digest_size=8).digest(), "little")
    return not drawn & ((1 << (_LEAF_BITS + _INNER_BITS * level)) - 1)


class _Run:
    """
    Consecutive entries of one level on their way from old nodes to new ones.

    @ivar ends: keys after which a node may have to end; all others are known not to.
    @ivar replaced: the last keys of the old nodes.
    @ivar changed: whether the new nodes differ from the old ones.
    @ivar reshaped: whether they differ in their keys, so that they may end elsewhere.
    """

    def __init__(self, level: int) -> None:
        self.level = level
        self.keys: list[bytes] = []
        self.values: list[bytes] = []
        self.sums: list[Sums] = []
        self.gone: list[Sums] = []
        self.ends: set[bytes] = set()
        self.replaced: list[bytes] = []
        self.changed = False
        self.reshaped = False
        self._done = 0

    def take(self, node: Node) -> None:
        """
        Add the entries of an old node that follows what is here.
        """
        self._done = len(self.keys)
        self.keys.extend(node.keys)
        self.values.extend(node.values)
        self.sums.append(node.sums)
        self.replaced.append(node.keys[-1])
        self.ends.add(node.keys[-1])

    def edit(self, edits: Iterable[Edit]) -> None:
        """
        Change entries, in the order of their keys, none of them before what was edited earlier or before the last node that was taken.
        """
        for key, value in edits:
            place = self._done = bisect_left(self.keys, key, self._done)
            is_there = place < len(self.keys) and self.keys[place] == key
            old = self.values[place] if is_there else None
            if old == value:
                continue
            self.changed = True
            if old is not None:
                self.gone.append(weigh_at(self.level, key, old))
            self.reshaped = self.reshaped or value is None or not is_there
            if value is None:
                del self.keys[place], self.values[place]
                continue
            self.sums.append(weigh_at(self.level, key, value))
            if is_there:
                self.values[place] = value
            else:
                self.keys.insert(place, key)
                self.values.insert(place, value)
                self.ends.add(key)

    def is_open(self) -> bool:
        """
        Whether the last node would end where no node ends, so that the next old one has to be taken in.
        """
        return self.reshaped and bool(self.keys) and not ends_node(self.keys[-1], self.level)

    def nodes(self) -> Iterator[Node]:
        """
        The new nodes.
        """
        cuts = list(self._cuts(self.keys))
        left = subtract(add(self.sums), add(self.gone))
        for start, stop in zip([0, *cuts], cuts, strict=False):
            keys, values = self.keys[start:stop], self.values[start:stop]
            sums = left if stop == cuts[-1] else add(map(weigh_at, [self.level] * len(keys), keys, values))
            left = subtract(left, sums)
            yield Node(self.level, keys, values, sums)

    def _cuts(self, keys: list[bytes]) -> Iterator[int]:
        """
        Where nodes end, as indices into the sorted keys; the last is their number.
        """
        ends = {key for key in self.ends if key != keys[-1] and ends_node(key, self.level)} if keys and self.reshaped else ()
        start = 0
        for place, key in enumerate(keys, 1) if ends or len(keys) > LARGEST else ():
            if key in ends or place - start == LARGEST:
                yield place
                start = place
        if start < len(keys):
            yield len(keys)


class _Found(NamedTuple):
    """
    A node of some level.

    @ivar is_last: there is none after it at that level.
    """

    node: Node
    is_last: bool


class Editor:
    """
    One application of changes, inside a write transaction.
    """

    def __init__(self, nodes: NodeStore, connection: sqlite3.Connection) -> None:
        self._nodes = nodes
        self._connection = connection
        self._bodies: dict[bytes, bytes] = {}
        self._made: dict[bytes, Node] = {}
        self._inner: dict[bytes, Node] = {}

    def apply(self, root: bytes, changes: Iterable[tuple[bytes, Optional[Content]]]) -> bytes:
        """
        As L{Tree.apply<pachgw.embedded.tree.Tree.apply>}.
        """
        edits = [self._as_edit(key, content) for key, content in changes]
        if any(left[0] >= right[0] for left, right in itertools.pairwise(edits)):
            raise ValueError("changes are not in order")
        top = self._node(root).level if root else -1
        for level in range(top + 1):
            edits = list(self._edit_level(root, level, edits))
            if not edits:
                return root
        root = self._crown(top + 1, edits)
        self._nodes.save(self._connection, self._bodies)
        for id, node in self._made.items():
            self._nodes.keep(id, node, len(self._bodies[id]))
        return root

    def _as_edit(self, key: bytes, content: Optional[Content]) -> Edit:
        """
        A change in the terms of level 0; a list of chunks that may be new is kept for saving.
        """
        if content is None:
            return key, None
        if content.spilled:
            self._bodies[digest(content.spilled)] = content.spilled
        return key, content.packed

    def _crown(self, level: int, edits: list[Edit]) -> bytes:
        """
        Put levels upon the new nodes of what was the top level, until one node is left, and take off levels with a single child.
        """
        while True:
            entries = [(key, value) for key, value in edits if value is not None]
            if level and len(entries) <= 1:
                break
            run = _Run(level)
            run.edit(entries)
            if not entries:
                break
            edits = list(self._keep(run))
            level += 1
        root = entries[0][1][:32] if entries else b""
        while root and (node := self._node(root)).level and len(node.keys) == 1:
            root = node.values[0][:32]
        return root

    def _edit_level(self, root: bytes, level: int, edits: list[Edit]) -> Iterator[Edit]:
        """
        Change the nodes of one level.

        @return: the changes that this makes to the level above, in order.
        """
        keys = [key for key, _ in edits]
        done = 0
        while done < len(edits):
            found = self._find(root, level, keys[done], after=False)
            run = _Run(level)
            while True:
                run.take(found.node)
                upto = len(edits) if found.is_last else bisect_right(keys, found.node.keys[-1], done)
                run.edit(edits[done:upto])
                done = upto
                if not run.changed or found.is_last or not run.is_open():
                    break
                found = self._find(root, level, found.node.keys[-1], after=True)
            if run.changed:
                yield from self._keep(run)

    def _keep(self, run: _Run) -> Iterator[Edit]:
        """
        Encode the nodes of a run, for saving at the end.

        @return: as of L{_edit_level}.
        """
        above: dict[bytes, Optional[bytes]] = dict.fromkeys(run.replaced)
        for node in run.nodes():
            body = encode(node)
            id = digest(body)
            self._bodies[id] = body
            self._made[id] = node
            above[node.keys[-1]] = reference(id, node.sums)
        return iter(sorted(above.items(), key=lambda item: item[0]))

    def _find(self, root: bytes, level: int, key: bytes, after: bool) -> _Found:
        """
        The first node of a level that ends at the key or later, or else the last one.

        @param after: look for the first that ends later than the key instead; there is one.
        """
        node = self._node(root)
        is_last = True
        while node.level > level:
            place = bisect_right(node.keys, key) if after else bisect_left(node.keys, key)
            place = min(place, len(node.keys) - 1)
            is_last = is_last and place == len(node.keys) - 1
            node = self._node(node.values[place][:32])
        return _Found(node, is_last)

    def _node(self, id: bytes) -> Node:
        """
        An old node, or one that this application has made.
        """
        found = self._made.get(id) or self._inner.get(id)
        if found is None:
            found = self._nodes.node(id, self._connection)
            if found.level:
                self._inner[id] = found
        return found
