"""
Taking in content: cutting it into chunks, and bringing these to the disk in an order that a crash cannot hurt.

A large chunk is written to a temporary file, synced, and renamed, while the next one is being received; before the transaction that
refers to it, the folders of all names that it relies on are synced. Small chunks are rows of that same transaction.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections import deque
from concurrent.futures import Executor, Future
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Optional

from pachgw.embedded.chunks import LARGEST, SMALL, ChunkStore
from pachgw.embedded.database import Database
from pachgw.embedded.disk import Buffer
from pachgw.embedded.entries import Chunk, Content, digest
from pachgw.embedded.faults import told_apart
from pachgw.embedded.pins import Pins

_PENDING = 4
_HELD = 8 * 1024 * 1024
_names = itertools.count()


class Intake:
    """
    What one request takes in. A context manager: until its end the garbage collection leaves alone what it has taken in. Used by one
    thread at a time. In this order: any number of L{writer}s, L{settle}, and inside a write transaction L{save} and what refers to the
    contents. Without the latter, what was written is collected some time.

    @ivar lease: holds the chunks; also for roots that the request copies from.
    """

    def __init__(self, chunks: ChunkStore, database: Database, pins: Pins, workers: Executor) -> None:
        self.lease = pins.lease()
        self.chunks = chunks
        self._database = database
        self._workers = workers
        self._small: dict[bytes, bytes] = {}
        self._held = 0
        self._pending: deque[Future[None]] = deque()
        self._folders: set[Path] = set()
        self._writers: set[ContentWriter] = set()

    def writer(self) -> ContentWriter:
        """
        Begin a file. Several may be written at the same time.
        """
        writer = ContentWriter(self)
        self._writers.add(writer)
        return writer

    def end_writer(self, writer: ContentWriter) -> None:
        """
        A writer has nothing open any more.
        """
        self._writers.discard(writer)

    def take_small(self, data: bytes) -> Chunk:
        """
        Keep a small chunk for L{save}; when many have come together, they are stored at once, in a transaction of their own.
        """
        chunk = Chunk(digest(data), len(data))
        if chunk.hash not in self._small:
            self.lease.hold_chunk(chunk.hash)
            self._small[chunk.hash] = data
            self._held += len(data)
            if self._held > _HELD:
                with self._database.write() as connection:
                    self._save_small(connection)
        return chunk

    def take_large(self, descriptor: int, path: Path, chunk: Chunk) -> None:
        """
        Bring a chunk that was written to a temporary file to its place, in another thread. Waits while several are on their way.

        @param descriptor: of the file, open; it is closed in any case.
        """
        self.lease.hold_chunk(chunk.hash)
        target = self.chunks.path(chunk.hash)
        self._folders.add(target.parent)
        self._pending.append(self._workers.submit(self._place, descriptor, path, target, self.chunks.has_file(chunk)))
        while len(self._pending) > _PENDING:
            self._await_one()

    def _place(self, descriptor: int, path: Path, target: Path, is_there: bool) -> None:
        """
        Sync a temporary file and give it its name, or throw it away when the store has the same already.
        """
        disk = self.chunks.disk
        try:
            if not is_there:
                disk.sync(descriptor)
                self.chunks.prepare(target.parent)
                disk.rename(path, target)
        finally:
            disk.close(descriptor)
            disk.remove(path)

    def _await_one(self) -> None:
        with told_apart("write a chunk"):
            self._pending.popleft().result()

    def settle(self) -> None:
        """
        Wait until all large chunks are on the disk for good. Not to be called inside a write transaction, which it would keep from
        others for long.

        @raise DiskFull: as everything here may.
        """
        while self._pending:
            self._await_one()
        with told_apart("sync the folders of chunks"):
            for folder in sorted(self._folders):
                self.chunks.disk.sync_folder(folder)
        self._folders.clear()

    def save(self, connection: sqlite3.Connection) -> None:
        """
        Store the small chunks inside the write transaction that refers to them.
        """
        if self._pending or self._folders:
            raise ValueError("an intake has to settle before it is saved")
        self._save_small(connection)

    def _save_small(self, connection: sqlite3.Connection) -> None:
        self.chunks.save(connection, self._small)
        self._small.clear()
        self._held = 0

    def close(self) -> None:
        """
        Wait for what is on its way, abandon what is not finished, and let go of everything. May be called twice.
        """
        for writer in list(self._writers):
            writer.abandon()
        for future in self._pending:
            future.exception()
        self._pending.clear()
        self.lease.release()

    def __enter__(self) -> Intake:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()


class ContentWriter:
    """
    Cuts the content of one file into chunks as it comes. Not to be used inside a write transaction.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._chunks: list[Chunk] = []
        self._start()

    def _start(self) -> None:
        self._buffer = bytearray()
        self._filled = 0
        self._hash = blake2b(digest_size=32)
        self._descriptor: Optional[int] = None
        self._path = self._intake.chunks.temporary

    def write(self, data: Buffer) -> None:
        """
        Append bytes.

        @raise DiskFull: and then L{abandon} is all that may be done.
        """
        view = memoryview(data)
        while view:
            room = LARGEST - self._filled
            self._take(view[:room])
            view = view[room:]
            if self._filled == LARGEST:
                self._cut()

    def _take(self, data: memoryview) -> None:
        """
        Append what still goes into this chunk.
        """
        self._filled += len(data)
        if self._descriptor is None and self._filled <= SMALL:
            self._buffer += data
            return
        disk = self._intake.chunks.disk
        with told_apart("write a chunk"):
            if self._descriptor is None:
                self._path = self._intake.chunks.temporary / f"{next(_names)}"
                self._descriptor = disk.create(self._path)
                if self._buffer:
                    self._hash.update(self._buffer)
                    disk.write(self._descriptor, self._buffer)
            self._hash.update(data)
            disk.write(self._descriptor, data)

    def _cut(self) -> None:
        """
        End this chunk and start the next one.
        """
        if self._descriptor is None:
            self._chunks.append(self._intake.take_small(bytes(self._buffer)))
        else:
            chunk = Chunk(self._hash.digest(), self._filled)
            self._chunks.append(chunk)
            descriptor, self._descriptor = self._descriptor, None
            self._intake.take_large(descriptor, self._path, chunk)
        self._start()

    def finish(self) -> Content:
        """
        The file is complete.

        @return: its content, which may be referred to once the intake is saved.
        """
        if self._filled:
            self._cut()
        self._intake.end_writer(self)
        return Content.of(self._chunks)

    def abandon(self) -> None:
        """
        The file will not be completed. May be called after L{finish}, and twice.
        """
        if self._descriptor is not None:
            self._intake.chunks.disk.close(self._descriptor)
            self._intake.chunks.disk.remove(self._path)
            self._descriptor = None
        self._intake.end_writer(self)
