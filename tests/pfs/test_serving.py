"""
A servicer served as gRPC: how it listens, over TLS too, whom it serves, and how it stops.
"""

from __future__ import annotations

import threading
from typing import Any, Optional

import grpc
from google.protobuf.empty_pb2 import Empty
from twisted.internet.defer import gatherResults
from twisted.internet.task import Clock
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from pachgw.pfs import methods
from pachgw.pfs.address import Target
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.remote import GrpcPFS
from pachgw.pfs.serving import Identity, PFSServer, Served
from tests.pfs.certificates import identity
from tests.pfs.doors import content, drained, inspect, repos
from tests.pfs.toys import Toy


class ServingTests(TestCase):
    """
    L{PFSServer}.
    """

    def setUp(self) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        self.toy = Toy(reactor)

    def serve(
        self, endpoint: str = "tcp:0:interface=127.0.0.1", own: Optional[Identity] = None, limits: Optional[Served] = None
    ) -> PFSServer:
        """
        A server of the toy, that runs.
        """
        server = PFSServer(self.toy, endpoint, self.reactor, own, limits or Served(), grace=0)
        server.startService()
        self.addCleanup(server.stopService)
        return server

    def door(self, server: PFSServer, tls: bool = False, authorities: Optional[bytes] = None) -> Any:
        """
        A door to a server.
        """
        assert server.address is not None
        door = GrpcPFS(Target(server.address, tls), self.reactor, Clock(), authorities)
        self.addCleanup(door.close)
        return door

    async def test_port(self) -> None:
        """
        The address tells the port that was chosen, and that it is served.
        """
        server = self.serve()
        self.assertRegex(server.address or "", r"^127\.0\.0\.1:[1-9][0-9]*$")
        answer = await self.door(server).call(methods.GET_VERSION, Empty())
        self.assertEqual(answer.major, 2)

    async def test_port_in_use(self) -> None:
        """
        A port that is in use is refused, and not shared.
        """
        port = (self.serve().address or "").rpartition(":")[2]
        second = PFSServer(self.toy, f"tcp:{port}:interface=127.0.0.1", self.reactor)
        self.assertRaises(OSError, second.startService)
        await second.stopService()

    def test_unknown_endpoint(self) -> None:
        """
        An endpoint of a form that gRPC does not have is refused at once.
        """
        self.assertRaises(ValueError, PFSServer, self.toy, "ssl:1", self.reactor)

    async def test_tls(self) -> None:
        """
        With a key and a certificate it speaks TLS, to those who trust the certificate and to nobody else.
        """
        own = identity()
        server = self.serve(own=own)
        answer = await self.door(server, True, own.certificate).call(methods.GET_VERSION, Empty(), "secret")
        self.assertEqual((answer.major, self.toy.token), (2, "secret"))
        for door in (self.door(server, True, identity().certificate), self.door(server)):
            error = await self.assertFailure(door.call(methods.GET_VERSION, Empty()), PFSError)
            self.assertEqual(error.status, Status.UNAVAILABLE)

    async def test_large_message(self) -> None:
        """
        It takes messages of 20 MiB, as a pachd does.
        """
        address = self.serve().address
        message = pfs.ModifyFileRequest()
        message.add_file.raw.value = bytes(20 << 20)

        def send() -> None:
            with grpc.insecure_channel(address, [("grpc.max_send_message_length", -1)]) as channel:
                method = methods.MODIFY_FILE
                channel.stream_unary(method.path, method.request.SerializeToString, method.response.FromString)(iter([message]))

        await deferToThread(send)
        self.assertEqual(self.toy.taken, [message])

    async def test_waits_hold_up_nobody(self) -> None:
        """
        Subscriptions, readers who do not read, and writers who do not write have threads of their own.
        """
        door = self.door(self.serve(limits=Served(calls=1, streams=2, uploads=1, waits=1)))
        subscriptions = [door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest()) for _ in range(3)]
        await self.toy.stuck.happened
        slow = door.content(content(1 << 30, 1 << 20))
        await slow.read()
        self.assertEqual(len(await drained(door.stream(methods.LIST_REPO, repos(3)))), 3)
        await door.call(methods.GET_VERSION, Empty())
        self.assertEqual(await door.send(methods.MODIFY_FILE).finish(), Empty())
        for stream in (slow, *subscriptions):
            stream.cancel()

    async def test_reader_that_does_not_read(self) -> None:
        """
        Over gRPC too a reader that does not read stops the servicer after a bounded number of bytes.
        """
        door = self.door(self.serve())
        stream = door.content(content(1 << 30, 1 << 20))
        await stream.read()
        for _ in range(200):
            await door.call(methods.GET_VERSION, Empty())
        self.assertLess(self.toy.given, 64 << 20)
        stream.cancel()

    async def test_uploads_are_bounded(self) -> None:
        """
        So many uploads are sent at once, and the others wait for their turn, or give it up.
        """
        server = self.serve()
        door: Any = GrpcPFS(Target(server.address or "", False), self.reactor, Clock(), uploads=1)
        self.addCleanup(door.close)
        self.toy.gate.clear()
        self.addCleanup(self.toy.gate.set)
        answers = [door.send(methods.MODIFY_FILE).finish() for _ in range(2)]
        given_up = door.send(methods.MODIFY_FILE)
        failed = given_up.finish()
        given_up.cancel()
        self.failureResultOf(failed)
        self.toy.gate.set()
        self.assertEqual(await gatherResults(answers), [Empty(), Empty()])

    async def test_stop(self) -> None:
        """
        Stopping ends what waits, and leaves no thread.
        """
        server = self.serve()
        call = self.door(server).call(methods.INSPECT_REPO, inspect("stuck"))
        await self.toy.stuck.happened
        await server.stopService()
        await self.assertFailure(call, PFSError)
        self.assertTrue(self.toy.released.is_set())
        self.assertEqual([thread.name for thread in threading.enumerate() if thread.name.startswith("pachgw-served")], [])

    async def test_stopped_before_started(self) -> None:
        """
        A server that never ran may be stopped.
        """
        await PFSServer(self.toy, "tcp:0", self.reactor).stopService()
