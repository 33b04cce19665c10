"""
Counters, and their text for Prometheus.

Source: U{https://prometheus.io/docs/instrumenting/exposition_formats/}.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""
Upper bounds of the duration histogram, in seconds.
"""


class Histogram:
    """
    How many durations fell under each bound of L{BUCKETS}.

    @ivar counts: one for each bound and one for what is above, not cumulated.
    @ivar total: the sum of all durations, in seconds.
    """

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """
        Count one duration.
        """
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Metrics:
    """
    What has happened since the start. Counting is cheap and never fails; everything happens in the reactor's thread.

    @ivar in_flight: requests that have begun and not ended.
    @ivar bytes_received: of bodies.
    @ivar bytes_sent: of bodies.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self.bytes_received = 0
        self.bytes_sent = 0
        self._requests: dict[tuple[str, int], int] = {}
        self._durations: dict[str, Histogram] = {}
        self._values: dict[str, tuple[str, str, Callable[[], float]]] = {}

    def request(self, operation: str, status: int, seconds: float, received: int, sent: int) -> None:
        """
        A request has ended.

        @param operation: the S3 operation's name.
        @param seconds: how long it took.
        @param received: bytes of its body.
        @param sent: bytes of the answer's body.
        """
        key = operation, status
        self._requests[key] = self._requests.get(key, 0) + 1
        histogram = self._durations.get(operation)
        if histogram is None:
            histogram = self._durations[operation] = Histogram()
        histogram.observe(seconds)
        self.bytes_received += received
        self.bytes_sent += sent

    def value(self, name: str, kind: str, help: str, read: Callable[[], float]) -> None:
        """
        Show a number that someone else keeps.

        @param name: with its unit, without the C{pachgw_} that all names begin with.
        @param kind: C{gauge} or C{counter}.
        @param read: called whenever the metrics are read.
        """
        self._values[name] = (kind, help, read)

    def text(self) -> str:
        """
        Everything, in Prometheus' text format.
        """
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield from _header("requests_total", "counter", "Requests by S3 operation and HTTP status.")
        for (operation, status), count in sorted(self._requests.items()):
            yield f'pachgw_requests_total{{operation="{operation}",status="{status}"}} {count}'
        yield from _header("request_duration_seconds", "histogram", "From a request's head to the end of its answer.")
        for operation, histogram in sorted(self._durations.items()):
            yield from _histogram_lines(operation, histogram)
        yield from _single("requests_in_flight", "gauge", "Requests that have begun and not ended.", self.in_flight)
        yield from _single("received_bytes_total", "counter", "Bytes of request bodies.", self.bytes_received)
        yield from _single("sent_bytes_total", "counter", "Bytes of response bodies.", self.bytes_sent)
        for name, (kind, help, read) in sorted(self._values.items()):
            yield from _single(name, kind, help, read())


def _header(name: str, kind: str, help: str) -> Iterator[str]:
    yield f"# HELP pachgw_{name} {help}"
    yield f"# TYPE pachgw_{name} {kind}"


def _single(name: str, kind: str, help: str, value: float) -> Iterator[str]:
    yield from _header(name, kind, help)
    yield f"pachgw_{name} {value}"


def _histogram_lines(operation: str, histogram: Histogram) -> Iterator[str]:
    name = "pachgw_request_duration_seconds"
    count = 0
    for bound, more in zip([*map(str, BUCKETS), "+Inf"], histogram.counts, strict=True):
        count += more
        yield f'{name}_bucket{{operation="{operation}",le="{bound}"}} {count}'
    yield f'{name}_sum{{operation="{operation}"}} {histogram.total:.6f}'
    yield f'{name}_count{{operation="{operation}"}} {count}'
