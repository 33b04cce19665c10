"""
C{--workers}: real processes, of which some are killed. What was acknowledged is there, who died is replaced, and nobody is left over.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Optional

import pytest
from twisted.trial.unittest import SynchronousTestCase

from tests.clients.gateways import LISTENS, LOOPBACK, Process
from tests.faults.s3_load import Client, Journal, Load, Unanswered

ADMIN_LISTENS = r"Administration on (http://[\d.]+:\d+)"
PATIENCE = 60.0


def children(process: int) -> set[int]:
    """
    The children of a process. Source: proc(5).
    """
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else ()
        except OSError:
            continue
        if fields and fields[1] == str(process) and fields[0] != "Z":
            found.add(int(entry.name))
    return found


def lives(process: int) -> bool:
    """
    Whether there is such a process.
    """
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def until(condition: Callable[[], bool], what: str) -> None:
    """
    Wait for something.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


@pytest.mark.faults
class WorkersTests(SynchronousTestCase):
    """
    A supervisor with two workers.
    """

    def setUp(self) -> None:
        """Folders of our own for the data and for temporary files, and a bucket."""
        self.folder = Path(tempfile.mkdtemp(prefix="pachgw-w-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "tmp").mkdir()
        self.supervisor = self.start(LOOPBACK)
        self.url = self.supervisor.wait_for(LISTENS)
        self.admin = self.supervisor.wait_for(ADMIN_LISTENS)
        self.workers = children(self.supervisor.pid)
        self.assertEqual(len(self.workers), 2)
        client = Client(lambda: self.url)
        self.assertEqual(client.request("PUT", "")[0], 200)
        client.close()

    def start(self, listen: str) -> Process:
        """A supervisor that ends with the test, and its workers with it."""
        arguments = ["--workers", "2", "--listen", listen, "--admin-listen", LOOPBACK, "--data-dir", str(self.folder / "data")]
        process = Process(arguments, {"TMPDIR": str(self.folder / "tmp")})
        self.addCleanup(self.end, process)
        return process

    def end(self, process: Process) -> None:
        """Kill what the test has left."""
        left = children(process.pid) if lives(process.pid) else set()
        if lives(process.pid):
            process.kill()
        for worker in left:
            until(lambda worker=worker: not lives(worker), f"worker {worker} ends")  # type: ignore[misc]

    def ask(self, path: str) -> tuple[int, str]:
        """Ask the administration endpoint."""
        connection = http.client.HTTPConnection(self.admin.removeprefix("http://"), timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metric(self, name: str) -> int:
        """The sum of a metric over its labels."""
        return sum(int(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\d+)$", self.ask("/metrics")[1], re.MULTILINE))

    def test_worker_dies_under_load(self) -> None:
        """A worker that dies is replaced, and what was acknowledged is there. Both have worked, and are counted together."""
        journal = Journal()
        victim = min(self.workers)
        with Load([lambda: self.url], 8, 3, journal) as load:
            load.until(60)
            os.kill(victim, signal.SIGKILL)
            until(lambda: len(children(self.supervisor.pid) - {victim}) == 2, "another worker")
            until(lambda: self.metric("pachgw_workers") == 2, "it serves")
            load.until(60)
        client = Client(lambda: self.url)
        self.assertEqual(journal.prove(client), [])
        client.close()
        self.assertEqual(self.metric("pachgw_worker_starts_total"), 3)
        self.assertGreaterEqual(self.metric("pachgw_requests_total"), 60)
        numbers = set(re.findall(r"worker (\d): \w+ 127\.0\.0\.1 ", self.supervisor.output))
        self.assertEqual(numbers, {"1", "2"}, "both have answered requests")
        self.assertEqual(self.ask("/readyz"), (200, "ready\n"))

    def test_stop(self) -> None:
        """All end when the supervisor is asked to, and leave nothing behind; also when a worker was killed just before."""
        os.kill(min(self.workers), signal.SIGKILL)
        workers = children(self.supervisor.pid) | self.workers
        self.supervisor.stop()
        self.assertEqual([worker for worker in workers if lives(worker)], [])
        self.assertEqual(list((self.folder / "tmp").iterdir()), [])
        self.assertNotIn("Traceback", self.supervisor.output)

    def test_supervisor_dies(self) -> None:
        """When the supervisor is killed its workers end by themselves, and its successor finds the port free and the data whole."""
        client = Client(lambda: self.url)
        self.assertEqual(client.request("PUT", "/kept", b"content")[0], 200)
        self.supervisor.kill()
        for worker in self.workers:
            until(lambda worker=worker: not lives(worker), f"worker {worker} ends")  # type: ignore[misc]
        self.assertEqual(list((self.folder / "tmp").iterdir()), [])
        client.close()
        successor = self.start(f"tcp:{self.url.rpartition(':')[2]}:interface=127.0.0.1")
        self.assertEqual(successor.wait_for(LISTENS), self.url)
        self.assertEqual(self.answer(client, "/kept"), (200, b"content"))
        client.close()

    def answer(self, client: Client, target: str) -> Optional[tuple[int, bytes]]:
        """The answer to a GET, of whoever is there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                return client.request("GET", target)
            except Unanswered:
                time.sleep(0.1)
        return None

    def test_fresh_at_the_other(self) -> None:
        """What one worker has acknowledged, the other shows at once, on connections that stay with their workers."""
        clients = [Client(lambda: self.url) for _ in range(8)]
        for number in range(40):
            content = str(number).encode()
            writer = clients[number % len(clients)]
            self.assertEqual(writer.request("PUT", "/turns", content)[0], 200)
            for client in clients:
                self.assertEqual(client.request("GET", "/turns"), (200, content))
        for client in clients:
            client.close()
        numbers = set(re.findall(r"worker (\d): \w+ 127\.0\.0\.1 GetObject", self.supervisor.output))
        self.assertEqual(numbers, {"1", "2"}, "both have answered requests")
