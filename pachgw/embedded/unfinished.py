"""
A chunk file on its way to its name.
"""

from __future__ import annotations

import itertools
from hashlib import blake2b
from pathlib import Path

from pachgw.embedded.chunks import ChunkStore
from pachgw.embedded.disk import Buffer
from pachgw.embedded.entries import Chunk

_names = itertools.count()


class UnfinishedChunk:
    """
    A large chunk that is being written, to a temporary file. It ends with either L{place} or L{discard}.

    @ivar size: how many bytes have come.
    """

    def __init__(self, chunks: ChunkStore) -> None:
        self.size = 0
        self._chunks = chunks
        self._hash = blake2b(digest_size=32)
        self._path = chunks.temporary / f"{next(_names)}"
        self._descriptor = chunks.disk.create(self._path)

    def write(self, data: Buffer) -> None:
        """
        Append bytes.
        """
        self._hash.update(data)
        self._chunks.disk.write(self._descriptor, data)
        self.size += len(data)

    def chunk(self) -> Chunk:
        """
        What it has become.
        """
        return Chunk(self._hash.digest(), self.size)

    def place(self, target: Path) -> None:
        """
        Sync it and give it its name, in that order; the folder of the name is there afterwards, but not synced.
        """
        try:
            self._chunks.disk.sync(self._descriptor)
            self._chunks.prepare(target.parent)
            self._chunks.disk.rename(self._path, target)
        finally:
            self.discard()

    def discard(self) -> None:
        """
        Close the file, and remove it if it still has its temporary name.
        """
        self._chunks.disk.close(self._descriptor)
        self._chunks.disk.remove(self._path)
