"""
The contract suite through both doors of the gateway: the embedded PFS in threads, the same over real gRPC, and a real pachd.

The last is run when C{PACHGW_TEST_PACHD} says where one is, as in C{grpc://localhost:30650}; C{PACHGW_TEST_PACHD_TOKEN} is root's token if
auth is on there. The recording that fits is played, and what it makes is deleted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SkipTest, TestCase

from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods
from pachgw.pfs.address import target
from pachgw.pfs.local import LocalPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.remote import GrpcPFS
from pachgw.pfs.serving import PFSServer
from tests.contract.bridges import BridgeDoor
from tests.contract.doors import Refusal
from tests.contract.test_recordings import ROOT_TOKEN, play_all


class EmbeddedTestCase(TestCase):
    """
    An embedded PFS in a temporary folder.
    """

    def setUp(self) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.embedded = EmbeddedPFS(self.folder / "data", time.time)
        self.embedded.open()
        self.addCleanup(self.embedded.close)

    async def play(self, bridge: Any, recording: str, token: Optional[str]) -> None:
        """
        Play a recording, to which every step must be answered as recorded.
        """
        wrong = await deferToThread(play_all, BridgeDoor(bridge, self.reactor), recording, token)
        self.assertEqual(wrong, [])


class LocalTests(EmbeddedTestCase):
    """
    The embedded PFS in threads.
    """

    def setUp(self) -> None:
        super().setUp()
        self.bridge = LocalPFS(self.embedded, self.reactor, self.reactor)
        self.addCleanup(self.bridge.close)

    async def test_without_auth(self) -> None:
        """
        The recording without auth.
        """
        await self.play(self.bridge, "recorded-main.json", None)

    async def test_with_auth(self) -> None:
        """
        The recording with auth.
        """
        self.embedded.activate_auth(ROOT_TOKEN)
        await self.play(self.bridge, "recorded-auth.json", ROOT_TOKEN)


class ServedTests(LocalTests):
    """
    The embedded PFS over gRPC.
    """

    def setUp(self) -> None:
        EmbeddedTestCase.setUp(self)
        endpoint = f"unix:{self.folder / 'socket'}"
        server = PFSServer(self.embedded, endpoint, self.reactor, grace=0)
        server.startService()
        self.addCleanup(server.stopService)
        self.bridge = GrpcPFS(target(endpoint), self.reactor, self.reactor)  # type: ignore[assignment]
        self.addCleanup(self.bridge.close)


class PachdTests(TestCase):
    """
    A real pachd.
    """

    def setUp(self) -> None:
        from twisted.internet import reactor

        address = os.environ.get("PACHGW_TEST_PACHD")
        if not address:
            raise SkipTest("PACHGW_TEST_PACHD is not set")
        self.token = os.environ.get("PACHGW_TEST_PACHD_TOKEN")
        self.bridge = GrpcPFS(target(address), reactor, reactor)  # type: ignore[arg-type]
        self.addCleanup(self.bridge.close)
        self.door = BridgeDoor(self.bridge, reactor)

    def tidy(self) -> None:
        """
        Delete what an earlier run has left.
        """
        for method, request in (
            (methods.DELETE_REPOS, pfs.DeleteReposRequest(projects=[pfs.Project(name="recording")], force=True)),
            (methods.DELETE_PROJECT, pfs.DeleteProjectRequest(project=pfs.Project(name="recording"), force=True)),
        ):
            try:
                self.door.perform(method, [request], self.token)
            except Refusal as refusal:
                self.assertEqual(refusal.code, "NOT_FOUND")

    async def test_recording(self) -> None:
        """
        The recording for auth on, or off, is answered as recorded, also by another pachd than the one that it came from.
        """
        recording = "recorded-auth.json" if self.token else "recorded-main.json"
        await deferToThread(self.tidy)
        wrong = await deferToThread(play_all, self.door, recording, self.token)
        self.assertEqual(wrong, [])
