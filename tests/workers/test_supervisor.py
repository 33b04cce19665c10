"""
The supervisor, with workers that are none, in front of a pachd that nobody calls.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Optional

import treq
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import ProcessProtocol
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.client import Agent, HTTPConnectionPool

import pachgw
from pachgw.admin.metrics import Metrics
from pachgw.service import makeService
from pachgw.settings import Settings
from pachgw.workers.channel import Channel
from pachgw.workers.process import Launch, WorkerFailed
from pachgw.workers.supervisor import Supervisor, environment
from tests.workers.ends import said
from tests.workers.processes import KILLED, FakeProcess

LOOPBACK = "tcp:0:interface=127.0.0.1"
SETTINGS = Settings(listen=(LOOPBACK,), pachd="grpc://127.0.0.1:1", workers=2, admin_listen=(LOOPBACK,))


class SupervisorTests(TestCase):
    """
    L{Supervisor}.
    """

    def setUp(self) -> None:
        """No process yet."""
        self.processes: list[FakeProcess] = []
        self.command: list[str] = []
        self.inherited: list[int] = []

    def launcher(self, reactor: Any, command: list[str], environment: dict[str, str], inherited: list[int]) -> Launch:
        """What starts processes that are none."""
        self.command, self.inherited = command, inherited

        def launch(watcher: ProcessProtocol, channel: Channel) -> FakeProcess:
            self.processes.append(FakeProcess(watcher, channel))
            return self.processes[-1]

        return launch

    def start(self, settings: Settings = SETTINGS) -> Supervisor:
        """A supervisor whose workers have not said anything yet."""
        supervisor = Supervisor(settings, reactor, self.launcher)
        supervisor.startService()
        self.addCleanup(self.stop, supervisor)
        return supervisor

    def stop(self, supervisor: Supervisor) -> Optional[Deferred[None]]:
        """Stop it; its workers end when they are asked to. What became of its start is no matter here."""
        supervisor.ready.addErrback(lambda _: None)
        if not supervisor.running:
            return None
        stopped = supervisor.stopService()
        reactor.callLater(0, self.end)  # type: ignore[attr-defined]
        return stopped

    def end(self) -> None:
        """All who were asked to end do so."""
        for process in self.processes:
            if {"stop": True} in said(process.transport) and not process.gone:
                process.ends()

    async def ask(self, url: str) -> tuple[int, str]:
        """Ask the administration endpoint."""
        agent = Agent(reactor, pool=HTTPConnectionPool(reactor, persistent=False))
        response = await treq.get(url, agent=agent)
        return response.code, await treq.text_content(response)

    async def test_ready(self) -> None:
        """It is ready when all workers serve, on the sockets that it has bound."""
        supervisor = self.start()
        self.assertEqual(len(self.processes), 2)
        self.assertEqual(self.inherited, [supervisor.ports[0].fileno()])  # type: ignore[attr-defined]
        self.processes[0].says(serving=True)
        self.assertFalse(supervisor.ready.called)
        self.processes[1].says(serving=True)
        self.assertIs(await supervisor.ready, supervisor)
        self.assertEqual(supervisor.urls, [f"http://127.0.0.1:{supervisor.ports[0].getHost().port}"])  # type: ignore[attr-defined]

    async def test_introduction(self) -> None:
        """The workers are told what they need, and no more: no secret, and nothing that only one process may do."""
        self.start(Settings(listen=(LOOPBACK,), pachd="grpc://127.0.0.1:1", workers=2, root_token="hidden", domains=("s3.test",)))
        (message,) = said(self.processes[1].transport)
        self.assertEqual((message["settings"]["domains"], message["number"]), (["s3.test"], 2))
        self.assertEqual((message["settings"]["admin_listen"], message["settings"]["pachd"]), ([], "grpc://127.0.0.1:1"))
        self.assertNotIn("hidden", json.dumps(message))
        self.assertEqual(self.command[1:], ["-P", "-m", "pachgw.workers.worker"])

    async def test_a_worker_cannot_start(self) -> None:
        """Then the service cannot, and says why, when the others have ended."""
        supervisor = self.start()
        self.processes[0].says(serving=True)
        self.processes[1].says(failed="no key")
        self.processes[1].ends()
        self.assertNoResult(supervisor.ready)
        self.end()
        with self.assertRaises(WorkerFailed) as raised:
            await supervisor.ready
        self.assertEqual(str(raised.exception), "worker 2 did not start: no key")

    async def test_socket_is_taken(self) -> None:
        """Then no process is started, and what was bound already is let go."""
        first = self.start()
        taken = f"tcp:{first.ports[0].getHost().port}:interface=127.0.0.1"  # type: ignore[attr-defined]
        started = len(self.processes)
        second = self.start(Settings(listen=(LOOPBACK, taken), pachd="grpc://127.0.0.1:1", workers=2))
        with self.assertRaises(CannotListenError):
            await second.ready
        self.assertEqual((len(self.processes), second.ports), (started, []))

    async def test_administration(self) -> None:
        """It tells the sum of the metrics, and whether at least one worker reaches PFS."""
        supervisor = self.start()
        for process in self.processes:
            process.says(serving=True)
        await supervisor.ready
        (url,) = supervisor.admin_urls
        asked = {path: Deferred.fromCoroutine(self.ask(f"{url}/{path}")) for path in ("metrics", "readyz", "healthz")}
        self.assertEqual(await asked["healthz"], (200, "ok\n"))
        counted = Metrics()
        counted.request("GetObject", 200, 0.1, 0, 5)
        for process in self.processes:
            for message in await self.questions(process, 2):
                if message["ask"] == "metrics":
                    process.says(answer=message["id"], text=counted.text())
                elif process is self.processes[0]:
                    process.says(answer=message["id"], error="no route")
                else:
                    process.says(answer=message["id"], text="ready")
        self.assertEqual(await asked["readyz"], (200, "ready\n"))
        self.assertIn('pachgw_requests_total{operation="GetObject",status="200"} 2\n', (await asked["metrics"])[1])

    async def questions(self, process: FakeProcess, number: int) -> list[Any]:
        """Wait for so many questions to a worker."""
        found: list[Any] = []
        while len(found) < number:
            waiting: Deferred[None] = Deferred()
            reactor.callLater(0, waiting.callback, None)  # type: ignore[attr-defined]
            await waiting
            found += [message for message in said(process.transport) if "ask" in message]
        return found

    async def test_not_ready(self) -> None:
        """It cannot serve when no worker can, and tells the reason of one."""
        supervisor = self.start()
        for process in self.processes:
            process.says(serving=True)
        checking = supervisor.check()
        for process in self.processes:
            process.says(answer=1, error="no route")
        self.assertEqual(self.failureResultOf(checking).getErrorMessage(), "no route")
        for process in self.processes:
            process.ends(KILLED)
        self.assertEqual(self.failureResultOf(supervisor.check()).getErrorMessage(), "no worker runs")

    async def test_stop_while_it_starts(self) -> None:
        """It waits for the workers that have not come to serve, before it puts the rest away."""
        supervisor = self.start()
        stopping = supervisor.stopService()
        self.assertFalse(self.processes[0].gone)
        self.end()
        await stopping
        self.failureResultOf(supervisor.ready, CancelledError)

    async def test_stop(self) -> None:
        """It has ended when its workers have."""
        supervisor = self.start()
        for process in self.processes:
            process.says(serving=True)
        await supervisor.ready
        stopped: list[object] = []
        stopping = supervisor.stopService().addCallback(stopped.append)
        self.processes[0].ends()
        self.processes[1].says(serving=True)
        waiting: Deferred[None] = Deferred()
        reactor.callLater(0, waiting.callback, None)  # type: ignore[attr-defined]
        await waiting
        self.assertEqual(stopped, [])
        self.processes[1].ends()
        await stopping


class EnvironmentTests(SynchronousTestCase):
    """
    L{environment} and L{makeService}.
    """

    def test_same_modules(self) -> None:
        """A worker looks for modules where this process does, and finds this pachgw in any case."""
        here = str(Path(pachgw.__file__).resolve().parents[1])
        made = environment({"A": "b", "PACHS3_ROOT_TOKEN": "hidden"}, ["", "/somewhere"])
        self.assertEqual(made["A"], "b")
        self.assertNotIn("PACHS3_ROOT_TOKEN", made)
        self.assertEqual(made["PYTHONPATH"].split(os.pathsep)[:2], [str(Path.cwd()), "/somewhere"])
        self.assertIn(here, made["PYTHONPATH"].split(os.pathsep))
        self.assertEqual(environment({}, ["/a", here])["PYTHONPATH"], f"/a{os.pathsep}{here}")

    def test_one_process(self) -> None:
        """One worker is no worker: the gateway runs in this process."""
        self.assertNotIsInstance(makeService(Settings(workers=1), reactor), Supervisor)
        self.assertIsInstance(makeService(Settings(workers=2), reactor), Supervisor)
