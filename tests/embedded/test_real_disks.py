"""
A file system that is really full, and one that really cannot be written: small ones in memory, where the tests may mount them.
"""

from __future__ import annotations

import random
import shutil
import subprocess

from twisted.trial.unittest import SkipTest

from pachgw.embedded.faults import DiskFull, ReadOnlyFolder
from pachgw.embedded.fsck import Kind
from pachgw.embedded.store import Store
from tests.embedded.stores import LARGE, LazyWorkers, StoreCase, get, put


class MountedTests(StoreCase):
    """
    A store on a file system of its own.
    """

    def setUp(self) -> None:
        super().setUp()
        self.place = self.folder / "mounted"
        self.place.mkdir()
        self.mount("-t", "tmpfs", "-o", "size=4m", "tmpfs")
        self.addCleanup(subprocess.run, ["umount", self.place], check=True)

    def mount(self, *arguments: str) -> None:
        """
        Run C{mount}, or skip the test.
        """
        mount = shutil.which("mount")
        if mount is None or subprocess.run([mount, *arguments, self.place], capture_output=True).returncode:
            raise SkipTest("may not mount")

    def test_full(self) -> None:
        """
        Small and large files are refused when the disk is full; everything that was stored before is whole, now and after opening again,
        and when there is space again the store goes on.
        """
        chance = random.Random(3)
        for size in (1000, LARGE):
            store = Store(self.place / f"store{size}", workers=LazyWorkers())
            ballast = self.place / "ballast"
            root, count = put(store, {"/first": b"1"}), 0
            ballast.write_bytes(bytes(1_500_000))
            with self.assertRaises(DiskFull):
                while True:
                    root = put(store, {f"/{count}/{number}": chance.randbytes(size) for number in range(10)}, root)
                    count += 1
            self.assertGreater(count, 0)
            self.assertEqual([found for found in self.damage(store, root) if found.kind is Kind.DAMAGE], [])
            ballast.unlink()
            root = put(store, {"/last": b"2" * LARGE}, root)
            store.close()
            store = Store(self.place / f"store{size}", workers=LazyWorkers())
            self.assertEqual((get(store, root, "/first"), get(store, root, "/last")), (b"1", b"2" * LARGE))
            self.assertEqual([found for found in self.damage(store, root) if found.kind is Kind.DAMAGE], [])
            store.close()
            shutil.rmtree(self.place / f"store{size}")

    def test_read_only(self) -> None:
        """
        A store that cannot be written is not opened, with a text that names the folder, and is whole when it can be written again.
        """
        store = Store(self.place, workers=LazyWorkers())
        root = put(store, {"/a": b"A" * LARGE})
        store.close()
        self.mount("-o", "remount,ro")
        error = self.assertRaises(ReadOnlyFolder, Store, self.place)
        self.assertIn(str(self.place), str(error))
        self.mount("-o", "remount,rw")
        store = Store(self.place, workers=LazyWorkers())
        self.assertEqual(get(store, root, "/a"), b"A" * LARGE)
        store.close()
