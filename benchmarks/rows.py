"""
The rows of the table: each prepares what it needs, is timed, and says what it did.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.clients import Clients

CONNECTIONS = 512
"""
So many of an endpoint are kept between requests: as many as clients ever work at once.
"""


@dataclass(frozen=True)
class Scale:
    """
    How much to do. C{factor} 1 is the full benchmark; less is for a quick look.
    """

    factor: float = 1.0

    def count(self, full: int, least: int = 1) -> int:
        """
        A number of operations, objects or MiB.
        """
        return max(least, int(full * self.factor))


@dataclass
class Run:
    """
    One row on one endpoint.

    @ivar bucket: a bucket of this run's own; it exists.
    @ivar kept: what rows of a group leave for each other, such as how many objects there are.
    """

    reactor: Any
    clients: Clients
    url: str
    bucket: str
    scale: Scale
    kept: dict[str, Any]

    async def put(self, key: str, body: Any = b"", **headers: str) -> bytes:
        """
        PUT an object of this run.
        """
        return await self.clients.request("PUT", f"/{self.bucket}/{key}", body, {n.replace("_", "-"): v for n, v in headers.items()})


@dataclass(frozen=True)
class Row:
    """
    A line of the table.

    @ivar unit: of the figure that C{measure} gives; more is better, but for units of time.
    @ivar measure: gives the figure.
    @ivar group: C{write} or C{read}; the read rows share what C{prepare} made.
    """

    name: str
    unit: str
    group: str
    measure: Callable[[Run], Awaitable[float]]

    @property
    def less_is_better(self) -> bool:
        """
        Whether the figure is a time.
        """
        return self.unit in ("s", "ms")
