"""
A servicer as a real gRPC server, for C{pachctl}, for other gateways, and for our own in other processes.

The servicer is the one that L{LocalPFS<pachgw.pfs.local.LocalPFS>} drives. gRPC holds a thread for a call as long as it lasts, so each kind
of call has threads of its own, and those that last long have many.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Optional

import grpc
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads

from pachgw.pfs.address import listening
from pachgw.pfs.handlers import Pools, handlers
from pachgw.pfs.servicer import Servicer

RECEIVED = 32 << 20
"""
The largest message that is taken, in bytes. A pachd takes 20 MiB, and its clients know it.
"""

_OPTIONS = (
    ("grpc.max_receive_message_length", RECEIVED),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # two servers on one port would share its calls by chance
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass(frozen=True)
class Served:
    """
    The most calls of each kind at once; more wait for their turn.

    @ivar calls: that are answered at once.
    @ivar streams: server streams, each as long as its client takes to read it.
    @ivar uploads: client streams, each as long as its client takes to send it.
    @ivar waits: that wait for something to happen, such as a commit.
    """

    calls: int = 32
    streams: int = 256
    uploads: int = 128
    waits: int = 256


@dataclass(frozen=True)
class Identity:
    """
    What a TLS server shows: the private key and the certificate chain, both as PEM.
    """

    key: bytes
    certificate: bytes


class PFSServer(Service):
    """
    Serves a servicer on one endpoint while it runs.

    @ivar address: where it listens, as gRPC takes it: with the port that was given for port 0. C{None} until it runs.
    """

    def __init__(
        self,
        servicer: Servicer,
        endpoint: str,
        reactor: IReactorFromThreads,
        identity: Optional[Identity] = None,
        limits: Served = Served(),
        grace: float = 5.0,
    ) -> None:
        """
        @param endpoint: see L{listening}.
        @param identity: for TLS; without it calls and tokens travel in the clear.
        @param grace: how long running calls may go on when the service stops, in seconds.
        @raise ValueError: the endpoint is of no known form.
        """
        self._servicer = servicer
        self._place = listening(endpoint)
        self._reactor = reactor
        self._identity = identity
        self._limits = limits
        self._grace = grace
        self._server: Optional[grpc.Server] = None
        self._pools: Optional[Pools] = None
        self.address: Optional[str] = None

    def startService(self) -> None:
        """
        Listen.

        @raise OSError: that is not possible.
        """
        limits = self._limits
        self._pools = Pools(
            ThreadPoolExecutor(limits.calls, "pachgw-served-calls"),
            ThreadPoolExecutor(limits.streams, "pachgw-served-streams"),
            ThreadPoolExecutor(limits.uploads, "pachgw-served-uploads"),
            ThreadPoolExecutor(limits.waits, "pachgw-served-waits"),
        )
        server = grpc.server(self._pools.calls, handlers(self._servicer, self._pools), options=_OPTIONS)
        self.address = self._listen(server)
        server.start()
        self._server = server
        super().startService()  # type: ignore[no-untyped-call]

    def stopService(self) -> Deferred[None]:
        """
        Take no more calls, and end those that run.

        @return: fires when all threads have ended.
        """
        super().stopService()  # type: ignore[no-untyped-call]
        server, self._server = self._server, None
        stopped: Deferred[None] = Deferred()

        def stop() -> None:
            if server is not None:
                server.stop(self._grace).wait()
            for pool in self._pools or ():
                pool.shutdown()
            self._reactor.callFromThread(stopped.callback, None)

        thread = threading.Thread(target=stop, name="pachgw-served-stop")
        thread.start()
        return stopped.addCallback(lambda _: thread.join())

    def _listen(self, server: grpc.Server) -> str:
        try:
            if self._identity is None:
                port = server.add_insecure_port(self._place)
            else:
                pair = (self._identity.key, self._identity.certificate)
                port = server.add_secure_port(self._place, grpc.ssl_server_credentials([pair]))
        except RuntimeError as error:
            raise OSError(f"cannot serve PFS on {self._place}: {error}") from error
        if self._place.startswith("unix:"):
            return self._place
        return f"{self._place.rpartition(':')[0]}:{port}"
