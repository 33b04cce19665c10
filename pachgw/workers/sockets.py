"""
One listening socket for several processes: bound by one that accepts nothing, and accepted on by those that have inherited it.

All workers are woken by a new connection, and each takes one at a time, where a port of Twisted would take all that wait. A worker that is
told that it is another's turn gives way for a moment; then it takes what nobody has taken, for the other may be busy.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any, Optional, cast

import txaio
from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IAddress, IDelayedCall, IListeningPort, IProtocolFactory
from twisted.internet.protocol import Factory
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

log = txaio.make_logger()

GIVE_WAY = 0.002
"""
Seconds for which a worker leaves a connection to the others.
"""

PAUSE = 1.0
"""
Seconds to wait when there is no file descriptor left for a connection.
"""

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


async def bind(reactor: Any, endpoint: str) -> IListeningPort:
    """
    Listen on a server endpoint, and leave its connections to others.

    @return: has a C{fileno}, to be inherited.
    @raise twisted.internet.error.CannotListenError: it cannot be bound.
    """
    nobody = Factory()
    nobody.noisy = False
    port: Any = await serverFromString(reactor, endpoint).listen(nobody)
    port.stopReading()
    return cast(IListeningPort, port)


def accept_on(
    reactor: Any, endpoint: str, descriptor: int, factory: IProtocolFactory, my_turn: Callable[[], bool]
) -> Deferred[IListeningPort]:
    """
    Accept connections on a socket that somebody else has bound by L{bind}.

    @param endpoint: what it was bound by. What it says of TLS and other layers holds for the connections.
    @param descriptor: the socket's, which the port takes over.
    @param my_turn: see L{SharedPort}.
    """
    if endpoint.startswith("systemd:"):
        endpoint = "tcp:0"  # systemd's variables are for the process that it has started, and the socket is here already
    return cast("Deferred[IListeningPort]", serverFromString(_Inheriting(reactor, descriptor, my_turn), endpoint).listen(factory))


class _Inheriting:
    """
    A reactor, for server endpoints, that listens by an inherited socket whatever is asked for.
    """

    def __init__(self, reactor: Any, descriptor: int, my_turn: Callable[[], bool]) -> None:
        self._reactor = reactor
        self._descriptor = descriptor
        self._my_turn = my_turn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def listenTCP(self, _port: object, factory: IProtocolFactory, *_: object, **__: object) -> SharedPort:
        """
        See C{IReactorTCP.listenTCP}.
        """
        port = SharedPort(self._reactor, socket.socket(fileno=self._descriptor), factory, self._my_turn)
        port.startListening()
        return port

    listenUNIX = listenTCP

    def listenSSL(self, port: object, factory: IProtocolFactory, contextFactory: Any, *_: object, **__: object) -> SharedPort:
        """
        See C{IReactorSSL.listenSSL}.
        """
        return self.listenTCP(port, TLSMemoryBIOFactory(contextFactory, False, factory))


@implementer(IListeningPort)
class SharedPort(FileDescriptor):
    """
    A listening socket on which other processes accept as well.
    """

    def __init__(self, reactor: Any, listening: socket.socket, factory: IProtocolFactory, my_turn: Callable[[], bool]) -> None:
        """
        @param listening: is closed at the end; the others' is not.
        @param my_turn: whether to accept a connection at once.
        """
        FileDescriptor.__init__(self, reactor)
        self._reactor = reactor
        self._socket = listening
        self._factory = factory
        self._my_turn = my_turn
        self._gave_way = False
        self._resuming: Optional[IDelayedCall] = None

    def fileno(self) -> int:
        """
        The descriptor to be watched.
        """
        return self._socket.fileno()

    def startListening(self) -> None:
        """
        Begin to accept.
        """
        self._socket.setblocking(False)
        self._factory.doStart()
        self.startReading()

    def stopListening(self) -> Deferred[None]:
        """
        Accept no more.
        """
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None
        if self._socket.fileno() >= 0:
            self.stopReading()
            self._socket.close()
            self._factory.doStop()
        return succeed(None)

    def connectionLost(self, reason: object) -> None:
        """
        The reactor ends, or the socket has failed.
        """
        self.stopListening()

    def getHost(self) -> IAddress:
        """
        Where it listens.
        """
        name = self._socket.getsockname()
        if self._socket.family == socket.AF_UNIX:
            return UNIXAddress(os.fsencode(name))
        return (IPv6Address if self._socket.family == socket.AF_INET6 else IPv4Address)("TCP", *name)

    def doRead(self) -> None:
        """
        Accept one connection, unless another process is to do it or was sooner.
        """
        if not self._gave_way and not self._my_turn():
            self._gave_way = True
            self._rest(GIVE_WAY)
            return
        self._gave_way = False
        try:
            connection, _ = self._socket.accept()
        except BlockingIOError:
            return
        except OSError as error:
            log.error("A connection cannot be accepted: {reason}", reason=error.strerror)
            if error.errno in _EXHAUSTED:
                self._rest(PAUSE)
            return
        with connection:
            connection.setblocking(False)
            try:
                self._reactor.adoptStreamConnection(connection.fileno(), connection.family, self._factory)
            except OSError as error:  # the client is gone already
                log.debug("A connection was lost while it was accepted: {reason}", reason=error.strerror)
            except Exception:
                log.failure("A connection could not be served")

    def _rest(self, seconds: float) -> None:
        self.stopReading()
        self._resuming = self._reactor.callLater(seconds, self._resume)

    def _resume(self) -> None:
        self._resuming = None
        self.startReading()


def descriptors(ports: Sequence[IListeningPort]) -> list[int]:
    """
    The file descriptors of what was bound.
    """
    return [cast(Any, port).fileno() for port in ports]
