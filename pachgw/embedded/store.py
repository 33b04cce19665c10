"""
The store under the embedded PFS: a folder with a database, chunks and trees in it.

Changing it goes like this::

    with store.intake() as intake:
        writer = intake.writer()
        writer.write(b"some bytes")
        content = writer.finish()
        intake.settle()
        with store.database.write() as connection:
            intake.save(connection)
            root = store.tree.inside(connection).apply(old_root, [(make_key("/a"), content)])
            ...  # rows that refer to the root, through the same connection

and reading it like this::

    with store.pins.lease() as lease:
        root = lease.take(lambda: ...)  # looks the root up
        content = store.tree.lookup(root, make_key("/a"))
        for piece in store.read(content): ...
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Optional

from pachgw.embedded.chunks import ChunkStore
from pachgw.embedded.database import Database
from pachgw.embedded.disk import Disk
from pachgw.embedded.entries import Content
from pachgw.embedded.faults import told_apart
from pachgw.embedded.intake import Intake
from pachgw.embedded.lock import FolderLock
from pachgw.embedded.nodes import CACHE_BYTES, NodeStore
from pachgw.embedded.pins import Pins
from pachgw.embedded.tree import Tree


class Store:
    """
    An open store. Safe to use from many threads.

    @ivar folder: where it is.
    @ivar database: for everything that is rows.
    @ivar chunks: the bytes of files.
    @ivar pins: what requests use.
    @ivar tree: what commits and file sets hold.
    """

    def __init__(
        self, folder: Path, disk: Optional[Disk] = None, workers: Optional[Executor] = None, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """
        Open a folder, which is made if it does not exist.

        @param disk: for tests.
        @param workers: runs what brings large chunks to the disk; by default two threads.
        @param cache_bytes: as of L{NodeStore<pachgw.embedded.nodes.NodeStore>}.
        @raise FolderInUse: another process has it.
        @raise SchemaTooNew: a later version of pachgw has upgraded it.
        @raise ReadOnlyFolder: it cannot be written.
        """
        self.folder = folder
        disk = disk or Disk()
        with told_apart(f"make the folder {folder}"):
            _make_for_good(folder, disk)
        self._lock = FolderLock(folder)
        with ExitStack() as opened:
            opened.callback(self._lock.release)
            self.database = Database(folder, disk)
            opened.callback(self.database.close)
            self.chunks = ChunkStore(folder, self.database, disk)
            opened.pop_all()
        self.pins = Pins()
        self.tree = Tree(NodeStore(self.database, self.pins, cache_bytes))
        self._workers = workers or ThreadPoolExecutor(2, thread_name_prefix="pachgw-sync")

    def intake(self) -> Intake:
        """
        Begin to take in content; for one request.
        """
        return Intake(self.chunks, self.database, self.pins, self._workers)

    def read(self, content: Content, offset: int = 0, length: Optional[int] = None) -> Iterator[bytes]:
        """
        The bytes of a file, as of L{ChunkStore.read<pachgw.embedded.chunks.ChunkStore.read>}.
        """
        return self.chunks.read(self.tree.chunks(content), offset, length)

    def close(self) -> None:
        """
        Close everything; no request may run any more. May be called twice.
        """
        self._workers.shutdown()
        self.database.close()
        self._lock.release()


def _make_for_good(folder: Path, disk: Disk) -> None:
    """
    Make a folder, with those above it, in a way that a crash does not undo.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    disk.make_folder(folder)
    for path in missing:
        disk.sync_folder(path.parent)
