"""
A disk that forgets, as real ones do when the power fails: content that was not synced, names whose folder was not synced, and
transactions that SQLite was not told to sync.

It works on a real folder, and knows besides what of it would survive. Before and after each operation it calls back, so that a test
can make an image of what a crash in that moment leaves, and look into it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Optional

from pachgw.embedded.disk import Buffer, Disk

_FULL = 2
_DATABASE = ("pachgw.sqlite", "pachgw.sqlite-wal")


class _File:
    """
    A file whatever its name.
    """

    def __init__(self) -> None:
        self.written = b""
        self.synced = b""


class ForgetfulDisk(Disk):
    """
    See above.

    @ivar log: the names of the operations so far, with the last part of the path that they are about.
    @ivar moment: called before and after each operation.
    """

    def __init__(self, folder: Path) -> None:
        self.log: list[tuple[str, str]] = []
        self.moment: Callable[[], None] = lambda: None
        self._folder = folder
        self._open: dict[int, tuple[_File, Path]] = {}
        self._names: dict[Path, _File] = {}
        self._synced_names: dict[Path, _File] = {}
        self._folders: set[Path] = set()
        self._synced_folders: set[Path] = set()
        self._synced_database: dict[str, bytes] = {}

    def image(self, target: Path, early_names: bool) -> None:
        """
        Write what a crash in this moment leaves into a folder.

        @param early_names: whether the file system happens to have brought all names, though not contents, and all transactions to the
            disk already; else nothing survives of which that is not guaranteed.
        """
        for path, file in (self._names if early_names else self._synced_names).items():
            if not early_names and path.parent not in self._synced_folders:
                continue
            copy = target / path.relative_to(self._folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.synced)
        for name, content in (self._database() if early_names else self._synced_database).items():
            (target / name).write_bytes(content)

    def _database(self) -> dict[str, bytes]:
        return {name: (self._folder / name).read_bytes() for name in _DATABASE if (self._folder / name).exists()}

    def _note(self, operation: str, path: Path) -> None:
        self.log.append((operation, path.name))
        self.moment()

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        self._folders.add(path)

    def create(self, path: Path) -> int:
        descriptor = super().create(path)
        self._names[path] = file = _File()
        self._open[descriptor] = (file, path)
        self._note("create", path)
        return descriptor

    def write(self, descriptor: int, data: Buffer) -> None:
        super().write(descriptor, data)
        file, path = self._open[descriptor]
        file.written += bytes(data)
        self._note("write", path)

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        file, path = self._open[descriptor]
        file.synced = file.written
        self._note("sync", path)

    def close(self, descriptor: int) -> None:
        super().close(descriptor)
        self._open.pop(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self._names[new] = self._names.pop(old)
        self._note("rename", new)

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._names.pop(path, None)

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        for name in [name for name in self._synced_names if name.parent == path]:
            del self._synced_names[name]
        self._synced_names.update({name: file for name, file in self._names.items() if name.parent == path})
        self._synced_folders.update(folder for folder in self._folders if folder.parent == path)
        self._note("sync folder", path)

    def commit(self, connection: sqlite3.Connection) -> None:
        self.moment()
        super().commit(connection)
        if connection.execute("PRAGMA synchronous").fetchone()[0] >= _FULL:
            self._synced_database = self._database()
        self._note("commit", self._folder)


class FailingDisk(Disk):
    """
    A disk on which one kind of operation fails from some moment on.

    @ivar failing: the name of the method that fails, or C{None}.
    """

    def __init__(self, error: OSError) -> None:
        self.failing: Optional[str] = None
        self._error = error

    def _may(self, operation: str) -> None:
        if self.failing == operation:
            raise self._error

    def create(self, path: Path) -> int:
        self._may("create")
        return super().create(path)

    def write(self, descriptor: int, data: Buffer) -> None:
        self._may("write")
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self._may("sync")
        super().sync(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        self._may("rename")
        super().rename(old, new)

    def sync_folder(self, path: Path) -> None:
        self._may("sync_folder")
        super().sync_folder(path)

    def commit(self, connection: sqlite3.Connection) -> None:
        self._may("commit")
        super().commit(connection)
