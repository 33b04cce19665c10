"""
Every file operation that durability depends on, in one place, so that a test can watch their order or fail any of them.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Union

Buffer = Union[bytes, bytearray, memoryview]


class Disk:
    """
    The real disk. Safe to use from many threads. Raises C{OSError} as the operating system does.
    """

    def make_folder(self, path: Path) -> None:
        """
        Make a folder, with those above it; it may exist.
        """
        path.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> int:
        """
        Make a file that does not exist yet, open for writing.

        @return: its descriptor, for L{write}, L{sync} and L{close}.
        """
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: Buffer) -> None:
        """
        Write all of C{data} at the end of what was written before.
        """
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """
        Return when the file's content and length are on the disk.
        """
        os.fdatasync(descriptor)

    def close(self, descriptor: int) -> None:
        """
        Close a descriptor.
        """
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """
        Give a file its final name, replacing what has that name.
        """
        old.replace(new)

    def remove(self, path: Path) -> None:
        """
        Remove a file; it may be gone already.
        """
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """
        Return when the names in a folder are on the disk.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def commit(self, connection: sqlite3.Connection) -> None:
        """
        End a transaction of SQLite: how durable that is depends on the connection's C{synchronous}.
        """
        connection.execute("COMMIT")
