"""
The PFS behind a gateway, by the settings.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Optional

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from pachgw.backends import open_backend, open_shared
from pachgw.settings import Settings
from pachgw.workers.folder import PrivateFolder


class SoleTests(TestCase):
    """
    Who may rely on being the only gateway.
    """

    async def sole(self, private: Optional[PrivateFolder] = None, pfs_listen: tuple[str, ...] = (), pachd: Optional[str] = None) -> bool:
        """
        Whether what these settings open is the gateway's alone.
        """
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        async with AsyncExitStack() as ends:
            settings = Settings(data_dir=Path(folder), pfs_listen=pfs_listen, pachd=pachd)
            return (await open_backend(settings, reactor, ends, private)).sole

    async def test_sole(self) -> None:
        """
        An embedded store that is not served is the gateway's alone; one that others get to, and a pachd, is not.
        """
        private = PrivateFolder.make()
        self.addCleanup(private.remove)
        self.assertTrue(await self.sole())
        self.assertFalse(await self.sole(private))
        self.assertFalse(await self.sole(pfs_listen=("tcp:0:interface=127.0.0.1",)))
        self.assertFalse(await self.sole(pachd="127.0.0.1:1"))
        async with AsyncExitStack() as ends:
            self.assertFalse(open_shared(private, reactor, ends).sole)
