"""
Stores for tests: opened in a folder of their own, and filled.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, Optional

from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.disk import Disk
from pachgw.embedded.entries import Content, make_key
from pachgw.embedded.fsck import Check, Finding
from pachgw.embedded.store import Store

LARGE = 40_000
"""
A size whose chunk is a file.
"""


class _LazyFuture(Future[Any]):
    """
    Does its work in the thread that first asks for the outcome.
    """

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def _do(self) -> None:
        if not self.done():
            try:
                self.set_result(self._work())
            except Exception as error:
                self.set_exception(error)

    def result(self, timeout: Optional[float] = None) -> Any:
        self._do()
        return super().result(timeout)

    def exception(self, timeout: Optional[float] = None) -> Optional[BaseException]:
        self._do()
        return super().exception(timeout)


class LazyWorkers(Executor):
    """
    Workers that put everything off for as long as it may be: what nobody waits for never happens. No threads, so the order is always
    the same.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return _LazyFuture(lambda: work(*args, **kwargs))


class StoreCase(SynchronousTestCase):
    """
    A test with a store.
    """

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pachgw-store-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def open(self, disk: Optional[Disk] = None, folder: Optional[Path] = None) -> Store:
        """
        Open the store of this test, until the test's end.
        """
        store = Store(folder or self.folder, disk, LazyWorkers())
        self.addCleanup(store.close)
        return store

    def damage(self, store: Store, *roots: bytes) -> list[Finding]:
        """
        All that a full check finds.
        """
        return list(Check(store, roots).run())


def put(store: Store, files: Mapping[str, Optional[bytes]], root: bytes = b"") -> bytes:
    """
    Make a tree with other files, which is left to be collected; C{None} removes one.
    """
    with store.intake() as intake:
        changes: dict[bytes, Optional[Content]] = {}
        for path, data in files.items():
            writer = intake.writer()
            writer.write(data or b"")
            changes[make_key(path)] = None if data is None else writer.finish()
        intake.settle()
        with store.database.write() as connection:
            intake.save(connection)
            return store.tree.inside(connection).apply(root, sorted(changes.items(), key=lambda change: change[0]))


def get(store: Store, root: bytes, path: str) -> Optional[bytes]:
    """
    The bytes of a file, or C{None}.
    """
    content = store.tree.lookup(root, make_key(path))
    return None if content is None else b"".join(store.read(content))
