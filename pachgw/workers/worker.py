"""
A worker: the process that L{Supervisor<pachgw.workers.supervisor.Supervisor>} starts, several times.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Optional

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from pachgw.backends import Backend, open_shared
from pachgw.gateway import Gateway
from pachgw.listening import listen_by
from pachgw.memory import keep_tidy
from pachgw.settings import Settings
from pachgw.web.site import S3Site
from pachgw.workers.balance import Balance
from pachgw.workers.channel import CHANNEL, INHERITED, Channel, Message, unpacked
from pachgw.workers.folder import PrivateFolder
from pachgw.workers.numbers import SharedNumbers
from pachgw.workers.relay import begin_relaying
from pachgw.workers.sockets import accept_on

ORPHANED = 60.0
"""
Seconds after its supervisor's end in which a worker ends, whatever it is doing.
"""


class WorkerGateway(Gateway):
    """
    A gateway on sockets that somebody else has bound.
    """

    def __init__(self, settings: Settings, reactor: Any, private: PrivateFolder, number: int) -> None:
        """
        @param settings: those of the whole gateway.
        @param private: what is shared with the supervisor.
        @param number: this worker's, from 1.
        """
        Gateway.__init__(self, settings, reactor)
        self._private = private
        self._balance = Balance(SharedNumbers(private.connections, settings.workers), number - 1)

    async def open(self) -> Backend:
        """
        Open the way to the supervisor's PFS, or to pachd.
        """
        return open_shared(self._private, self._reactor, self._ends) if self.settings.pachd is None else await Gateway.open(self)

    async def listen(self, site: S3Site) -> list[IListeningPort]:
        """
        Accept on the inherited sockets: one for each endpoint, in order.
        """
        site.tell_connections = self._balance.tell
        self._balance.tell(0)
        steps = (
            partial(accept_on, self._reactor, endpoint, descriptor, site, self._balance.my_turn)
            for descriptor, endpoint in enumerate(self.settings.listen, INHERITED)
        )
        return await listen_by(steps, self._ends)

    def stopService(self) -> Deferred[None]:
        """
        As L{Gateway.stopService}, and leave new connections to the others.
        """
        self._balance.leave()
        return Gateway.stopService(self)

    def announce(self) -> None:
        """
        Nothing: the supervisor does.
        """


class Work:
    """
    What a worker does from its first message to its end.
    """

    def __init__(self, reactor: Any, make: Callable[[Settings, Any, PrivateFolder, int], Gateway] = WorkerGateway) -> None:
        """
        @param make: makes the gateway.
        """
        self.channel = Channel(lambda: None, self._received, self._orphaned)
        self._reactor = reactor
        self._make = make
        self._gateway: Optional[Gateway] = None
        self._private: Optional[PrivateFolder] = None
        self._ending = False

    def stop(self) -> Optional[Deferred[None]]:
        """
        End the gateway, before the reactor ends.
        """
        self._ending = True
        return None if self._gateway is None else self._gateway.stopService()

    def _received(self, message: Message) -> None:
        if "settings" in message:
            self._start(message)
        elif "ask" in message:
            self._answer(message["id"], message["ask"])
        elif "stop" in message:
            self.end()

    def _start(self, message: Message) -> None:
        settings = unpacked(message["settings"])
        begin_relaying(settings.log_level, self.channel.log)
        self._private = PrivateFolder(Path(message["folder"]))
        gateway = self._gateway = self._make(settings, self._reactor, self._private, message["number"])
        gateway.ready.addCallbacks(lambda _: self._serving(), self._failed)
        gateway.startService()

    def _serving(self) -> None:
        keep_tidy(self._reactor)
        self.channel.send({"serving": True})

    def _failed(self, failure: Failure) -> None:
        self.channel.send({"failed": failure.getErrorMessage()})
        self.end()

    def _answer(self, id: int, what: str) -> None:
        gateway = self._gateway
        assert gateway is not None
        asked = maybeDeferred(gateway.metrics.text) if what == "metrics" else gateway.check().addCallback(lambda _: "ready")
        asked.addCallbacks(
            lambda text: self.channel.send({"answer": id, "text": text}),
            lambda failure: self.channel.send({"answer": id, "error": failure.getErrorMessage() or failure.type.__name__}),
        )

    def _orphaned(self) -> None:
        """
        The supervisor is gone, and with it the PFS on the private socket. What it would have removed is removed here.
        """
        if self._ending:
            return
        if self._private is not None:
            self._private.remove()
        last = threading.Timer(ORPHANED, os._exit, (1,))
        last.daemon = True
        last.start()
        self.end()

    def end(self) -> None:
        """
        End the reactor, and with it the gateway.
        """
        if not self._ending:
            self._ending = True
            self._reactor.stop()


def main() -> None:
    """
    Work, until the supervisor says that it is enough, or is gone, or C{SIGTERM} comes.
    """
    from twisted.internet import reactor as running

    reactor: Any = running
    work = Work(reactor)
    with socket.socket(fileno=CHANNEL) as ours:
        ours.setblocking(False)
        reactor.adoptStreamConnection(CHANNEL, socket.AF_UNIX, Factory.forProtocol(lambda: work.channel))
    reactor.addSystemEventTrigger("before", "shutdown", work.stop)
    # Ctrl-C in a terminal goes to all processes; the supervisor tells its workers.
    reactor.callWhenRunning(signal.signal, signal.SIGINT, signal.SIG_IGN)
    reactor.callWhenRunning(signal.signal, signal.SIGTERM, lambda *_: reactor.callFromThread(work.end))
    reactor.run()


if __name__ == "__main__":
    main()
