"""
What all workers have counted.
"""

from __future__ import annotations

import re

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.admin.metrics import Metrics
from pachgw.workers.accounts import Accounts
from pachgw.workers.process import ANSWER_TIMEOUT, FIRST_PAUSE, Worker
from tests.workers.ends import said
from tests.workers.processes import KILLED, FakeProcess


class AccountsTests(SynchronousTestCase):
    """
    L{Accounts} of two workers.
    """

    def setUp(self) -> None:
        """Both serve. What they have counted is for the test to say."""
        self.clock = Clock()
        self.accounts = Accounts()
        self.processes: dict[int, FakeProcess] = {}
        self.workers = [self.serve(number) for number in (1, 2)]

    def serve(self, number: int) -> Worker:
        """A worker."""

        def launch(*arguments: object) -> FakeProcess:
            self.processes[number] = FakeProcess(*arguments)  # type: ignore[arg-type]
            return self.processes[number]

        worker = Worker(number, launch, {}, self.clock, self.accounts.ended)
        self.accounts.open(worker)
        worker.start()
        self.processes[number].says(serving=True)
        return worker

    def sum(self, **counted: int) -> dict[str, float]:
        """
        The sum when the workers tell these numbers of requests, by C{first} and C{second}; one that is not named says nothing.
        """
        asking = self.accounts.text()
        for number, name in enumerate(("first", "second"), 1):
            questions = [message["id"] for message in said(self.processes[number].transport) if "ask" in message]
            if name in counted and questions:
                metrics = Metrics()
                for _ in range(counted[name]):
                    metrics.request("GetObject", 200, 0.5, 1, 10)
                metrics.in_flight = 1
                self.processes[number].says(answer=questions[0], text=metrics.text())
        self.clock.advance(ANSWER_TIMEOUT)
        text = self.successResultOf(asking)
        return {name: float(value) for name, value in re.findall(r"^(pachgw_[a-z_]+)(?:\{[^}]*\})? (\S+)$", text, re.MULTILINE)}

    def test_sum(self) -> None:
        """Counters and gauges of all are added."""
        sums = self.sum(first=3, second=4)
        self.assertEqual((sums["pachgw_requests_total"], sums["pachgw_sent_bytes_total"], sums["pachgw_requests_in_flight"]), (7, 70, 2))
        self.assertEqual((sums["pachgw_workers"], sums["pachgw_workers_silent"], sums["pachgw_worker_starts_total"]), (2, 0, 2))

    def test_silent(self) -> None:
        """One that does not answer is counted as such; what it had counted before still counts, but not what it had under way."""
        self.sum(first=3, second=4)
        sums = self.sum(first=5)
        self.assertEqual((sums["pachgw_requests_total"], sums["pachgw_requests_in_flight"]), (9, 1))
        self.assertEqual((sums["pachgw_workers"], sums["pachgw_workers_silent"]), (2, 1))

    def test_replaced(self) -> None:
        """What a process had counted is not lost with it, and its successor's is added."""
        self.sum(first=3, second=4)
        self.processes[2].ends(KILLED)
        sums = self.sum(first=3)
        self.assertEqual((sums["pachgw_requests_total"], sums["pachgw_requests_in_flight"]), (7, 1))
        self.assertEqual((sums["pachgw_workers"], sums["pachgw_workers_silent"]), (1, 1))
        self.clock.advance(FIRST_PAUSE)
        self.processes[2].says(serving=True)
        sums = self.sum(first=3, second=2)
        self.assertEqual((sums["pachgw_requests_total"], sums["pachgw_requests_in_flight"]), (9, 2))
        self.assertEqual((sums["pachgw_workers"], sums["pachgw_worker_starts_total"]), (2, 3))
