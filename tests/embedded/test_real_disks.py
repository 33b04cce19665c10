"""
A file system that is really full, and one that really cannot be written: small ones in memory, where the tests may mount them.
"""

from __future__ import annotations

import random
import shutil

from pachgw.embedded.faults import DiskFull, ReadOnlyFolder
from pachgw.embedded.fsck import Check, Kind
from pachgw.embedded.store import Store
from tests.embedded.mounts import MountedCase
from tests.embedded.stores import LARGE, LazyWorkers, get, put


class MountedTests(MountedCase):
    """
    A store on a file system of its own.
    """

    def assert_whole(self, store: Store, root: bytes) -> None:
        """
        Nothing is damaged.
        """
        self.assertEqual([found for found in Check(store, [root]).run() if found.kind is Kind.DAMAGE], [])

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
            self.assert_whole(store, root)
            ballast.unlink()
            root = put(store, {"/last": b"2" * LARGE}, root)
            store.close()
            store = Store(self.place / f"store{size}", workers=LazyWorkers())
            self.assertEqual((get(store, root, "/first"), get(store, root, "/last")), (b"1", b"2" * LARGE))
            self.assert_whole(store, root)
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
