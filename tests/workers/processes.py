"""
Processes that are none.
"""

from __future__ import annotations

from typing import Any, Optional

from twisted.internet.error import ConnectionDone, ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from pachgw.workers.channel import Channel
from tests.workers.ends import joined, wire

KILLED = ProcessTerminated(signal=9)


@implementer(IProcessTransport)
class FakeProcess:
    """
    A process that does what the test says.
    """

    pid = 4711

    def __init__(self, watcher: ProcessProtocol, channel: Channel) -> None:
        self.watcher = watcher
        self.channel = channel
        self.transport: StringTransport = joined(channel)
        self.signals: list[str] = []
        self.gone = False
        watcher.makeConnection(self)  # type: ignore[arg-type]

    def closeStdin(self) -> None:
        """Nothing is read."""

    def signalProcess(self, signal: str) -> None:
        """Note the signal."""
        if self.gone:
            raise ProcessExitedAlready()
        self.signals.append(signal)

    def says(self, **message: Any) -> None:
        """The process sends a message."""
        self.channel.dataReceived(wire(message))

    def ends(self, reason: Optional[Exception] = None) -> None:
        """The process is gone."""
        self.gone = True
        self.channel.connectionLost(Failure(ConnectionDone()))
        self.watcher.processEnded(Failure(reason or ProcessDone(0)))
