"""
The folder by which workers reach the PFS, and the numbers in it.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs.address import listening, target
from pachgw.workers.folder import PrivateFolder
from pachgw.workers.numbers import SharedNumbers


class FolderTests(SynchronousTestCase):
    """
    L{PrivateFolder}.
    """

    def make(self) -> PrivateFolder:
        """A folder that ends with the test."""
        folder = PrivateFolder.make()
        self.addCleanup(folder.remove)
        return folder

    def test_private(self) -> None:
        """Nobody else may look into it, and no two are the same."""
        folder = self.make()
        self.assertEqual(stat.S_IMODE(folder.path.stat().st_mode), 0o700)
        self.assertNotEqual(folder.path, self.make().path)

    def test_remove(self) -> None:
        """It goes with all that is in it; one that is gone may be removed again."""
        folder = self.make()
        folder.changes.touch()
        folder.remove()
        self.assertFalse(folder.path.exists())
        folder.remove()

    def test_addresses(self) -> None:
        """Where the PFS is served is where it is looked for, also under a name with a colon."""
        for path in ("/run/pachgw-1", "/run/a:b"):
            folder = PrivateFolder(Path(path))
            self.assertEqual(listening(folder.endpoint), target(folder.address).name)

    def test_long_names(self) -> None:
        """Where the usual place would make a socket's path too long, it is elsewhere."""
        self.patch(tempfile, "tempdir", "/tmp/" + "x" * 90)
        self.assertLess(len(bytes(self.make().path / "pfs")), 108)


class NumbersTests(SynchronousTestCase):
    """
    L{SharedNumbers}.
    """

    def setUp(self) -> None:
        """A file's name."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.path = Path(folder) / "numbers"

    def test_shared(self) -> None:
        """What one writes, the others read, also those who came before; who comes later changes nothing."""
        first = SharedNumbers(self.path)
        self.assertEqual(first.read(), 0)
        first.write(2**40 + 1)
        second = SharedNumbers(self.path)
        self.assertEqual(second.read(), 2**40 + 1)
        first.write(7)
        self.assertEqual(second.read(), 7)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)

    def test_several(self) -> None:
        """Each has its place, and the least of them is known."""
        numbers = SharedNumbers(self.path, 3)
        for place, number in enumerate((5, 2**64 - 1, 3)):
            numbers.write(number, place)
        self.assertEqual([numbers.read(place) for place in range(3)], [5, 2**64 - 1, 3])
        self.assertEqual(numbers.least(), 3)

    def test_another_process(self) -> None:
        """It is shared between processes."""
        count = SharedNumbers(self.path)
        program = (
            f"from pathlib import Path; from pachgw.workers.numbers import SharedNumbers; SharedNumbers(Path({str(self.path)!r})).write(11)"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env=environment)
        self.assertEqual(count.read(), 11)
