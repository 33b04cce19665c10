"""
File sets: what is to be done to files, kept as a tree.

A file set deletes and then adds. What it adds lies in its tree under the keys of the files, what it deletes under the same keys with a mark
before them; so a tree of files is a file set that only adds, and a file set can be read as if it were a commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Optional

from pachgw.embedded.chunks import SMALL, ChunkStore
from pachgw.embedded.entries import Chunk, Content, digest, file_range, key_range, make_key
from pachgw.embedded.errors import unknown
from pachgw.embedded.pins import Lease
from pachgw.embedded.tree import Tree

_MARK = b"\x01"
_NOTHING = Content.of([])
FILES = key_range("/")
"""
The range of keys of files, which leaves out the marks.
"""


def key_of(path: str, datum: str) -> bytes:
    """
    The key of a file, as of L{make_key}.

    @raise Refused: no tree can hold it.
    """
    try:
        return make_key(path, datum)
    except ValueError:
        raise unknown(f"path ({path[:100]}) invalid: it is too long, or its datum is odd") from None


class Joiner:
    """
    Puts contents one after the other, inside a write transaction. Small ones become a single chunk, as if they had been written at once.
    """

    def __init__(self, tree: Tree, chunks: ChunkStore, connection: sqlite3.Connection, lease: Lease) -> None:
        """
        @param tree: inside the transaction.
        @param lease: holds what is written until it is referred to.
        """
        self._tree = tree
        self._chunks = chunks
        self._connection = connection
        self._lease = lease

    def join(self, contents: list[Content]) -> Content:
        """
        The content that consists of these, in order.
        """
        if len(contents) == 1:
            return contents[0]
        if sum(content.size for content in contents) > SMALL:
            return self._tree.join(contents)
        data = b"".join(self._bytes(chunk) for content in contents for chunk in self._tree.chunks(content))
        if not data:
            return _NOTHING
        chunk = Chunk(digest(data), len(data))
        self._lease.hold_chunk(chunk.hash)
        self._chunks.save(self._connection, {chunk.hash: data})
        return Content.of([chunk])

    def _bytes(self, chunk: Chunk) -> bytes:
        data: bytes = self._connection.execute("SELECT content FROM chunks WHERE hash = ?", (chunk.hash,)).fetchone()[0]
        return data


class Changes:
    """
    What a request does to files, gathered in memory. Keys are as of L{key_of}.
    """

    def __init__(self) -> None:
        self._deleted: set[bytes] = set()
        self._emptied: list[str] = []
        self._added: dict[bytes, list[list[Content]]] = {}
        self._written: set[bytes] = set()

    def __bool__(self) -> bool:
        return bool(self._deleted or self._emptied or self._added)

    def delete(self, key: bytes) -> None:
        """
        Take away what is at a key by now.
        """
        self._added.pop(key, None)
        self._deleted.add(key)

    def empty(self, directory: str) -> None:
        """
        Take away all that is below a directory by now.

        @param directory: with its trailing slash.
        """
        start, stop = key_range(directory)
        for key in [key for key in self._added if start <= key < stop]:
            del self._added[key]
        self._emptied.append(directory)

    def write(self, key: bytes, content: Content) -> None:
        """
        Append bytes that came with the request.
        """
        runs = self._added.setdefault(key, [])
        if runs and key in self._written:
            runs[-1].append(content)
        else:
            runs.append([content])
        self._written.add(key)

    def copy(self, key: bytes, content: Content) -> None:
        """
        Append by reference. As in pachd, a second content beside one that was copied to the same place makes the file ambiguous, which
        is refused when it is read.
        """
        self._added.setdefault(key, []).append([content])
        self._written.discard(key)

    def lay(self, tree: Tree, root: bytes) -> None:
        """
        Do what a file set does on top of all that is here.
        """
        for key, _ in tree.scan(root, _MARK, FILES[0]):
            self.delete(key[1:])
        for key, content in tree.scan(root, *FILES):
            runs = self._added.setdefault(key, [[]])
            runs[0].append(content)

    def as_file_set(self, tree: Tree, joiner: Joiner, root: bytes = b"", base: bytes = b"") -> bytes:
        """
        Make a file set that does this, on top of another one, inside a write transaction.

        @param base: the root of the files that it will be done to; what is below an emptied directory there is deleted by name.
        @return: the new root.
        """
        gone = self._deleted.union(self._below(tree, root), self._below(tree, base))
        marks = {_MARK + key: _NOTHING for key in gone}
        return tree.apply(root, sorted({**marks, **self._edits(tree, joiner, root)}.items()))

    def onto(self, tree: Tree, joiner: Joiner, root: bytes) -> bytes:
        """
        Do it to the files of a commit, inside a write transaction.

        @return: the root of the result.
        """
        return tree.apply(root, sorted(self._edits(tree, joiner, root).items()))

    def _below(self, tree: Tree, root: bytes) -> Iterator[bytes]:
        for directory in self._emptied:
            for key, _ in tree.scan(root, *key_range(directory)):
                yield key

    def _edits(self, tree: Tree, joiner: Joiner, root: bytes) -> dict[bytes, Optional[Content]]:
        edits: dict[bytes, Optional[Content]] = dict.fromkeys(self._deleted)
        edits.update(dict.fromkeys(self._below(tree, root)))
        for key, parts in self._pieces():
            old = None if key in edits else tree.lookup(root, key)
            edits[key] = joiner.join([*([old] if old else []), *parts])
        return edits

    def _pieces(self) -> Iterator[tuple[bytes, list[Content]]]:
        for key, runs in self._added.items():
            for number, parts in enumerate(runs):
                yield key + _MARK * number, parts


def added_keys(tree: Tree, root: bytes) -> Iterable[bytes]:
    """
    The keys of the files that a file set adds to.
    """
    return (key for key, _ in tree.scan(root, *FILES))


def touches(tree: Tree, root: bytes, path: str) -> bool:
    """
    Whether a file set does anything to a file, under whatever tag.
    """
    start, stop = file_range(path)
    return any(tree.first(root, mark + start, mark + stop) for mark in (b"", _MARK))
