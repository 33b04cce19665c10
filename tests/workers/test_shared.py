"""
The embedded PFS as workers see it: by a private socket, and with answers that are remembered until something changes.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from pachgw.backends import open_backend, open_shared
from pachgw.pfs import messages
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.methods import CREATE_REPO, INSPECT_REPO
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.status import Status
from pachgw.settings import Settings
from pachgw.workers.folder import PrivateFolder
from pachgw.workers.numbers import SharedNumbers


class SharedTests(TestCase):
    """
    L{open_shared} and what L{open_backend} does for it.
    """

    def setUp(self) -> None:
        """Folders."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.settings = Settings(data_dir=Path(folder), root_token=None)
        self.private = PrivateFolder.make()
        self.addCleanup(self.private.remove)
        self.ends = AsyncExitStack()
        self.addCleanup(lambda: Deferred.fromCoroutine(self.ends.aclose()))

    async def describes(self, ipfs: IPFS, name: str) -> str:
        """The description of a repo, empty if there is none."""
        try:
            info = await ipfs.call(INSPECT_REPO, pfs.InspectRepoRequest(repo=messages.repo("default", name)))
        except PFSError as error:
            self.assertIs(error.status, Status.NOT_FOUND)
            return ""
        return info.description

    async def describe(self, ipfs: IPFS, name: str, description: str) -> None:
        """Make a repo, or describe it anew."""
        request = pfs.CreateRepoRequest(repo=messages.repo("default", name), description=description, update=True)
        await ipfs.call(CREATE_REPO, request)

    async def test_changes_are_seen(self) -> None:
        """What one has changed, the others see at once, although they remember what they were told; so does the PFS's own process."""
        backend = await open_backend(self.settings, reactor, self.ends, self.private)
        self.assertEqual(backend.served, ())
        workers = [open_shared(self.private, reactor, self.ends).pfs for _ in range(2)]
        for turn in range(6):
            seen = [await self.describes(each, "r") for each in (*workers, backend.pfs)]
            self.assertEqual(seen, [str(turn or "")] * 3)
            await self.describe((*workers, backend.pfs)[turn % 3], "r", str(turn + 1))

    async def test_nothing_is_asked_twice(self) -> None:
        """As long as the count stays the same, the answer is remembered: with a count that does not move, an old answer is given."""
        backend = await open_backend(self.settings, reactor, self.ends, self.private)
        worker = open_shared(self.private, reactor, self.ends).pfs
        await self.describe(backend.pfs, "r", "old")
        count = SharedNumbers(self.private.changes)
        before = count.read()
        self.assertEqual(await self.describes(worker, "r"), "old")
        await self.describe(backend.pfs, "r", "new")
        self.assertGreater(count.read(), before)
        after = count.read()
        count.write(before)
        self.assertEqual(await self.describes(worker, "r"), "old")
        count.write(after)
        self.assertEqual(await self.describes(worker, "r"), "new")
