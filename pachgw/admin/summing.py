"""
The metrics of several processes as those of one. It reads what L{Metrics<pachgw.admin.metrics.Metrics>} writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Samples = dict[str, float]


@dataclass
class Family:
    """
    The samples of one metric.

    @ivar heading: the lines of comment before them.
    @ivar kind: C{counter}, C{gauge} or C{histogram}.
    @ivar samples: each value by its name and labels.
    """

    heading: list[str] = field(default_factory=list)
    kind: str = ""
    samples: Samples = field(default_factory=dict)


class Totals:
    """
    Metrics that can be added to.
    """

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    @classmethod
    def read(cls, text: str) -> Totals:
        """
        Read metrics.
        """
        totals = cls()
        family = Family()
        for line in text.splitlines():
            if line.startswith("# "):
                _, keyword, name, rest = line.split(" ", 3)
                family = totals._families.setdefault(name, Family())
                family.heading.append(line)
                if keyword == "TYPE":
                    family.kind = rest
            else:
                name, _, value = line.rpartition(" ")
                family.samples[name] = float(value)
        return totals

    def add(self, other: Totals) -> None:
        """
        Add another process's.
        """
        for name, theirs in other._families.items():
            ours = self._families.setdefault(name, Family(theirs.heading, theirs.kind))
            for sample, value in theirs.samples.items():
                ours.samples[sample] = ours.samples.get(sample, 0.0) + value

    def without_gauges(self) -> Totals:
        """
        What still counts when the process is gone.
        """
        kept = Totals()
        kept._families = {name: family for name, family in self._families.items() if family.kind != "gauge"}
        return kept

    def text(self) -> str:
        """
        All, as it was read.
        """
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for family in self._families.values():
            yield from family.heading
            for sample, value in family.samples.items():
                yield f"{sample} {int(value) if value.is_integer() else round(value, 6)}"


def total(parts: Iterable[Totals]) -> Totals:
    """
    The sum of some.
    """
    totals = Totals()
    for part in parts:
        totals.add(part)
    return totals
