"""
The recordings of a real pachd, played against every door there is, step by step, none left out.

C{recorded-main.json} and C{recorded-auth.json} were there before the project; the others ask the same pachd about what
they do not touch.

The doors run in real threads, so the tests use the real reactor. A pachd is played against if C{PACHGW_TEST_PACHD} is its address; then
C{PACHGW_TEST_PACHD_TOKEN} is root's token if auth is on. What a run makes there, named in C{MADE}, is deleted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Optional

from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods
from pachgw.pfs.address import target
from pachgw.pfs.local import LocalPFS
from pachgw.pfs.older import OlderPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.remote import GrpcPFS
from pachgw.pfs.serving import PFSServer
from tests.contract.doors import BridgeDoor, Door, ServicerDoor
from tests.contract.player import Mismatch, Player, load

ROOT_TOKEN = "iamroot"
MAIN = ("recorded-main.json", "recorded-more.json", "recorded-further.json")
AUTH = ("recorded-auth.json", "recorded-more-auth.json")
MADE = ("recording", "recording2", "recording4", "mine2", ("default", "sec"), ("default", "sec2"), ("default", "minero"))
"""
The projects, and the repos in the default project, that recordings make.
"""
DELETING = 233
"""
The first step of the recording without auth that tries to delete a repo.
"""


async def play_all(door: Door, recording: str, token: Optional[str], upto: Optional[int] = None) -> list[str]:
    """
    Play a recording to its end.

    @param upto: the step before which to stop.
    @return: what went wrong, one text a step.
    """
    player = Player(door, token)
    wrong = []
    for number, step in enumerate(load(recording)[:upto]):
        try:
            await player.play(step)
        except Mismatch as mismatch:
            wrong.append(f"{number} {step['rpc']} [{step['name']}]: {mismatch}")
    return wrong


class EmbeddedTests(TestCase):
    """
    To be subclassed with L{door}.
    """

    __test__ = False

    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.embedded = EmbeddedPFS(folder / "data", time.time)
        self.embedded.open()
        self.addCleanup(self.embedded.close)

    def door(self) -> Door:
        """
        A way into L{embedded}.
        """
        raise NotImplementedError

    async def test_without_auth(self) -> None:
        """
        Every step of the recording without auth is answered as recorded.
        """
        self.assertEqual(await play_all(self.door(), "recorded-main.json", None), [])

    async def test_more(self) -> None:
        """
        Every step of the recordings of further cases is answered as recorded.
        """
        door = self.door()
        self.assertEqual(await play_all(door, "recorded-more.json", None), [])
        self.assertEqual(await play_all(door, "recorded-further.json", None), [])

    async def test_with_auth(self) -> None:
        """
        Every step of the recording with auth is answered as recorded.
        """
        self.embedded.activate_auth(ROOT_TOKEN)
        self.assertEqual(await play_all(self.door(), "recorded-auth.json", ROOT_TOKEN), [])

    async def test_more_with_auth(self) -> None:
        """
        Every step of the recording of further cases with auth is answered as recorded.
        """
        self.embedded.activate_auth(ROOT_TOKEN)
        self.assertEqual(await play_all(self.door(), "recorded-more-auth.json", ROOT_TOKEN), [])

    async def test_a_recording_leaves_a_whole_store(self) -> None:
        """
        When a recording is about to delete what it has made, the check of the store finds nothing wrong with it.
        """
        door = self.door()
        await play_all(door, "recorded-main.json", None, DELETING)
        await Player(door).play({"service": "pfs", "rpc": "Fsck", "requests": [{}], "responses": []})


class ServicerTests(EmbeddedTests):
    """
    The procedures of the embedded PFS, called directly.
    """

    __test__ = True

    def door(self) -> Door:
        """
        See L{EmbeddedTests.door}.
        """
        return ServicerDoor(self.embedded)


class LocalTests(EmbeddedTests):
    """
    The embedded PFS through the bridge, in the same process.
    """

    __test__ = True

    def door(self) -> Door:
        """
        See L{EmbeddedTests.door}.
        """
        from twisted.internet import reactor

        bridge = LocalPFS(self.embedded, reactor, Clock())  # type: ignore[arg-type]
        self.addCleanup(bridge.close)
        return BridgeDoor(bridge)


class GrpcTests(EmbeddedTests):
    """
    The embedded PFS through the bridge, over real gRPC.
    """

    __test__ = True

    def door(self) -> Door:
        """
        See L{EmbeddedTests.door}.
        """
        from twisted.internet import reactor

        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        endpoint = f"unix:{Path(folder) / 'pfs'}"
        server = PFSServer(self.embedded, endpoint, reactor, grace=0)  # type: ignore[arg-type]
        server.startService()
        self.addCleanup(server.stopService)
        bridge = OlderPFS(GrpcPFS(target(endpoint), reactor, Clock()))  # type: ignore[arg-type]
        self.addCleanup(bridge.close)
        return BridgeDoor(bridge)


class PachdTests(TestCase):
    """
    A real pachd, if the environment names one.
    """

    timeout = 600

    def door(self) -> Door:
        """
        A way into the pachd.
        """
        from twisted.internet import reactor

        bridge = OlderPFS(GrpcPFS(target(os.environ["PACHGW_TEST_PACHD"]), reactor, reactor))  # type: ignore[arg-type]
        self.addCleanup(bridge.close)
        return BridgeDoor(bridge)

    async def tidy(self, door: Door, token: Optional[str]) -> None:
        """
        Delete what an earlier run has left.
        """
        listed = await door.perform(methods.LIST_REPO, [pfs.ListRepoRequest()], token)
        for info in listed.messages:
            assert isinstance(info, pfs.RepoInfo)
            if info.repo.project.name in MADE or (info.repo.project.name, info.repo.name) in MADE:
                await door.perform(methods.DELETE_REPO, [pfs.DeleteRepoRequest(repo=info.repo, force=True)], token)
        for name in MADE:
            if isinstance(name, str):
                await door.perform(methods.DELETE_PROJECT, [pfs.DeleteProjectRequest(project=pfs.Project(name=name))], token)

    async def test_recording(self) -> None:
        """
        Every step of the recordings that fit the pachd, with auth or without, is answered as recorded.
        """
        token = os.environ.get("PACHGW_TEST_PACHD_TOKEN")
        door = self.door()
        for recording in AUTH if token else MAIN:
            await self.tidy(door, token)
            self.assertEqual(await play_all(door, recording, token), [])


if "PACHGW_TEST_PACHD" not in os.environ:
    del PachdTests
