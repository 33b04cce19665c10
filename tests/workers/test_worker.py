"""
What a worker does, in this process, with a gateway that is none.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from pachgw.admin.metrics import Metrics
from pachgw.settings import Settings
from pachgw.workers import worker
from pachgw.workers.channel import packed
from pachgw.workers.folder import PrivateFolder
from tests.workers.ends import joined, said, wire


class FakeGateway:
    """
    Does what the test says.
    """

    def __init__(self, settings: Settings, private: PrivateFolder, number: int) -> None:
        self.settings = settings
        self.number = number
        self.private = private
        self.ready: Deferred[object] = Deferred()
        self.metrics = Metrics()
        self.checked: Deferred[object] = succeed(None)
        self.running = False

    def startService(self) -> None:
        """Note it."""
        self.running = True

    def stopService(self) -> Deferred[None]:
        """Note it."""
        self.running = False
        return succeed(None)

    def check(self) -> Deferred[object]:
        """What the test says."""
        return self.checked


class FakeReactor(Clock):
    """
    Counts how often it is stopped.
    """

    stops = 0

    def stop(self) -> None:
        """Count."""
        self.stops += 1


class FakeTimer:
    """
    Stands for L{threading.Timer}.
    """

    made: list[FakeTimer] = []

    def __init__(self, seconds: float, call: object, arguments: object) -> None:
        self.seconds = seconds
        self.daemon = False
        self.started = False
        FakeTimer.made.append(self)

    def start(self) -> None:
        """Note it."""
        self.started = self.daemon


class WorkTests(SynchronousTestCase):
    """
    L{worker.Work}.
    """

    def setUp(self) -> None:
        """A worker whose supervisor is the test. Its log stays where it is."""
        self.gateways: list[FakeGateway] = []
        self.relayed: list[str] = []
        self.patch(worker, "begin_relaying", lambda level, send: self.relayed.append(level))
        self.tidied = 0
        self.patch(worker, "keep_tidy", self.tidy)
        self.patch(worker.threading, "Timer", FakeTimer)
        FakeTimer.made = []
        self.reactor = FakeReactor()
        self.work = worker.Work(self.reactor, self.make)
        self.transport = joined(self.work.channel)

    def tidy(self, reactor: object) -> None:
        """This process goes on as it does."""
        self.tidied += 1

    def make(self, settings: Settings, reactor: Any, private: PrivateFolder, number: int) -> Any:
        """A gateway that is none."""
        self.gateways.append(FakeGateway(settings, private, number))
        return self.gateways[-1]

    def tell(self, **message: Any) -> None:
        """The supervisor says something."""
        self.work.channel.dataReceived(wire(message))

    def begin(self, folder: str = "/nowhere") -> FakeGateway:
        """The supervisor sends the settings."""
        self.tell(settings=packed(Settings(listen=("tcp:1",), log_level="warn")), folder=folder, number=2)
        return self.gateways[0]

    def test_serves(self) -> None:
        """It runs a gateway by the settings that it is sent, and says when that serves."""
        gateway = self.begin()
        self.assertEqual((gateway.settings.listen, gateway.number, gateway.running), (("tcp:1",), 2, True))
        self.assertEqual(self.relayed, ["warn"])
        self.assertEqual(said(self.transport), [])
        gateway.ready.callback(gateway)
        self.assertEqual((said(self.transport), self.tidied), ([{"serving": True}], 1))

    def test_cannot_serve(self) -> None:
        """It tells why not, and ends."""
        self.begin().ready.errback(RuntimeError("no key"))
        self.assertEqual(said(self.transport), [{"failed": "no key"}])
        self.assertEqual(self.reactor.stops, 1)

    def test_questions(self) -> None:
        """It tells its metrics, and whether it reaches PFS."""
        gateway = self.begin()
        gateway.metrics.request("GetObject", 200, 0.1, 0, 5)
        self.tell(ask="metrics", id=1)
        self.tell(ask="ready", id=2)
        gateway.checked = fail(RuntimeError("no route"))
        self.tell(ask="ready", id=3)
        metrics, ready, unready = said(self.transport)
        self.assertEqual((metrics["answer"], metrics["text"]), (1, gateway.metrics.text()))
        self.assertEqual(ready, {"answer": 2, "text": "ready"})
        self.assertEqual(unready, {"answer": 3, "error": "no route"})

    def test_stop(self) -> None:
        """It ends once, however often it is told, and the gateway before it."""
        gateway = self.begin()
        self.tell(stop=True)
        self.tell(stop=True)
        self.work.end()
        self.assertEqual(self.reactor.stops, 1)
        stopping = self.work.stop()
        assert stopping is not None
        self.successResultOf(stopping)
        self.assertFalse(gateway.running)

    def test_stop_before_the_settings(self) -> None:
        """There may be nothing to stop."""
        self.assertIsNone(self.work.stop())

    def test_orphaned(self) -> None:
        """When the supervisor is gone it ends, within a bound, and removes the folder that the supervisor cannot remove any more."""
        folder = Path(tempfile.mkdtemp())
        gateway = self.begin(str(folder))
        self.assertEqual(gateway.private.path, folder)
        self.work.channel.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.reactor.stops, 1)
        self.assertFalse(folder.exists())
        self.assertEqual([(timer.seconds, timer.started) for timer in FakeTimer.made], [(worker.ORPHANED, True)])

    def test_channel_ends_with_the_worker(self) -> None:
        """The channel's end during the worker's own is no sign of anything."""
        self.begin()
        self.work.stop()
        self.work.channel.connectionLost(Failure(ConnectionDone()))
        self.assertEqual((self.reactor.stops, FakeTimer.made), (0, []))
