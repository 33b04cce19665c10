"""
C{python -m benchmarks ours=http://127.0.0.1:30600,PID builtin=http://127.0.0.1:30657,PID}
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from twisted.internet import task
from twisted.internet.defer import ensureDeferred

from benchmarks import reading, writing
from benchmarks.clients import Clients
from benchmarks.endpoints import Endpoint, parse
from benchmarks.report import Result, plot, table
from benchmarks.rows import CONNECTIONS, Row, Run, Scale


def arguments(words: list[str]) -> argparse.Namespace:
    """
    Read the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure S3 gateways (auth off) side by side, row by row.")
    parser.add_argument(
        "endpoints", nargs="+", type=parse, metavar="NAME=URL[,PID...]", help="the first is compared with each of the others"
    )
    parser.add_argument("--rows", default="", help="a regular expression: only rows whose names it finds")
    parser.add_argument("--scale", type=float, default=1.0, help="do this fraction of the work; 0.1 for a quick look")
    parser.add_argument("--million", action="store_true", help="the rows about 1,000,000 objects as well")
    parser.add_argument(
        "--same-store",
        action="store_true",
        help="the endpoints show the same data: fill the buckets that are read once, through the first endpoint",
    )
    parser.add_argument("--plot", type=Path, help="write a picture of the ratios, such as ratios.svg (needs matplotlib)")
    return parser.parse_args(words)


async def measure(reactor: Any, row: Row, endpoint: Endpoint, bucket: str, scale: Scale, kept: dict[str, Any]) -> Result:
    """
    One row on one endpoint; a failure is a result.
    """
    clients = Clients(reactor, endpoint.url, CONNECTIONS)
    run = Run(reactor, clients, endpoint.url, bucket, scale, kept)
    try:
        await clients.request("PUT", f"/{bucket}") if "bucket" not in kept else None
        kept["bucket"] = bucket
        endpoint.reset_peak()
        figure = await row.measure(run)
    except Exception as error:
        return Result(row, endpoint.name, None, endpoint.peak(), f"{type(error).__name__}: {error}")
    finally:
        await clients.close()
    return Result(row, endpoint.name, figure, endpoint.peak())


async def main(reactor: Any, *words: str) -> None:
    """
    Run the rows and print the table.
    """
    options = arguments(list(words))
    rows = [*writing.ROWS, *reading.ROWS, *(reading.MILLION if options.million else [])]
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    stamp = int(reactor.seconds())
    results = []
    for row in rows:
        if not re.search(options.rows, row.name):
            continue
        line = []
        for endpoint in options.endpoints:
            shared = options.same_store and row.group == "read"
            owner = options.endpoints[0].name if shared else endpoint.name
            memory = kept.setdefault((row.group, owner), {})
            bucket = f"master.bench-{row.group}-{owner}-{stamp}"
            line.append(await measure(reactor, row, endpoint, bucket, Scale(options.scale), memory))
            print(f"{row.name}: {endpoint.name} {line[-1].figure} {line[-1].failure}", file=sys.stderr, flush=True)
        results.append(line)
    print(table(results))
    if options.plot:
        plot(results, options.plot)


if __name__ == "__main__":
    task.react(lambda reactor, *words: ensureDeferred(main(reactor, *words)), sys.argv[1:])
