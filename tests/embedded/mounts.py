"""
File systems of a few MiB, in memory, for tests that fill them. Where mounting is not allowed, those tests are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase


class MountedCase(SynchronousTestCase):
    """
    A test with a file system of its own.

    @ivar place: where it is.
    """

    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="pachgw-mounted-"))
        self.addCleanup(shutil.rmtree, folder)
        self.place = folder / "mounted"
        self.place.mkdir()
        self.mount("-t", "tmpfs", "-o", "size=6m", "tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", self.place], check=True)

    def mount(self, *arguments: str) -> None:
        """
        Run C{mount}, or skip the test.
        """
        mount = shutil.which("mount")
        if mount is None or subprocess.run([mount, *arguments, self.place], capture_output=True).returncode:
            raise SkipTest("may not mount")
