"""
Proving a store: that all that its commits and file sets hold is there and is what it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from enum import Enum
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

from pachgw.embedded.chunks import SMALL
from pachgw.embedded.entries import Chunk, Content, add, digest
from pachgw.embedded.faults import Damaged
from pachgw.embedded.nodes import Node, decode, weigh_at
from pachgw.embedded.reach import Marks, contents, walk
from pachgw.embedded.store import Store


class Kind(Enum):
    """
    What a finding means.
    """

    DAMAGE = "damage"
    """Data of a commit or file set is lost or wrong."""

    ORPHAN = "orphan"
    """Nothing refers to it: harmless, the garbage collection will take it; or a request that runs has just written it."""

    STRAY = "stray"
    """A file that is left over from a crash or does not belong here: harmless."""


class Finding(NamedTuple):
    """
    Something that a check has found.

    @ivar kind: how bad it is.
    @ivar text: what it is, for an operator.
    """

    kind: Kind
    text: str


class Check:
    """
    One check of a store. It changes nothing, and may run while the store serves.
    """

    def __init__(self, store: Store, roots: Iterable[bytes], contents: bool = True) -> None:
        """
        @param roots: those of all commits and file sets.
        @param contents: whether to read all chunks and compare their hashes, not only their presence and sizes.
        """
        self._store = store
        self._roots = [root for root in roots if root]
        self._contents = contents
        self._found: list[Finding] = []

    def run(self) -> Iterator[Finding]:
        """
        Check, and yield what is found while it goes on. A whole store yields no L{Kind.DAMAGE}.
        """
        marks = Marks()
        try:
            self._check_database()
            for id, node in walk(self._roots, self._load, marks, lambda error: self._damage(str(error))):
                self._check_node(id, node)
                if node.level == 0:
                    for content in contents(node):
                        self._check_content(content, marks)
                yield from self._report()
            yield from self._report()
            yield from self._orphans(marks)
        except sqlite3.DatabaseError as error:
            self._damage(f"the database cannot be read: {error}")
            yield from self._report()
        finally:
            marks.close()

    def _damage(self, text: str) -> None:
        self._found.append(Finding(Kind.DAMAGE, text))

    def _check_database(self) -> None:
        """
        That SQLite's own structures are sound.
        """
        try:
            texts = [text for (text,) in self._store.database.reader().execute("PRAGMA quick_check")]
        except sqlite3.DatabaseError as error:
            texts = [str(error)]
        if texts != ["ok"]:
            self._damage("the database is damaged: " + "; ".join(texts))

    def _report(self) -> list[Finding]:
        found, self._found = self._found, []
        return found

    def _load(self, id: bytes) -> Node:
        body = self._store.tree.nodes.body(id)
        if digest(body) != id:
            raise Damaged(f"the node {id.hex()} has other bytes than its id says")
        return decode(body)

    def _check_node(self, id: bytes, node: Node) -> None:
        """
        That a node's keys are in order, its sums add up, and its children are what it says of them.
        """
        if not node.keys or any(left >= right for left, right in pairwise(node.keys)):
            self._damage(f"the keys of the node {id.hex()} are not in order")
        if add(map(weigh_at, [node.level] * len(node.keys), node.keys, node.values)) != node.sums:
            self._damage(f"the sums of the node {id.hex()} are wrong")
        for key, value in zip(node.keys, node.values, strict=True) if node.level else ():
            try:
                child = self._load(value[:32])
            except Damaged:
                continue  # the walk will come to it and say so
            if child.level != node.level - 1 or child.keys[-1] != key or child.sums != weigh_at(node.level, key, value):
                self._damage(f"the node {id.hex()} says something wrong about its child {value[:32].hex()}")

    def _check_content(self, content: Content, marks: Marks) -> None:
        """
        That a file's chunks are there and add up to it.
        """
        try:
            if content.list_id is not None and digest(self._store.tree.nodes.body(content.list_id)) != content.list_id:
                raise Damaged(f"the list of chunks {content.list_id.hex()} has other bytes than its id says")
            chunks = self._store.tree.chunks(content)
        except Damaged as error:
            self._damage(str(error))
            return
        if content.list_id is not None:
            marks.add(content.list_id)
        if content != Content.of(chunks):
            self._damage(f"a file of {content.size} bytes is not what its chunks add up to")
        for chunk in chunks:
            if marks.add(chunk.hash):
                self._check_chunk(chunk)

    def _check_chunk(self, chunk: Chunk) -> None:
        """
        That a chunk is there and has its hash.
        """
        if not self._contents and chunk.size > SMALL:
            if not self._store.chunks.has_file(chunk):
                self._damage(f"the chunk {chunk.hash.hex()} is missing or has the wrong size")
            return
        hashed = blake2b(digest_size=32)
        try:
            for piece in self._store.chunks.read([chunk]):
                hashed.update(piece)
        except (Damaged, OSError) as error:
            self._damage(str(error))
            return
        if hashed.digest() != chunk.hash:
            self._damage(f"the chunk {chunk.hash.hex()} has other bytes than its hash says")

    def _orphans(self, marks: Marks) -> Iterator[Finding]:
        """
        What is there and not reachable.
        """
        for table, select in (("node", "SELECT id FROM nodes"), ("small chunk", "SELECT hash FROM chunks")):
            count = sum(not marks.has(id) for (id,) in self._store.database.reader().execute(select))
            if count:
                yield Finding(Kind.ORPHAN, f"{count} unreferenced rows of kind {table}")
        for folder in self._store.chunks.folders():
            for hash in self._store.chunks.in_folder(folder):
                if not marks.has(hash):
                    yield Finding(Kind.ORPHAN, f"the chunk file {hash.hex()} is not referred to")
        for path in self._store.chunks.strays():
            yield Finding(Kind.STRAY, f"the file {path} does not belong here")
