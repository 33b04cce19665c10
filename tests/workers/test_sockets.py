"""
One socket for several processes: bound here, and accepted on here, over loopback and Unix sockets.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet import reactor, ssl
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, clientFromString, connectProtocol, wrapClientTLS
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from pachgw.workers.sockets import GIVE_WAY, PAUSE, SharedPort, accept_on, bind, descriptors
from tests.pfs.certificates import identity

LOOPBACK = "tcp:0:interface=127.0.0.1"


class Named(Protocol):
    """
    Says who accepted, and ends.
    """

    def __init__(self, name: bytes) -> None:
        self._name = name

    def connectionMade(self) -> None:
        """Say it."""
        assert self.transport is not None
        self.transport.write(self._name)
        self.transport.loseConnection()


class Reading(Protocol):
    """
    Gathers what it receives.
    """

    def __init__(self) -> None:
        self.data = b""
        self.ended: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        """Gather."""
        self.data += data

    def connectionLost(self, reason: object = None) -> None:
        """That was all."""
        self.ended.callback(self.data)


class SocketTests(TestCase):
    """
    L{bind} and L{accept_on}.
    """

    def setUp(self) -> None:
        """A folder for sockets, with a short name."""
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    async def bound(self, endpoint: str) -> IListeningPort:
        """A socket that is bound until the end of the test."""
        port = await bind(reactor, endpoint)
        self.addCleanup(port.stopListening)
        return port

    async def accept(self, endpoint: str, port: IListeningPort, name: bytes) -> IListeningPort:
        """Accept on a socket that was inherited: on a descriptor of one's own."""
        factory = Factory.forProtocol(lambda: Named(name))
        accepting = await accept_on(reactor, endpoint, os.dup(descriptors([port])[0]), factory, lambda: True)
        self.addCleanup(accepting.stopListening)
        return accepting

    async def ask(self, endpoint: Any) -> bytes:
        """Who accepts a connection."""
        reading = await connectProtocol(endpoint, Reading())
        return await reading.ended

    def client(self, port: IListeningPort) -> Any:
        """How to reach a port on the loopback interface."""
        return clientFromString(reactor, f"tcp:127.0.0.1:{port.getHost().port}")  # type: ignore[attr-defined]

    async def test_waits_for_a_worker(self) -> None:
        """A connection that comes before anybody accepts is served by the first who does."""
        port = await self.bound(LOOPBACK)
        asking = Deferred.fromCoroutine(self.ask(self.client(port)))
        accepting = await self.accept(LOOPBACK, port, b"a worker")
        self.assertEqual(await asking, b"a worker")
        self.assertEqual(accepting.getHost(), port.getHost())

    async def test_one_after_another(self) -> None:
        """When one process accepts no more, another does; the socket stays."""
        port = await self.bound(LOOPBACK)
        first = await self.accept(LOOPBACK, port, b"first")
        self.assertEqual(await self.ask(self.client(port)), b"first")
        await first.stopListening()
        await self.accept(LOOPBACK, port, b"second")
        self.assertEqual(await self.ask(self.client(port)), b"second")

    async def test_one_at_a_time(self) -> None:
        """Of connections that wait already one is taken for each time that the reactor says so, so that others have their share."""
        port = await self.bound(LOOPBACK)
        clients = [socket.create_connection(("127.0.0.1", port.getHost().port)) for _ in range(3)]  # type: ignore[attr-defined]
        for client in clients:
            self.addCleanup(client.close)
        made: list[Protocol] = []

        def protocol() -> Protocol:
            made.append(Protocol())
            return made[-1]

        with socket.socket(fileno=os.dup(descriptors([port])[0])) as listening:
            accepting = SharedPort(reactor, listening, Factory.forProtocol(protocol), lambda: True)
            accepting.doRead()
            self.assertEqual(len(made), 1)
            accepting.doRead()
            self.assertEqual(len(made), 2)
        for each in made:
            assert each.transport is not None
            each.transport.abortConnection()  # type: ignore[attr-defined]

    async def test_unix(self) -> None:
        """A Unix socket keeps its mode, and its path stays when one of those who accept on it ends."""
        path = self.folder / "s3"
        endpoint = f"unix:{path}:mode=600"
        port = await self.bound(endpoint)
        accepting = await self.accept(endpoint, port, b"unix")
        self.assertEqual(await self.ask(clientFromString(reactor, f"unix:{path}")), b"unix")
        self.assertEqual(accepting.getHost(), port.getHost())
        await accepting.stopListening()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    async def test_tls(self) -> None:
        """What an endpoint says of TLS holds for the connections."""
        own = identity()
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        key.write_bytes(own.key)
        certificate.write_bytes(own.certificate)
        endpoint = f"ssl:0:interface=127.0.0.1:privateKey={key}:certKey={certificate}"
        port = await self.bound(endpoint)
        await self.accept(endpoint, port, b"secret")
        trusted = ssl.optionsForClientTLS("127.0.0.1", ssl.Certificate.loadPEM(own.certificate))
        plain = HostnameEndpoint(reactor, "127.0.0.1", port.getHost().port)  # type: ignore[attr-defined]
        self.assertEqual(await self.ask(wrapClientTLS(trusted, plain)), b"secret")


class Listening:
    """
    A socket whose accept fails.
    """

    family = socket.AF_INET

    def __init__(self, error: int) -> None:
        self.error = error
        self.accepts = 0
        self.closed = False

    def accept(self) -> Any:
        """Fail."""
        self.accepts += 1
        raise OSError(self.error, os.strerror(self.error))

    def fileno(self) -> int:
        """A number that nobody uses."""
        return -1 if self.closed else 1000

    def setblocking(self, flag: bool) -> None:
        """It does not matter."""

    def close(self) -> None:
        """Note it."""
        self.closed = True


class FakeReactor(Clock):
    """
    Knows who reads.
    """

    def __init__(self) -> None:
        Clock.__init__(self)
        self.readers: list[object] = []

    def addReader(self, reader: object) -> None:
        """One more."""
        self.readers.append(reader)

    def removeReader(self, reader: object) -> None:
        """One less."""
        self.readers = [each for each in self.readers if each is not reader]

    removeWriter = addWriter = removeReader


class FailingTests(SynchronousTestCase):
    """
    L{SharedPort} when no connection can be accepted.
    """

    turn = True

    def port(self, error: int) -> tuple[FakeReactor, SharedPort, Listening]:
        """A port that listens, and fails."""
        clock, listening = FakeReactor(), Listening(error)
        port = SharedPort(clock, listening, Factory(), lambda: self.turn)  # type: ignore[arg-type]
        port.startListening()
        return clock, port, listening

    def test_somebody_else_was_sooner(self) -> None:
        """It goes on."""
        clock, port, _ = self.port(errno.EAGAIN)
        port.doRead()
        self.assertEqual((clock.readers, clock.getDelayedCalls()), ([port], []))

    def test_connection_was_lost(self) -> None:
        """It goes on: errors of the network come up in accept as well (accept(2))."""
        clock, port, _ = self.port(errno.ENETDOWN)
        port.doRead()
        self.assertEqual((clock.readers, clock.getDelayedCalls()), ([port], []))

    def test_another_ones_turn(self) -> None:
        """It gives way once; if nobody has come by then, it is its own turn, and after that not."""
        self.turn = False
        clock, port, listening = self.port(errno.EAGAIN)
        port.doRead()
        self.assertEqual((clock.readers, listening.accepts), ([], 0))
        clock.advance(GIVE_WAY)
        self.assertEqual(clock.readers, [port])
        port.doRead()
        self.assertEqual((clock.readers, listening.accepts), ([port], 1))
        port.doRead()
        self.assertEqual((clock.readers, listening.accepts), ([], 1))
        self.successResultOf(port.stopListening())

    def test_no_descriptors(self) -> None:
        """It rests for a moment, instead of trying all the time."""
        clock, port, _ = self.port(errno.EMFILE)
        port.doRead()
        self.assertEqual(clock.readers, [])
        clock.advance(PAUSE)
        self.assertEqual(clock.readers, [port])

    def test_stops_while_it_rests(self) -> None:
        """Stopping ends the rest, and may be done twice."""
        clock, port, listening = self.port(errno.EMFILE)
        port.doRead()
        self.successResultOf(port.stopListening())
        self.successResultOf(port.stopListening())
        self.assertTrue(listening.closed)
        self.assertEqual((clock.readers, clock.getDelayedCalls()), ([], []))
