"""
The folder of what supervisor and workers share: the way to the embedded PFS, and some numbers. Nobody else may look into it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

_LONGEST = 100


class PrivateFolder:
    """
    A folder of mode 0700 for temporary files.

    @ivar path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls) -> PrivateFolder:
        """
        A new folder; where a socket's path in it would be too long for the system (unix(7): 108 bytes), under C{/tmp}.
        """
        usual = Path(tempfile.gettempdir()) / "pachgw-12345678" / "pfs"
        place = None if len(bytes(usual)) < _LONGEST else "/tmp"  # noqa: S108 - mkdtemp makes a folder there that is ours alone
        return cls(Path(tempfile.mkdtemp(prefix="pachgw-", dir=place)))

    @property
    def endpoint(self) -> str:
        """
        Where the PFS is served, as L{pachgw.pfs.address.listening} reads it.
        """
        return "unix:" + str(self.path / "pfs").replace(":", "\\:")

    @property
    def address(self) -> str:
        """
        The same, as L{pachgw.pfs.address.target} reads it.
        """
        return f"unix:{self.path / 'pfs'}"

    @property
    def changes(self) -> Path:
        """
        The file that tells how many changes the PFS has seen.
        """
        return self.path / "changes"

    @property
    def connections(self) -> Path:
        """
        The file that tells how many connections each worker has.
        """
        return self.path / "connections"

    def remove(self) -> None:
        """
        Remove it, if it is still there.
        """
        shutil.rmtree(self.path, ignore_errors=True)
