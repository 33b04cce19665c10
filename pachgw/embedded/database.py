"""
The SQLite database of the embedded PFS: one writer at a time, any number of readers, nothing lost once committed.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Optional

from pachgw.embedded.disk import Disk
from pachgw.embedded.faults import Busy, SchemaTooNew, StoreFault, told_apart

_SCRIPT = re.compile(r"^(\d{3})-[a-z-]+\.sql$")
_PATIENCE = 60.0


class _Connection(sqlite3.Connection):
    """
    A connection that a weak set can hold.
    """


class Database:
    """
    Opens C{pachgw.sqlite} in a folder, brings its schema up to date, and hands out connections.

    Commits are durable, but for those that need not be: the journal is a write-ahead log with C{synchronous=FULL}. The schema is the
    files in C{schema/}, applied in the order of their numbers, each in one transaction; C{PRAGMA user_version} is the number of the last.

    @ivar disk: what commits go through.
    """

    def __init__(self, folder: Path, disk: Optional[Disk] = None, scripts: Optional[Traversable] = None) -> None:
        """
        @param folder: an existing folder that this process has locked.
        @param scripts: where the schema's files are; for tests.
        @raise SchemaTooNew: a later version of pachgw has been here.
        """
        self.disk = disk or Disk()
        self._path = folder / "pachgw.sqlite"
        self._turn = threading.Lock()
        self._local = threading.local()
        self._readers: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._closed = False
        self._patience = _PATIENCE
        with told_apart(f"open the database in {folder}"):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's own files get the same mode
            self._writer = self._connect(8192)
            try:
                self._upgrade(scripts or resources.files("pachgw.embedded") / "schema")
            except BaseException:
                self._writer.close()
                raise

    def _connect(self, cache: int) -> _Connection:
        """
        A connection in autocommit mode with everything set as it must be.

        @param cache: the most KiB of pages that it may keep in memory.
        """
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=256, factory=_Connection
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        connection.execute(f"PRAGMA cache_size=-{cache}")
        return connection

    def _upgrade(self, scripts: Traversable) -> None:
        """
        Apply what the database has not seen yet.
        """
        found = {int(match[1]): file for file in scripts.iterdir() if (match := _SCRIPT.match(file.name))}
        version: int = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version > max(found):
            raise SchemaTooNew(f"{self._path} has schema {version}; this version of pachgw knows none later than {max(found)}")
        for number in sorted(number for number in found if number > version):
            script = found[number].read_text(encoding="utf-8")
            try:
                self._writer.executescript(f"BEGIN IMMEDIATE;\n{script}\n;PRAGMA user_version={number};\nCOMMIT;")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def reader(self) -> sqlite3.Connection:
        """
        This thread's connection for reading, outside any transaction: each statement sees what was committed before it.

        Use it in the thread that asked, and do not leave a cursor half read.
        """
        connection: Optional[_Connection] = getattr(self._local, "connection", None)
        if connection is None or self._closed:
            with self._guard, told_apart("open the database"):
                if self._closed:
                    raise StoreFault("the store is closed")
                connection = self._connect(512)
                connection.execute("PRAGMA query_only=ON")
                self._readers.add(connection)
            self._local.connection = connection
        return connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """
        Several reads that see one state. Keep it short: while it lasts, the log cannot be shortened. Does not nest.
        """
        connection = self.reader()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """
        A write transaction: committed and on the disk when the block ends, rolled back when it raises. One at a time in the process;
        does not nest. What it wrote is seen by readers only after its end, and inside it through the yielded connection.

        @param durable: whether it has to survive a power failure at once. What need not gets to the disk with the next transaction
            that has to, never after it.

        @raise Busy: the turn did not come in a minute.
        @raise DiskFull: nothing was written.
        @raise ReadOnlyFolder: nothing was written.
        """
        if not self._turn.acquire(timeout=self._patience):
            raise Busy("other writers kept the database busy")
        try:
            if self._closed:
                raise StoreFault("the store is closed")
            with told_apart("write to the database"), self._synchronous(durable):
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self.disk.commit(self._writer)
                finally:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
        finally:
            self._turn.release()

    @contextmanager
    def _synchronous(self, durable: bool) -> Iterator[None]:
        if durable:
            yield
            return
        self._writer.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            self._writer.execute("PRAGMA synchronous=FULL")

    def close(self) -> None:
        """
        Wait for the transaction that runs, then close all connections of all threads. May be called twice.
        """
        with self._turn, self._guard:
            self._closed = True
            for connection in list(self._readers):
                connection.close()
            self._writer.close()
