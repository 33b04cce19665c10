"""
What was committed survives a crash at any moment, and a disk that is full or cannot be written.

Each kind of sync was taken out by hand to see these tests fail: that of a chunk's content (C{UnfinishedChunk.place}), that of the folders
(C{Intake.settle}, C{ChunkStore.prepare}), and SQLite's (C{synchronous=FULL} in C{Database._connect}, set to C{NORMAL}).
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import shutil
import sqlite3
from pathlib import Path

from pachgw.embedded.entries import digest, make_key
from pachgw.embedded.faults import DiskFull, ReadOnlyFolder
from pachgw.embedded.fsck import Check, Kind
from pachgw.embedded.store import Store
from tests.embedded.crashes import FailingDisk, ForgetfulDisk
from tests.embedded.stores import LARGE, LazyWorkers, StoreCase, get, put


def commit(store: Store, files: dict[str, bytes]) -> bytes:
    """
    Put files upon the newest root, and make that the newest one.
    """
    with store.intake() as intake:
        contents = {}
        for path, data in files.items():
            writer = intake.writer()
            writer.write(data)
            contents[make_key(path)] = writer.finish()
        intake.settle()
        with store.database.write() as connection:
            intake.save(connection)
            connection.execute("CREATE TABLE IF NOT EXISTS roots (number INTEGER PRIMARY KEY, root BLOB)")
            old = connection.execute("SELECT root FROM roots ORDER BY number DESC LIMIT 1").fetchone()
            root = store.tree.inside(connection).apply(old[0] if old else b"", sorted(contents.items()))
            connection.execute("INSERT INTO roots (root) VALUES (?)", (root,))
    return root


def committed(store: Store) -> list[bytes]:
    """
    All roots that a store knows.
    """
    if not store.database.reader().execute("SELECT 1 FROM sqlite_master WHERE name = 'roots'").fetchone():
        return []
    return [root for (root,) in store.database.reader().execute("SELECT root FROM roots ORDER BY number")]


class CrashTests(StoreCase):
    """
    Power failures.
    """

    def look(self, image: Path, acknowledged: list[bytes]) -> None:
        """
        Open what a crash left and prove it.
        """
        store = Store(image, workers=LazyWorkers())
        try:
            roots = committed(store)
            self.assertEqual(roots[: len(acknowledged)], acknowledged)
            self.assertEqual([finding for finding in Check(store, roots).run() if finding.kind is Kind.DAMAGE], [])
        finally:
            store.close()
            shutil.rmtree(image)

    def test_every_moment(self) -> None:
        """
        A crash before or after any operation loses no root that was acknowledged, and leaves no root that is not whole.
        """
        home = self.folder / "home"
        disk = ForgetfulDisk(home)
        store = self.open(disk, home)
        acknowledged: list[bytes] = []
        numbers = itertools.count()

        def crash() -> None:
            for early_names in (False, True):
                image = self.folder / f"image{next(numbers)}"
                image.mkdir()
                disk.image(image, early_names)
                self.look(image, list(acknowledged))

        acknowledged.append(commit(store, {"/first": b"small"}))
        disk.moment = crash
        acknowledged.append(commit(store, {"/large": b"L" * LARGE, "/small": b"s", "/same": b"L" * LARGE}))
        crash()
        acknowledged.append(commit(store, {"/large": b"M" * LARGE, "/again": b"L" * LARGE}))
        crash()
        disk.moment = lambda: None
        self.assertEqual(get(store, acknowledged[-1], "/again"), b"L" * LARGE)
        self.assertGreater(next(numbers), 40)

    def test_new_folder(self) -> None:
        """
        A folder that is made for the store, and those above it, are there for good before the store takes anything.
        """
        disk = ForgetfulDisk(self.folder)
        self.open(disk, self.folder / "above" / "store")
        self.assertEqual(disk.log[:2], [("sync folder", "above"), ("sync folder", self.folder.name)])

    def test_order(self) -> None:
        """
        Content is synced before its name, the name before the transaction.
        """
        disk = ForgetfulDisk(self.folder)
        store = self.open(disk)
        put(store, {"/large": b"L" * LARGE})
        store.chunks.path(digest(b"L" * LARGE)).unlink()
        disk.log.clear()
        put(store, {"/large": b"L" * LARGE})
        self.assertEqual([operation for operation, _ in disk.log], ["create", "write", "sync", "rename", "sync folder", "commit"])

    def test_order_of_a_new_folder(self) -> None:
        """
        The folder that a chunk is the first in is made and synced before the chunk is named.
        """
        disk = ForgetfulDisk(self.folder)
        store = self.open(disk)
        disk.log.clear()
        put(store, {"/large": b"L" * LARGE})
        folder = store.chunks.path(digest(b"L" * LARGE)).parent.name
        self.assertEqual(
            [name for operation, name in disk.log if operation in ("sync folder", "rename")],
            ["chunks", digest(b"L" * LARGE).hex()[2:], folder],
        )

    def test_folder_of_a_known_chunk(self) -> None:
        """
        A chunk that is there already may have been named a moment ago by another request: its folder is synced again.
        """
        disk = ForgetfulDisk(self.folder)
        store = self.open(disk)
        put(store, {"/large": b"L" * LARGE})
        disk.log.clear()
        put(store, {"/other": b"L" * LARGE})
        self.assertEqual([operation for operation, _ in disk.log], ["create", "write", "sync folder", "commit"])

    def test_many_small_files_cost_one_sync(self) -> None:
        """
        A batch of 64 small files is one transaction and touches no other file.
        """
        disk = ForgetfulDisk(self.folder)
        store = self.open(disk)
        disk.log.clear()
        put(store, {f"/{number}": b"%d" % number * 1000 for number in range(64)})
        self.assertEqual([operation for operation, _ in disk.log], ["commit"])


class BackupTests(StoreCase):
    """
    Copies of a store that is open, as C{docs/storage.rst} tells to make them.
    """

    def test_database_before_chunks(self) -> None:
        """
        The database first, then the chunks, with writes going on: everything that was committed before is whole in the copy.
        """
        store, copy = self.open(folder=self.folder / "store"), self.folder / "copy"
        copy.mkdir()
        roots = [commit(store, {"/large": b"L" * LARGE, "/small": b"s"})]
        with contextlib.closing(sqlite3.connect(copy / "pachgw.sqlite")) as target:
            store.database.reader().backup(target)
        commit(store, {"/large": b"M" * LARGE})
        shutil.copytree(store.folder / "chunks", copy / "chunks")
        copied = self.open(folder=copy)
        self.assertEqual(committed(copied), roots)
        self.assertEqual([found for found in self.damage(copied, *roots) if found.kind is Kind.DAMAGE], [])
        self.assertEqual(get(copied, roots[0], "/large"), b"L" * LARGE)


class FailureTests(StoreCase):
    """
    Disks that refuse.
    """

    def test_full_at_every_operation(self) -> None:
        """
        Wherever the disk turns out to be full, that is what the writer is told; what was there stays, and with space again all works.
        """
        disk = FailingDisk(OSError(errno.ENOSPC, "No space left on device"))
        store = self.open(disk)
        root = put(store, {"/kept": b"K" * LARGE})
        for operation in ("create", "write", "sync", "rename", "sync_folder", "commit"):
            disk.failing = operation
            self.assertRaises(DiskFull, put, store, {"/new": operation.encode() * LARGE}, root)
            disk.failing = None
            self.assertEqual([found for found in self.damage(store, root) if found.kind is Kind.DAMAGE], [])
        self.assertEqual(get(store, put(store, {"/new": b"N" * LARGE}, root), "/kept"), b"K" * LARGE)

    def test_full_leaves_no_strays(self) -> None:
        """
        What was half written when the disk was full is removed.
        """
        disk = FailingDisk(OSError(errno.ENOSPC, "No space left on device"))
        store = self.open(disk)
        for operation in ("write", "sync", "rename"):
            disk.failing = operation
            self.assertRaises(DiskFull, put, store, {"/new": b"N" * LARGE})
            self.assertEqual(list(store.chunks.strays()), [])

    def test_sqlite_out_of_space(self) -> None:
        """
        A database that may not grow refuses the transaction and keeps what it has.
        """
        store = self.open()
        root = put(store, {"/kept": b"kept"})
        with store.database.write() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + 2}")
        self.assertRaises(DiskFull, put, store, {f"/{number}": b"%d" % number * 5000 for number in range(20)}, root)
        self.assertEqual(get(store, root, "/kept"), b"kept")
        self.assertEqual(self.damage(store, root), [])

    def test_read_only(self) -> None:
        """
        A folder that cannot be written is refused with a text that says so.
        """
        disk = FailingDisk(OSError(errno.EROFS, "Read-only file system", "the-folder"))
        store = self.open(disk)
        disk.failing = "create"
        error = self.assertRaises(ReadOnlyFolder, put, store, {"/new": b"N" * LARGE})
        self.assertIn("Read-only file system: the-folder", str(error))
