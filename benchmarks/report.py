"""
The table and the plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from benchmarks.rows import Row


@dataclass(frozen=True)
class Result:
    """
    One row on one endpoint.

    @ivar figure: C{None} if it failed.
    @ivar peak: resident memory in MiB, 0 if it was not watched.
    @ivar failure: why it failed.
    """

    row: Row
    endpoint: str
    figure: Optional[float]
    peak: float
    failure: str = ""


def ratio(result: Result, other: Result) -> Optional[float]:
    """
    How many times better C{result} is than C{other}.
    """
    if not result.figure or not other.figure:
        return None
    return other.figure / result.figure if result.row.less_is_better else result.figure / other.figure


def table(results: Sequence[Sequence[Result]]) -> str:
    """
    A line for each row: the figures, then how many times better the first endpoint is than each of the others, then memory.
    """
    names = [result.endpoint for result in results[0]]
    header = ["row", *names, *(f"{names[0]} : {name}" for name in names[1:]), *(f"MiB {name}" for name in names)]
    lines = [header]
    for line in results:
        cells = [line[0].row.name]
        cells += [f"{one.figure:.1f} {one.row.unit}" if one.figure is not None else "failed" for one in line]
        cells += [f"{times:.2f}x" if (times := ratio(line[0], other)) is not None else "" for other in line[1:]]
        cells += [f"{one.peak:.0f}" if one.peak else "" for one in line]
        lines.append(cells)
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    failures = [f"{one.endpoint}, {one.row.name}: {one.failure}" for line in results for one in line if one.failure]
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:], *failures])


def plot(results: Sequence[Sequence[Result]], path: Path) -> None:
    """
    Bars of the ratios, on a logarithmic scale, as a picture (its kind by the path's ending).
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [line for line in results if len(line) > 1 and any(ratio(line[0], other) for other in line[1:])]
    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.4 * len(rows)))
    others = len(rows[0]) - 1 if rows else 0
    for index in range(others):
        values = [ratio(line[0], line[index + 1]) or 0 for line in rows]
        places = [place + index / (others + 1) for place in range(len(rows))]
        axes.barh(places, values, height=1 / (others + 1), label=f"{rows[0][0].endpoint} : {rows[0][index + 1].endpoint}")
    axes.set_yticks(range(len(rows)), [line[0].row.name for line in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times better")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
