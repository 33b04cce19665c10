"""
What is measured: an S3 endpoint, and the processes behind it, whose memory is watched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20


@dataclass
class Endpoint:
    """
    One gateway under measurement.

    @ivar name: a short word for the table.
    @ivar url: without a trailing slash.
    @ivar processes: the ids of its processes, if their memory is to be watched; children count with them.
    """

    name: str
    url: str
    processes: Sequence[int] = field(default_factory=tuple)

    def _all(self) -> Iterator[int]:
        waiting = list(self.processes)
        while waiting:
            process = waiting.pop()
            yield process
            for task in Path(f"/proc/{process}/task").glob("*/children"):
                waiting += [int(child) for child in task.read_text().split()]

    def reset_peak(self) -> None:
        """
        Begin a new measurement of the peak. Source: proc(5), C{clear_refs} with 5.
        """
        for process in self._all():
            Path(f"/proc/{process}/clear_refs").write_text("5")

    def peak(self) -> float:
        """
        The most resident memory since L{reset_peak}, in MiB, summed over the processes; 0 if none is watched.
        """
        total = 0
        for process in self._all():
            for line in Path(f"/proc/{process}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1]) * 1024
        return total / MIB


def parse(text: str) -> Endpoint:
    """
    Read C{NAME=URL} or C{NAME=URL,PID[,PID...]} from the command line.
    """
    name, _, rest = text.partition("=")
    url, *processes = rest.split(",")
    if not url.startswith("http"):
        raise ValueError(f"{text!r}: write NAME=http://HOST:PORT[,PID...]")
    return Endpoint(name, url.rstrip("/"), tuple(int(process) for process in processes))
