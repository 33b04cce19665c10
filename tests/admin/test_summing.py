"""
Sums of metrics.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.admin.metrics import Metrics
from pachgw.admin.summing import Totals, total


def metrics(*requests: tuple[str, float]) -> Metrics:
    """The metrics of a process that answered these, by operation and seconds."""
    counted = Metrics()
    for operation, seconds in requests:
        counted.request(operation, 200, seconds, 3, 4)
    return counted


def lines(text: str) -> list[tuple[str, object]]:
    """The lines of metrics, with the samples' values as numbers."""
    split = (line.rpartition(" ") for line in text.splitlines())
    return [(name, value if name.startswith("#") else float(value)) for name, _, value in split]


class TotalsTests(SynchronousTestCase):
    """
    L{Totals} and L{total}.
    """

    def test_same_as_one(self) -> None:
        """What several processes have done together is what one would have counted that did it all."""
        requests = [("GetObject", 0.002), ("PutObject", 1.5), ("GetObject", 40.0), ("HeadObject", 0.1)]
        parts = [Totals.read(metrics(*requests[:2]).text()), Totals.read(metrics(*requests[2:]).text())]
        self.assertEqual(sorted(lines(total(parts).text())), sorted(lines(metrics(*requests).text())))

    def test_unchanged(self) -> None:
        """The metrics of one are written as they were read, in the same order."""
        text = metrics(("GetObject", 0.002), ("PutObject", 1.5)).text()
        self.assertEqual(lines(Totals.read(text).text()), lines(text))

    def test_families_stay_together(self) -> None:
        """A sample that only a later process has stands with its family."""
        text = total([Totals.read(metrics(("PutObject", 1.0)).text()), Totals.read(metrics(("GetObject", 1.0)).text())]).text()
        names = [line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")]
        families = [name for name, before in zip(names, ["", *names], strict=False) if name != before and "seconds" not in name]
        self.assertEqual(len(families), len(set(families)), families)

    def test_parts_are_left_alone(self) -> None:
        """Adding changes only the sum."""
        part = Totals.read(metrics(("GetObject", 1.0)).text())
        before = part.text()
        total([part, part])
        self.assertEqual(part.text(), before)

    def test_without_gauges(self) -> None:
        """Of a process that is gone only what it has done still counts."""
        counted = metrics(("GetObject", 1.0))
        counted.in_flight = 3
        text = Totals.read(counted.text()).without_gauges().text()
        self.assertNotIn("in_flight", text)
        self.assertIn('pachgw_requests_total{operation="GetObject",status="200"} 1\n', text)
        self.assertIn("pachgw_request_duration_seconds_count", text)
