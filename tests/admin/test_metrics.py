"""
Counters and their text.
"""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from pachgw.admin.metrics import Metrics


class MetricsTests(SynchronousTestCase):
    """
    L{Metrics}.
    """

    def setUp(self) -> None:
        """Three requests."""
        self.metrics = Metrics()
        self.metrics.request("GetObject", 200, 0.002, 0, 100)
        self.metrics.request("GetObject", 200, 0.3, 0, 50)
        self.metrics.request("PutObject", 503, 60.0, 7, 0)

    def test_counts(self) -> None:
        """Requests are counted by operation and status, bytes in all."""
        text = self.metrics.text()
        for line in (
            'pachgw_requests_total{operation="GetObject",status="200"} 2',
            'pachgw_requests_total{operation="PutObject",status="503"} 1',
            "pachgw_sent_bytes_total 150",
            "pachgw_received_bytes_total 7",
        ):
            self.assertIn(line + "\n", text)

    def test_histogram(self) -> None:
        """The buckets of a histogram are cumulative and end with all."""
        text = self.metrics.text()
        counts = [int(count) for count in re.findall(r'_bucket\{operation="GetObject",le="[^"]+"\} (\d+)', text)]
        self.assertEqual(counts, sorted(counts))
        self.assertEqual((counts[0], counts[1], counts[-1]), (0, 1, 2))
        self.assertIn('pachgw_request_duration_seconds_bucket{operation="PutObject",le="30.0"} 0\n', text)
        self.assertIn('pachgw_request_duration_seconds_bucket{operation="PutObject",le="+Inf"} 1\n', text)
        self.assertIn('pachgw_request_duration_seconds_sum{operation="GetObject"} 0.302000\n', text)

    def test_values_of_others(self) -> None:
        """A number that someone else keeps is read when it is shown."""
        numbers = [1.0]
        self.metrics.value("batches_total", "counter", "Commits made.", lambda: numbers[-1])
        numbers.append(2.0)
        self.assertIn("# TYPE pachgw_batches_total counter\npachgw_batches_total 2.0\n", self.metrics.text())

    def test_form(self) -> None:
        """Every line is a comment or a sample, and every sample's name has a type."""
        types: set[str] = set()
        for line in self.metrics.text().splitlines():
            if line.startswith("# TYPE "):
                types.add(line.split()[2])
            elif not line.startswith("# HELP "):
                name = re.fullmatch(r'([a-z_]+)(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+', line)
                assert name, line
                self.assertIn(re.sub("_(bucket|sum|count)$", "", name[1]), types)
