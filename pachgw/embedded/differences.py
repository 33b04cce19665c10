"""
In what two trees differ.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import NamedTuple, Optional

from pachgw.embedded.entries import Content
from pachgw.embedded.nodes import Node


class Difference(NamedTuple):
    """
    A key that does not stand for the same content in two trees.

    @ivar old: its content in the first; C{None} if it has none.
    @ivar new: its content in the second; C{None} if it has none.
    """

    key: bytes
    old: Optional[Content]
    new: Optional[Content]


class _Cursor:
    """
    A place in a tree, before an entry of any level: all entries before it are done with.
    """

    def __init__(self, node: Callable[[bytes], Node], root: bytes, start: bytes, stop: Optional[bytes]) -> None:
        self._node = node
        self._start = start
        self._stop = stop
        self._path: list[tuple[Node, int]] = []
        if root:
            self._enter(root)

    def _enter(self, id: bytes) -> None:
        node = self._node(id)
        self._path.append((node, bisect_left(node.keys, self._start)))
        self._climb()

    def _climb(self) -> None:
        """
        Leave the nodes that are at their ends.
        """
        while self._path and self._path[-1][1] == len(self._path[-1][0].keys):
            self._path.pop()
            if self._path:
                node, place = self._path.pop()
                self._path.append((node, place + 1))

    @property
    def level(self) -> int:
        """
        The level of the node in which the next entry lies; -1 at the end of the range.
        """
        if self._path and self._path[-1][0].level == 0 and self._stop is not None and self.key >= self._stop:
            self._path.clear()
        return self._path[-1][0].level if self._path else -1

    @property
    def key(self) -> bytes:
        """
        The key of the next entry.
        """
        node, place = self._path[-1]
        return node.keys[place]

    @property
    def value(self) -> bytes:
        """
        The value of the next entry.
        """
        node, place = self._path[-1]
        return node.values[place]

    def skip(self) -> None:
        """
        Go past the next entry.
        """
        node, place = self._path.pop()
        self._path.append((node, place + 1))
        self._climb()

    def descend(self) -> None:
        """
        Go down to the first entry of the next entry's child.
        """
        self._enter(self.value[:32])


def differences(
    node: Callable[[bytes], Node], old_root: bytes, new_root: bytes, start: bytes, stop: Optional[bytes]
) -> Iterator[Difference]:
    """
    As L{Tree.diff<pachgw.embedded.tree.Tree.diff>}.

    @param node: finds a node by its id.
    """
    if old_root == new_root:
        return
    old = _Cursor(node, old_root, start, stop)
    new = _Cursor(node, new_root, start, stop)
    while old.level >= 0 or new.level >= 0:
        if old.level == new.level and old.value == new.value and old.key == new.key:
            old.skip()
            new.skip()
        elif old.level > 0 or new.level > 0:
            levels = old.level, new.level
            if levels[0] >= levels[1]:
                old.descend()
            if levels[1] >= levels[0]:
                new.descend()
        else:
            yield _step(old, new)


def _step(old: _Cursor, new: _Cursor) -> Difference:
    """
    The difference at the lower of two entries of leaves that are not the same.
    """
    key = min(cursor.key for cursor in (old, new) if cursor.level == 0)
    contents = []
    for cursor in (old, new):
        here = cursor.level == 0 and cursor.key == key
        contents.append(Content(cursor.value) if here else None)
        if here:
            cursor.skip()
    return Difference(key, *contents)
