"""
Taking in content: cutting it into chunks, and bringing these to the disk in an order that a crash cannot hurt.

A large chunk is written to a temporary file, synced, and renamed, while the next one is being received; before the transaction that
refers to it, the folders of all names that it relies on are synced. Small chunks are rows of that same transaction.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from concurrent.futures import Executor, Future
from pathlib import Path
from types import TracebackType
from typing import Optional

from pachgw.embedded.chunks import LARGEST, SMALL, ChunkStore
from pachgw.embedded.database import Database
from pachgw.embedded.disk import Buffer
from pachgw.embedded.entries import Chunk, Content, digest
from pachgw.embedded.faults import told_apart
from pachgw.embedded.pins import Pins
from pachgw.embedded.unfinished import UnfinishedChunk

_PENDING = 4
_HELD = 8 * 1024 * 1024


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

    def take_large(self, file: UnfinishedChunk) -> Chunk:
        """
        Bring a large chunk to its place, in another thread, or throw it away when the store has the same already. Waits while several are
        on their way.
        """
        chunk = file.chunk()
        self.lease.hold_chunk(chunk.hash)
        target = self.chunks.path(chunk.hash)
        self._folders.add(target.parent)
        if self.chunks.has_file(chunk):
            self._pending.append(self._workers.submit(file.discard))
        else:
            self._pending.append(self._workers.submit(file.place, target))
        while len(self._pending) > _PENDING:
            self._await_one()
        return chunk

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
        self._buffer = bytearray()
        self._filled = 0
        self._file: Optional[UnfinishedChunk] = None

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
        if self._file is None and self._filled <= SMALL:
            self._buffer += data
            return
        with told_apart("write a chunk"):
            if self._file is None:
                self._file = UnfinishedChunk(self._intake.chunks)
                if self._buffer:
                    self._file.write(self._buffer)
            self._file.write(data)

    def _cut(self) -> None:
        """
        End this chunk and start the next one.
        """
        file, self._file = self._file, None
        self._chunks.append(self._intake.take_small(bytes(self._buffer)) if file is None else self._intake.take_large(file))
        self._buffer = bytearray()
        self._filled = 0

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
        if self._file is not None:
            self._file.discard()
            self._file = None
        self._intake.end_writer(self)
