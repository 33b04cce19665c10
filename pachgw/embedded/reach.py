"""
What can be reached from the roots of trees.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator

from pachgw.embedded.entries import Content
from pachgw.embedded.faults import Damaged
from pachgw.embedded.nodes import Node

_CACHE = 32 * 1024
"""
How many KiB of marks are kept in memory: about 700,000.
"""


class Marks:
    """
    A set of ids that may grow beyond what memory holds: a private database that SQLite moves to a temporary file when it has to.
    Used by one thread.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute(f"PRAGMA cache_size=-{_CACHE}")
        self._database.execute("CREATE TABLE marks (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def add(self, id: bytes) -> bool:
        """
        Mark one.

        @return: whether it was not marked before.
        """
        return self._database.execute("INSERT INTO marks VALUES (?) ON CONFLICT DO NOTHING", (id,)).rowcount > 0

    def add_all(self, ids: Iterable[bytes]) -> None:
        """
        Mark several.
        """
        self._database.executemany("INSERT INTO marks VALUES (?) ON CONFLICT DO NOTHING", zip(ids, strict=False))

    def has(self, id: bytes) -> bool:
        """
        Whether it is marked.
        """
        return self._database.execute("SELECT 1 FROM marks WHERE id = ?", (id,)).fetchone() is not None

    def close(self) -> None:
        """
        Forget all of it.
        """
        self._database.close()


def walk(
    roots: Iterable[bytes], load: Callable[[bytes], Node], marks: Marks, damaged: Callable[[Damaged], None]
) -> Iterator[tuple[bytes, Node]]:
    """
    Visit each node below some roots once, and mark it.

    @param load: reads a node by its id.
    @param damaged: is told of a node that cannot be read; when it returns, the walk goes on without it.
    """
    for root in roots:
        waiting = [root]
        while waiting:
            id = waiting.pop()
            if not marks.add(id):
                continue
            try:
                node = load(id)
            except Damaged as error:
                damaged(error)
                continue
            yield id, node
            if node.level:
                waiting.extend(value[:32] for value in reversed(node.values))


def contents(leaf: Node) -> Iterator[Content]:
    """
    The contents in a leaf.
    """
    return map(Content, leaf.values)
