"""
The service that serves S3 by several processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, FirstError, fail, gatherResults, maybeDeferred

import pachgw
from pachgw.backends import open_backend
from pachgw.listening import listen_by
from pachgw.options import ROOT_TOKEN_VARIABLE
from pachgw.server import Server
from pachgw.settings import Settings
from pachgw.workers.accounts import Accounts
from pachgw.workers.balance import ABSENT
from pachgw.workers.channel import packed
from pachgw.workers.folder import PrivateFolder
from pachgw.workers.numbers import SharedNumbers
from pachgw.workers.process import Launch, Worker, WorkerFailed, launcher
from pachgw.workers.sockets import bind, descriptors

Launcher = Callable[[Any, list[str], dict[str, str], list[int]], Launch]

COMMAND = ("-P", "-m", "pachgw.workers.worker")
"""
What the Python that runs this is called with, for a worker.
"""


def environment(of: dict[str, str], path: Sequence[str]) -> dict[str, str]:
    """
    The environment of a worker, in which it finds the same modules as this process, and no secret that it does not need.

    @param of: this process's environment.
    @param path: where this process looks for modules.
    """
    found = str(Path(pachgw.__file__).resolve().parents[1])
    places = [str(Path(place or ".").resolve()) for place in path]
    kept = {name: value for name, value in of.items() if name != ROOT_TOKEN_VARIABLE}
    return {**kept, "PYTHONPATH": os.pathsep.join(places if found in places else [*places, found])}


class Supervisor(Server):
    """
    Sockets, the embedded PFS if there is one, the administration endpoint, and the workers who serve S3.

    @ivar workers: those who serve it.
    """

    def __init__(self, settings: Settings, reactor: Any, launcher: Launcher = launcher) -> None:
        """
        @param launcher: makes what starts processes.
        """
        Server.__init__(self, settings, reactor)
        self.workers: list[Worker] = []
        self._launcher = launcher
        self._accounts = Accounts()

    async def start(self) -> None:
        """
        Open the store if it is here, bind the sockets, and start the workers.
        """
        settings, reactor = self.settings, self._reactor
        private = PrivateFolder.make()
        self._ends.callback(private.remove)
        if settings.pachd is None:
            self._backend = await open_backend(settings, reactor, self._ends, private)
        self.ports = await listen_by((partial(bind, reactor, endpoint) for endpoint in settings.listen), self._ends)
        self._ends.push_async_callback(self._stop_workers)
        await self._start_workers(private)
        await self.administer()
        self.announce()

    async def _start_workers(self, private: PrivateFolder) -> None:
        self._connections = SharedNumbers(private.connections, self.settings.workers)
        launch = self._launcher(self._reactor, [sys.executable, *COMMAND], environment(dict(os.environ), sys.path), descriptors(self.ports))
        theirs = replace(self.settings, pfs_listen=(), admin_listen=(), root_token=None, pfs_key=None, pfs_certificate=None)
        introduction = {"settings": packed(theirs), "folder": str(private.path)}
        starting: list[Deferred[None]] = []
        for number in range(1, self.settings.workers + 1):
            worker = Worker(number, launch, introduction, self._reactor, self._ended)
            self.workers.append(worker)
            self._accounts.open(worker)
            self._connections.write(ABSENT, number - 1)
            starting.append(worker.start())
        try:
            await gatherResults(starting, consumeErrors=True)
        except FirstError as error:
            error.subFailure.raiseException()

    def _ended(self, worker: Worker) -> None:
        """
        A process has ended: it counts no more, and has no connections.
        """
        self._accounts.ended(worker)
        self._connections.write(ABSENT, worker.number - 1)

    def metrics_text(self) -> Deferred[str]:
        """
        See L{Server.metrics_text}.
        """
        return self._accounts.text()

    def check(self) -> Deferred[Any]:
        """
        Whether requests can be served: by at least one of the workers, and by the PFS behind it.

        @raise WorkerFailed: (by the Deferred) no.
        """
        serving = [worker for worker in self.workers if worker.serving]
        if not serving:
            return fail(WorkerFailed("no worker runs"))
        asked = [worker.ask("ready") for worker in serving]
        answered = DeferredList(asked, fireOnOneCallback=True, consumeErrors=True)
        return answered.addCallback(_any)

    def facts(self) -> list[tuple[str, str]]:
        """
        See L{Server.facts}.
        """
        serving = f"{sum(worker.serving for worker in self.workers)} of {self.settings.workers}"
        return [*(("S3", url) for url in self.urls), ("Data", self.description), ("Workers that serve", serving)]

    async def _stop_workers(self) -> None:
        """
        Accept no more, and have the workers end.
        """
        ended = gatherResults([worker.stop() for worker in self.workers])
        await gatherResults([maybeDeferred(port.stopListening) for port in self.ports])
        await ended


def _any(result: Any) -> None:
    """
    Pass if one succeeded; else fail as the first did.
    """
    if isinstance(result, list):
        result[0][1].raiseException()
