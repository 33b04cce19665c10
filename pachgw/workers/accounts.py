"""
What all workers have counted together.
"""

from __future__ import annotations

from typing import Union

from twisted.internet.defer import Deferred, gatherResults
from twisted.python.failure import Failure

from pachgw.admin.metrics import Metrics
from pachgw.admin.summing import Totals, total
from pachgw.workers.process import Worker


class Accounts:
    """
    Asks the workers for their metrics, and adds them up.

    What a process had counted when it was last asked is kept when it ends, and counts for one that does not answer: so the sum never falls.
    """

    def __init__(self) -> None:
        self._known: dict[int, Totals] = {}
        self._gone = Totals()
        self._metrics = Metrics()
        self._workers: list[Worker] = []
        self._silent = 0
        self._metrics.value("workers", "gauge", "Processes that serve S3.", lambda: sum(worker.serving for worker in self._workers))
        self._metrics.value("workers_silent", "gauge", "Workers that did not tell their metrics just now.", lambda: self._silent)
        self._metrics.value("worker_starts_total", "counter", "Processes started to serve S3.", self._starts)

    def open(self, worker: Worker) -> None:
        """
        Count what a worker counts.
        """
        self._workers.append(worker)

    def ended(self, worker: Worker) -> None:
        """
        A worker's process is gone; the next one counts from nothing.
        """
        known = self._known.pop(worker.number, None)
        if known is not None:
            self._gone.add(known.without_gauges())

    def text(self) -> Deferred[str]:
        """
        The sum of all, as text for Prometheus.
        """
        return gatherResults([self._ask(worker) for worker in self._workers]).addCallback(self._sum)

    def _ask(self, worker: Worker) -> Deferred[bool]:
        starts = worker.starts

        def told(answer: Union[str, Failure]) -> bool:
            if isinstance(answer, Failure):
                if worker.number in self._known:
                    self._known[worker.number] = self._known[worker.number].without_gauges()
                return False
            if worker.starts == starts:
                self._known[worker.number] = Totals.read(answer)
            return True

        return worker.ask("metrics").addBoth(told)

    def _sum(self, told: list[bool]) -> str:
        self._silent = told.count(False)
        parts = [Totals.read(self._metrics.text()), *self._known.values(), self._gone]
        return total(parts).text()

    def _starts(self) -> int:
        return sum(worker.starts for worker in self._workers)
