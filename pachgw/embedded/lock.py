"""
One process per folder.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pachgw.embedded.faults import FolderInUse, told_apart


class FolderLock:
    """
    A lock that the operating system drops when the process ends, however it ends. Taken by making an instance.
    """

    def __init__(self, folder: Path) -> None:
        """
        @param folder: an existing folder.
        @raise FolderInUse: another process, or another instance in this one, has it.
        """
        path = folder / "lock"
        with told_apart(f"lock the folder {folder}"):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise FolderInUse(f"the folder {folder} is in use by another process (pid {holder})") from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """
        Give the folder free; may be called twice.
        """
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
