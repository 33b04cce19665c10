"""
The bytes of files: chunks, named by their BLAKE2b-256, each stored once.

A chunk of at most C{SMALL} bytes is a row of the database, so that many small files become durable with one sync. A larger one is a file
C{chunks/ab/cdef…} named by the hash in hex. Nothing but its presence says that it is there; it gets its name only after its content was
synced, and no transaction refers to it before the folder was synced too (see L{pachgw.embedded.intake}).
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional

from pachgw.embedded.database import Database
from pachgw.embedded.disk import Disk
from pachgw.embedded.entries import Chunk
from pachgw.embedded.faults import Damaged, told_apart

SMALL = 32 * 1024
"""
The largest chunk that is kept in the database, in bytes.
"""

LARGEST = 4 * 1024 * 1024
"""
Where content is cut, in bytes.
"""

PIECE = 1024 * 1024
"""
How much of a chunk is read at once, in bytes.
"""

_NAME = re.compile(r"^[0-9a-f]{62}$")


class ChunkStore:
    """
    Where chunks lie, and how they are read. Safe to use from many threads.

    @ivar disk: all changes of files go through it.
    @ivar temporary: the folder for files that have no name yet.
    """

    def __init__(self, folder: Path, database: Database, disk: Disk) -> None:
        """
        Makes the folders and removes what a crash left unfinished.

        @param folder: the folder of the store.
        """
        self.disk = disk
        self.temporary = folder / "unfinished"
        self._folder = folder / "chunks"
        self._database = database
        self._making = threading.Lock()
        with told_apart(f"prepare the folder {folder}"):
            disk.make_folder(self.temporary)
            disk.make_folder(self._folder)
            disk.sync_folder(folder)
            for stray in self.temporary.iterdir():
                disk.remove(stray)
            self._ready = set(self._folder.iterdir())
            disk.sync_folder(self._folder)

    def prepare(self, folder: Path) -> None:
        """
        See to it that the folder of a chunk is there for good. It costs something only once for each of the 256.
        """
        with self._making:
            if folder not in self._ready:
                self.disk.make_folder(folder)
                self.disk.sync_folder(self._folder)
                self._ready.add(folder)

    def path(self, hash: bytes) -> Path:
        """
        The file of a large chunk.
        """
        name = hash.hex()
        return self._folder / name[:2] / name[2:]

    def has_file(self, chunk: Chunk) -> bool:
        """
        Whether the file of a large chunk is there with the right size.
        """
        try:
            return self.path(chunk.hash).stat().st_size == chunk.size
        except FileNotFoundError:
            return False

    def folders(self) -> list[Path]:
        """
        All folders that chunk files may lie in.
        """
        return sorted(self._folder.iterdir())

    def in_folder(self, folder: Path) -> Iterator[bytes]:
        """
        The hashes of the chunk files in one of the L{folders}.
        """
        for path in folder.iterdir():
            if _NAME.match(path.name):
                yield bytes.fromhex(folder.name + path.name)

    def strays(self) -> Iterator[Path]:
        """
        Files that are no chunks: of writers that run, or left over from a crash.
        """
        yield from self.temporary.iterdir()
        for folder in self.folders():
            yield from (path for path in folder.iterdir() if not _NAME.match(path.name))

    def remove_file(self, hash: bytes) -> int:
        """
        Remove a chunk file.

        @return: its size in bytes.
        """
        path = self.path(hash)
        size = path.stat().st_size
        self.disk.remove(path)
        return size

    def save(self, connection: sqlite3.Connection, contents: Mapping[bytes, bytes]) -> None:
        """
        Store small chunks by their hashes inside a write transaction.
        """
        connection.executemany("INSERT INTO chunks (hash, content) VALUES (?, ?) ON CONFLICT DO NOTHING", contents.items())

    def read(self, chunks: Sequence[Chunk], offset: int = 0, length: Optional[int] = None) -> Iterator[bytes]:
        """
        The bytes of consecutive chunks, in pieces of at most C{PIECE} bytes, none of them empty.

        @param offset: how many bytes to leave out at the start; at or past the end, nothing comes.
        @param length: how many bytes to read at the most; C{None} for all.
        @raise Damaged: a chunk is missing or too short.
        """
        left = sum(chunk.size for chunk in chunks) if length is None else length
        for chunk in chunks:
            if left <= 0:
                return
            if offset >= chunk.size:
                offset -= chunk.size
                continue
            upto = min(chunk.size, offset + left)
            left -= upto - offset
            yield from self._small(chunk, offset, upto) if chunk.size <= SMALL else self._large(chunk, offset, upto)
            offset = 0

    def _small(self, chunk: Chunk, start: int, stop: int) -> Iterator[bytes]:
        """
        A part of a chunk in the database.
        """
        with told_apart("read a chunk"):
            row = self._database.reader().execute("SELECT content FROM chunks WHERE hash = ?", (chunk.hash,)).fetchone()
        if row is None or len(row[0]) != chunk.size:
            raise Damaged(f"the store lacks the chunk {chunk.hash.hex()}")
        yield row[0] if stop - start == chunk.size else row[0][start:stop]

    def _large(self, chunk: Chunk, start: int, stop: int) -> Iterator[bytes]:
        """
        A part of a chunk in a file.
        """
        try:
            descriptor = os.open(self.path(chunk.hash), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise Damaged(f"the store lacks the chunk {chunk.hash.hex()}") from error
        try:
            while start < stop:
                piece = os.pread(descriptor, min(PIECE, stop - start), start)
                if not piece:
                    raise Damaged(f"the chunk {chunk.hash.hex()} is too short")
                start += len(piece)
                yield piece
        finally:
            os.close(descriptor)
