"""
Gateways and the PFS behind them are killed under load, again and again, and what they had acknowledged is held against what is there.

A write that was acknowledged is there, whole; one that was not is there whole or not at all; a listing shows what can be read. The
processes are real, and so are the kills; each test is bounded by a number of kills, not by time.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.clients.gateways import LISTENS, LOOPBACK, PFS_LISTENS, Process
from tests.faults.s3_load import Client, Journal, Load, Unanswered

ROUNDS = int(os.environ.get("PACHGW_TEST_KILLS", "3"))
"""
How many times to kill in each test; more of them find more.
"""

HANG_SECONDS = float(os.environ.get("PACHGW_TEST_HANG", "2"))
"""
How long the PFS stands still; with more than 15 the gateway gives its connection up meanwhile.
"""

CLIENTS = 8


class Served:
    """
    A process that can be killed and started again at the same address.

    @ivar url: where it answers S3.
    """

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._listen = LOOPBACK
        self._pfs_listen = LOOPBACK
        self.url = ""
        self.pfs = ""
        self.start()

    def start(self) -> None:
        """
        Start it, where it was before.
        """
        arguments = [*self._arguments, "--listen", self._listen]
        if "--data-dir" in arguments:
            arguments += ["--pfs-listen", self._pfs_listen]
        self.process = Process(arguments)
        self.url = self.process.wait_for(LISTENS)
        self._listen = f"tcp:{self.url.rpartition(':')[2]}:interface=127.0.0.1"
        if "--data-dir" in arguments:
            self.pfs = self.process.wait_for(PFS_LISTENS)
            self._pfs_listen = f"tcp:{self.pfs.rpartition(':')[2]}:interface=127.0.0.1"

    def kill(self) -> None:
        """
        kill -9.
        """
        self.process.kill()


class GatewayKillTests(SynchronousTestCase):
    """
    SIGKILL under load.
    """

    def setUp(self) -> None:
        """
        A PFS with its own gateway, and a bucket.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="pachgw-gateways-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.chance = random.Random(7)
        self.journal = Journal()
        self.store = self.serve("--data-dir", str(self.folder / "data"))
        client = Client(lambda: self.store.url)
        self.assertEqual(client.request("PUT", "")[0], 200)
        client.close()

    def serve(self, *arguments: str) -> Served:
        """
        A process that ends with the test.
        """
        served = Served(*arguments)
        self.addCleanup(served.kill)
        return served

    def prove(self, served: Served) -> None:
        """
        Compare what is there with the journal.
        """
        client = Client(lambda: served.url)
        deadline = time.monotonic() + 30
        try:
            while True:
                try:
                    self.assertEqual(self.journal.prove(client), [])
                    return
                except Unanswered:
                    self.assertLess(time.monotonic(), deadline, "the gateway does not answer")
                    time.sleep(0.1)
        finally:
            client.close()

    def test_gateway_with_its_store(self) -> None:
        """
        The one process that is gateway and PFS dies.
        """
        for round in range(ROUNDS):
            with Load([lambda: self.store.url], CLIENTS, round, self.journal) as load:
                load.until(self.chance.randrange(30, 150))
                self.store.kill()
            self.store.start()
            self.prove(self.store)

    def test_one_gateway_of_two(self) -> None:
        """
        One of two gateways on one PFS dies; the clients of the other go on, and the dead one's clients find all when it is back.
        """
        first, second = (self.serve("--pachd", f"grpc://{self.store.pfs}") for _ in range(2))
        for round in range(ROUNDS):
            with Load([lambda: first.url, lambda: second.url], CLIENTS, round, self.journal) as load:
                load.until(self.chance.randrange(30, 150))
                first.kill()
                load.until(30)
                first.start()
                load.until(30)
            self.prove(self.chance.choice((first, second, self.store)))

    def test_pfs_behind_a_gateway(self) -> None:
        """
        The PFS dies and comes back behind a gateway that lives: it answers errors meanwhile, and recovers by itself.
        """
        gateway = self.serve("--pachd", f"grpc://{self.store.pfs}")
        for round in range(ROUNDS):
            with Load([lambda: gateway.url], CLIENTS, round, self.journal) as load:
                load.until(self.chance.randrange(30, 150))
                self.store.kill()
                time.sleep(self.chance.random())
                self.store.start()
                load.until(30)
            self.prove(gateway)
        self.assertLessEqual(set(self.journal.errors), {500, 503})

    def test_pfs_that_hangs(self) -> None:
        """
        The PFS stands still, its connections open, and goes on later: nothing is lost, and nothing is answered with a failure of ours.
        """
        gateway = self.serve("--pachd", f"grpc://{self.store.pfs}")
        for round in range(ROUNDS):
            with Load([lambda: gateway.url], CLIENTS, round, self.journal) as load:
                load.until(self.chance.randrange(30, 150))
                os.kill(self.store.process.pid, signal.SIGSTOP)
                time.sleep(HANG_SECONDS)
                os.kill(self.store.process.pid, signal.SIGCONT)
                load.until(30)
            self.prove(gateway)
        self.assertLessEqual(set(self.journal.errors), {503})
