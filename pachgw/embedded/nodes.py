"""
The nodes of trees: their format, where they are kept, and the cache of those in use.

A node is a sorted run of keys with a value for each. In a leaf (level 0) the values are packed contents; above, the key is the last
one below a child, and the value refers to the child: its id (32 bytes) and its sums (files 8, size 8, print 16).

The body of a node is, with integers little endian:

  - the level (1), the number of keys (2), the length of the prefix that all keys share (2), and the node's sums (32);
  - the length of each key without the prefix (2 each), the length of each value (2 each);
  - the prefix, the keys without it, the values.
"""

from __future__ import annotations

import sqlite3
import struct
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Optional

from pachgw.embedded.database import Database
from pachgw.embedded.entries import Sums, weigh
from pachgw.embedded.faults import Damaged, told_apart
from pachgw.embedded.pins import Pins

_HEAD = struct.Struct("<BHHQQ16s")
_REFERENCE = struct.Struct("<32sQQ16s")
CACHE_BYTES = 24 * 1024 * 1024


class Node:
    """
    A node, decoded. Nobody changes one.

    @ivar level: 0 for a leaf.
    @ivar keys: in order.
    @ivar values: one for each key.
    @ivar sums: of everything below.
    """

    __slots__ = ("keys", "level", "sums", "values")

    def __init__(self, level: int, keys: Sequence[bytes], values: Sequence[bytes], sums: Sums) -> None:
        self.level = level
        self.keys = keys
        self.values = values
        self.sums = sums


def weigh_at(level: int, key: bytes, value: bytes) -> Sums:
    """
    What one key of a node adds to the node's sums.
    """
    if level == 0:
        return weigh(key, value)
    _, files, size, prints = _REFERENCE.unpack(value)
    return Sums(files, size, int.from_bytes(prints, "little"))


def reference(id: bytes, sums: Sums) -> bytes:
    """
    The value by which a node refers to a child.
    """
    return _REFERENCE.pack(id, sums.files, sums.size, sums.print.to_bytes(16, "little"))


def encode(node: Node) -> bytes:
    """
    The body of a node.
    """
    keys, values = node.keys, node.values
    shared = _shared(keys[0], keys[-1])
    suffixes = [key[shared:] for key in keys]
    sums = node.sums
    return b"".join(
        (
            _HEAD.pack(node.level, len(keys), shared, sums.files, sums.size, sums.print.to_bytes(16, "little")),
            struct.pack(f"<{2 * len(keys)}H", *map(len, suffixes), *map(len, values)),
            keys[0][:shared],
            *suffixes,
            *values,
        )
    )


def decode(body: bytes) -> Node:
    """
    The node of a body.

    @raise Damaged: it is none.
    """
    try:
        level, count, shared, files, size, prints = _HEAD.unpack_from(body)
        lengths = struct.unpack_from(f"<{2 * count}H", body, _HEAD.size)
        start = _HEAD.size + 4 * count
        prefix = body[start : start + shared]
        ends = list(accumulate(lengths, initial=start + shared))
        if not count or ends[-1] != len(body):
            raise Damaged("a node of a tree has the wrong length")
        if level and set(lengths[count:]) != {_REFERENCE.size}:
            raise Damaged("a node of a tree has values that are no references")
    except struct.error as error:
        raise Damaged("a node of a tree cannot be read") from error
    pieces = [body[left:right] for left, right in pairwise(ends)]
    keys = [prefix + piece for piece in pieces[:count]] if prefix else pieces[:count]
    return Node(level, keys, pieces[count:], Sums(files, size, int.from_bytes(prints, "little")))


def _shared(first: bytes, last: bytes) -> int:
    """
    How many leading bytes two keys have in common.
    """
    length = min(len(first), len(last))  # as numbers: a loop over the bytes was a third of what it takes to encode a node
    differing = int.from_bytes(first[:length], "big") ^ int.from_bytes(last[:length], "big")
    return length - (differing.bit_length() + 7) // 8


class NodeStore:
    """
    Nodes and lists of chunks by their ids, which are the BLAKE2b-256 of their bodies. Safe to use from many threads.
    """

    def __init__(self, database: Database, pins: Pins, cache_bytes: int = CACHE_BYTES) -> None:
        """
        @param pins: told of all that is saved.
        @param cache_bytes: how much may be kept in memory, by the size of bodies; decoded they take some two times that.
        """
        self._database = database
        self._pins = pins
        self._limit = cache_bytes
        self._held = 0
        self._cache: OrderedDict[bytes, tuple[Node, int]] = OrderedDict()
        self._guard = threading.Lock()

    def node(self, id: bytes, connection: Optional[sqlite3.Connection] = None) -> Node:
        """
        A node.

        @param connection: that of a write transaction, to see what it has saved.
        @raise Damaged: there is none of this id.
        """
        with self._guard:
            found = self._cache.get(id)
            if found is not None:
                self._cache.move_to_end(id)
                return found[0]
        body = self.body(id, connection)
        node = decode(body)
        self.keep(id, node, len(body))
        return node

    def body(self, id: bytes, connection: Optional[sqlite3.Connection] = None) -> bytes:
        """
        The bytes of a node or list, uncached; otherwise as L{node}.
        """
        with told_apart("read a node"):
            row = (connection or self._database.reader()).execute("SELECT body FROM nodes WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise Damaged(f"the store lacks the node {id.hex()}")
        body: bytes = row[0]
        return body

    def save(self, connection: sqlite3.Connection, bodies: Mapping[bytes, bytes]) -> None:
        """
        Store bodies by their ids inside a write transaction; those that are there already stay as they are.
        """
        self._pins.touch(bodies)
        connection.executemany("INSERT INTO nodes (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING", bodies.items())

    def forget(self) -> None:
        """
        Empty the cache.
        """
        with self._guard:
            self._cache.clear()
            self._held = 0

    def keep(self, id: bytes, node: Node, size: int) -> None:
        """
        Put a node into the cache, and take out what was not used for longest. It does no harm if the node is not stored in the end.

        @param size: of its body, in bytes.
        """
        with self._guard:
            if id not in self._cache:
                self._held += size
            self._cache[id] = (node, size)
            while self._held > self._limit:
                self._held -= self._cache.popitem(last=False)[1][1]
