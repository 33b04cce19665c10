"""
How a worker's process is started, with a reactor that starts none.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.internet.protocol import Factory, ProcessProtocol
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from pachgw.workers.channel import CHANNEL, INHERITED, Channel
from pachgw.workers.process import launcher
from tests.workers.ends import wire


class FakeReactor:
    """
    Notes what is to be started, with copies of what it would inherit.
    """

    def __init__(self) -> None:
        self.started: list[tuple[Any, ...]] = []
        self.inherited: dict[int, int] = {}
        self.ours = -1

    def adoptStreamConnection(self, descriptor: int, family: int, factory: Factory) -> None:
        """Connect the channel."""
        self.ours = os.dup(descriptor)
        protocol = factory.buildProtocol(None)  # type: ignore[arg-type]
        assert protocol is not None
        protocol.makeConnection(StringTransport())

    def spawnProcess(self, *arguments: Any, childFDs: dict[int, Any]) -> str:
        """Note it."""
        self.started.append(arguments)
        self.inherited = {place: os.dup(given) for place, given in childFDs.items() if isinstance(given, int)}
        self.pipes = {place: given for place, given in childFDs.items() if isinstance(given, str)}
        return "the process"


class LaunchTests(SynchronousTestCase):
    """
    L{launcher}.
    """

    def test_launch(self) -> None:
        """The process gets its end of the channel and the sockets at their places. This process keeps no copy of that end."""
        reactor, said = FakeReactor(), []
        listening = [socket.socket(), socket.socket()]
        for each in listening:
            self.addCleanup(each.close)
        launch = launcher(reactor, ["python", "-m", "x"], {"A": "b"}, [each.fileno() for each in listening])
        watcher, channel = ProcessProtocol(), Channel(lambda: said.append("connected"), lambda _: None, lambda: None)
        self.assertEqual(launch(watcher, channel), "the process")
        self.assertEqual(reactor.started, [(watcher, "python", ["python", "-m", "x"], {"A": "b"})])
        self.assertEqual((said, reactor.pipes), (["connected"], {0: "w", 1: "r", 2: "r"}))
        self.assertEqual(sorted(reactor.inherited), [CHANNEL, INHERITED, INHERITED + 1])
        for place, each in enumerate(listening, INHERITED):
            self.assertTrue(os.path.samestat(os.fstat(reactor.inherited[place]), os.fstat(each.fileno())))
        os.write(reactor.ours, wire({"stop": True}))
        self.assertEqual(os.read(reactor.inherited[CHANNEL], 100), wire({"stop": True}))
        for copy in reactor.inherited.values():
            os.close(copy)
        self.assertEqual(os.read(reactor.ours, 1), b"", "nobody but the process had its end")
        os.close(reactor.ours)
