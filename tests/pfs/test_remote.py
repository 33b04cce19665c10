"""
The bridge to a pachd, with a toy served as real gRPC in its place, over a socket in a temporary folder or on loopback.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from pachgw.pfs import methods
from pachgw.pfs.address import target
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.remote import GrpcPFS
from pachgw.pfs.serving import PFSServer
from tests.pfs.doors import DoorTests, add, inspect, repos
from tests.pfs.toys import Toy


class GrpcPFSTests(DoorTests):
    """
    L{GrpcPFS} as a door to a L{PFSServer}.
    """

    __test__ = True

    def open(self, toy: Toy, clock: Clock) -> GrpcPFS:
        """
        See L{DoorTests.open}.
        """
        from twisted.internet import reactor

        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.endpoint = f"unix:{Path(folder) / 'pfs'}"
        self.server = self.serve()
        return GrpcPFS(target(self.endpoint), reactor, clock, streams=2, uploads=2, backoff=0.1)  # type: ignore[arg-type]

    def serve(self) -> PFSServer:
        """
        Start to serve the toy.
        """
        from twisted.internet import reactor

        server = PFSServer(self.toy, self.endpoint, reactor, grace=0)  # type: ignore[arg-type]
        server.startService()
        return server

    async def shut(self) -> None:
        """
        Close the door, and then what it leads to.
        """
        await super().shut()
        await self.server.stopService()

    async def test_unusual_tokens(self) -> None:
        """
        A token that gRPC cannot carry as it is does not break the call; one that it can is not changed.
        """
        for token, sent in (("a b%41~", "a b%41~"), ("\u00e9\n", "%C3%A9%0A"), ("x" * 9000, "x" * 4096), ("", "")):
            await self.door.call(methods.GET_VERSION, Empty(), token)
            self.assertEqual(self.toy.token, sent)

    async def test_away_and_back(self) -> None:
        """
        While pachd is away calls and streams fail at once with C{UNAVAILABLE}; when it is back the same door works again.
        """
        await self.door.call(methods.GET_VERSION, Empty())
        await self.server.stopService()
        await self.refused(self.door.call(methods.GET_VERSION, Empty()), Status.UNAVAILABLE)
        await self.refused(self.door.stream(methods.LIST_REPO, repos(1)).read(), Status.UNAVAILABLE)
        await self.refused(self.door.content(pfs.GetFileRequest()).read(), Status.UNAVAILABLE)
        sink = self.door.send(methods.MODIFY_FILE)
        await sink.write(add("x"))
        await self.refused(sink.finish(), Status.UNAVAILABLE)
        self.server = self.serve()
        await ready(self.door)
        answer = await self.door.call(methods.GET_VERSION, Empty())
        self.assertEqual(answer.major, 2)

    async def test_falls_silent(self) -> None:
        """
        When pachd does not even say its version, what is under way fails, and the door connects anew: no call hangs until its timeout.
        """
        call = self.door.call(methods.INSPECT_REPO, inspect("stuck"))
        read = self.door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest()).read()
        await read
        self.toy.mute = True
        self.clock.advance(10)
        self.assertNoResult(call)
        self.clock.advance(10)
        await self.refused(call, Status.UNAVAILABLE)
        self.toy.mute = False
        answer = await self.door.call(methods.GET_VERSION, Empty())
        self.assertEqual(answer.major, 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_goes_away_in_a_call(self) -> None:
        """
        Calls under way fail when pachd stops.
        """
        call = self.door.call(methods.INSPECT_REPO, inspect("stuck"))
        stream = self.door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest())
        await stream.read()
        await self.toy.stuck.happened
        read = stream.read()
        await self.server.stopService()
        for deferred in (call, read):
            error = await self.assertFailure(deferred, PFSError)
            self.assertIn(error.status, (Status.UNAVAILABLE, Status.CANCELLED))


def ready(door: Any) -> Deferred[None]:
    """
    Fires when gRPC has connected.
    """
    from twisted.internet import reactor

    connected: Deferred[None] = Deferred()
    future = grpc.channel_ready_future(door._channel)
    future.add_done_callback(lambda _: reactor.callFromThread(connected.callback, None))  # type: ignore[attr-defined]
    return connected
