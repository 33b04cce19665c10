"""
What supervisor and worker say to each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from pachgw.settings import Settings
from pachgw.workers.channel import BACKLOG, Channel, packed, unpacked
from tests.workers.ends import joined, said, wire


class ChannelTests(SynchronousTestCase):
    """
    L{Channel}.
    """

    def setUp(self) -> None:
        """A channel that is connected."""
        self.events: list[Any] = []
        channel = Channel(lambda: self.events.append("connected"), self.events.append, lambda: self.events.append("lost"))
        self.channel, self.transport = channel, joined(channel)

    def test_messages(self) -> None:
        """What one end sends, the other receives, in whatever pieces it comes."""
        self.channel.send({"ask": "metrics", "id": 1})
        self.channel.send({"stop": True})
        data = self.transport.value()
        for position in range(len(data)):
            self.channel.dataReceived(data[position : position + 1])
        self.assertEqual(self.events, ["connected", {"ask": "metrics", "id": 1}, {"stop": True}])

    def test_lost(self) -> None:
        """The end of the other one is told."""
        self.channel.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.events, ["connected", "lost"])

    def test_log_is_bounded(self) -> None:
        """Log entries beyond the bound are dropped while the other end does not read, and counted when it does; other messages are not."""
        self.channel.log("info", "before")
        self.channel.pauseProducing()
        entry = "x" * (BACKLOG // 4)
        for _ in range(7):
            self.channel.log("info", entry)
        self.channel.send({"serving": True})
        sent = said(self.transport)
        self.assertEqual([message.get("log", "")[:6] for message in sent], ["before", *["xxxxxx"] * 4, ""])
        self.channel.resumeProducing()
        self.assertEqual(said(self.transport), [{"log": "3 entries of the log were dropped here", "level": "warn"}])
        self.channel.log("info", entry)
        self.assertEqual(len(said(self.transport)), 1)

    def test_too_long(self) -> None:
        """A message that cannot be one of ours ends the connection."""
        self.channel.dataReceived(b"\xff\xff\xff\xff")
        self.assertTrue(self.transport.disconnecting)


class PackingTests(SynchronousTestCase):
    """
    L{packed} and L{unpacked}.
    """

    def test_round_trip(self) -> None:
        """All settings arrive as they were, through JSON."""
        settings = Settings(
            listen=("tcp:1", "unix:/s"), data_dir=Path("/d"), pachd_ca=Path("/ca"), domains=("a",), windows=(("b", 1.5),), workers=3
        )
        received: list[Any] = []
        channel = Channel(lambda: None, received.append, lambda: None)
        joined(channel)
        channel.dataReceived(wire({"settings": packed(settings)}))
        self.assertEqual(unpacked(received[0]["settings"]), settings)
        self.assertEqual(unpacked(packed(Settings())), Settings())
