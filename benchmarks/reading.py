"""
The rows about reading. They share a bucket of many small objects and one large object, which the first of them makes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from benchmarks.clients import Repeated, seconds
from benchmarks.load import fetch, requests_per_second
from benchmarks.rows import CONNECTIONS, Row, Run
from benchmarks.writing import SMALL

MIB = 1 << 20
DIRECTORIES = 100


def key(number: int) -> str:
    """
    The key of a small object: in one of L{DIRECTORIES} directories.
    """
    return f"d{number % DIRECTORIES:03}/{number:07}"


async def prepare(run: Run, small: int) -> int:
    """
    Make the small objects that are missing. They are written by as many clients as there may be, over and over the same content.

    @return: how many there are.
    """
    count = run.scale.count(small, 1000)
    made: int = run.kept.get("small", 0)
    if made < count:
        await seconds(run.reactor, CONNECTIONS, (partial(run.put, key(number), SMALL) for number in range(made, count)))
        run.kept["small"] = count
    return count


async def large(run: Run) -> str:
    """
    Make the object of 256 MiB, once.
    """
    size = run.scale.count(256, 32)
    if "large" not in run.kept:
        await run.put("large", Repeated(size * MIB))
        run.kept["large"] = size
    return f"/{run.bucket}/large"


async def small_with_wrk(run: Run, method: str, connections: int, hit: bool) -> float:
    """
    GET or HEAD of one small object (warm), or of one that is not there, with wrk.
    """
    await prepare(run, 5000)
    path = f"/{run.bucket}/{key(7) if hit else 'd007/none'}"
    return await requests_per_second(run.reactor, run.url + path, method, connections, run.scale.count(10, 2), hit)


async def cold(run: Run, method: str) -> float:
    """
    GET or HEAD by 16 clients right after a commit: nothing is known of the new head yet but what can be carried over.
    """
    count = await prepare(run, 5000)
    chosen = random.Random(7)
    spent = 0.0
    rounds = run.scale.count(10, 2)
    for number in range(rounds):
        await run.put(f"unrelated/{method}{number}", SMALL)
        paths = [f"/{run.bucket}/{key(chosen.randrange(count))}" for _ in range(16)]
        spent += await seconds(run.reactor, 16, [partial(run.clients.request, method, path) for path in paths])
    return rounds * 16 / spent


async def pages(run: Run, total: int) -> float:
    """
    The whole bucket by pages of 1,000, in keys a second.
    """
    count = await prepare(run, total)
    found = 0

    async def walk() -> None:
        nonlocal found
        marker = ""
        while True:
            page = await run.clients.request("GET", f"/{run.bucket}?max-keys=1000&marker={quote(marker)}")
            keys = page.split(b"<Key>")[1:]
            found += len(keys)
            if b"<IsTruncated>true" not in page:
                return
            marker = keys[-1].split(b"<", 1)[0].decode()

    spent = await seconds(run.reactor, 1, [walk])
    if found < count:
        raise AssertionError(f"{found} keys listed of {count}")
    return found / spent


async def one_listing(run: Run, total: int, query: str, repeat: int = 5) -> float:
    """
    A listing, warm, in milliseconds: the median of a few.
    """
    await prepare(run, total)
    path = f"/{run.bucket}?{query}"
    await run.clients.request("GET", path)
    times = [await seconds(run.reactor, 1, [partial(run.clients.request, "GET", path)]) for _ in range(repeat)]
    return sorted(times)[repeat // 2] * 1000


async def cold_delimiter(run: Run, total: int) -> float:
    """
    A delimiter listing right after a commit, in milliseconds.
    """
    await prepare(run, total)
    await run.put("zz/unrelated", str(time.monotonic()).encode())
    return 1000 * await seconds(run.reactor, 1, [partial(run.clients.request, "GET", f"/{run.bucket}?delimiter=/")])


async def get_large(run: Run, workers: int) -> float:
    """
    GET of the large object by a number of clients at once, in MiB a second over all.
    """
    path = await large(run)
    size: int = run.kept["large"]
    return workers * size / await seconds(run.reactor, workers, [partial(fetch, run.reactor, run.url + path)] * workers)


async def ranges(run: Run) -> float:
    """
    64 ranges of 1 MiB by 8 clients, in MiB a second.
    """
    path = await large(run)
    size: int = run.kept["large"]
    starts = [number * size // 64 for number in range(64)]
    jobs: list[Callable[[], Awaitable[Any]]] = [
        partial(fetch, run.reactor, run.url + path, "-r", f"{start * MIB}-{(start + 1) * MIB - 1}") for start in starts
    ]
    return 64 / await seconds(run.reactor, 8, jobs)


async def first_byte(run: Run) -> float:
    """
    How long the first byte of the large object takes, in milliseconds (a range of one byte).
    """
    path = await large(run)
    times = [await seconds(run.reactor, 1, [partial(run.clients.request, "GET", path, None, {"range": "bytes=0-0"})]) for _ in range(5)]
    return sorted(times)[2] * 1000


ROWS = [
    *(
        Row(f"GET 4 KiB warm, {n} clients", "/s", "read", partial(small_with_wrk, method="GET", connections=n, hit=True))
        for n in (1, 16, 64)
    ),
    *(Row(f"HEAD warm, {n} clients", "/s", "read", partial(small_with_wrk, method="HEAD", connections=n, hit=True)) for n in (1, 16, 64)),
    Row("GET of a missing key, 16 clients", "/s", "read", partial(small_with_wrk, method="GET", connections=16, hit=False)),
    Row("GET 4 KiB cold, 16 clients", "/s", "read", partial(cold, method="GET")),
    Row("HEAD cold, 16 clients", "/s", "read", partial(cold, method="HEAD")),
    Row("GET 256 MiB, 1 client", "MiB/s", "read", partial(get_large, workers=1)),
    Row("GET 256 MiB, 4 clients", "MiB/s", "read", partial(get_large, workers=4)),
    Row("64 ranges of 1 MiB, 8 clients", "MiB/s", "read", ranges),
    Row("first byte of 256 MiB", "ms", "read", first_byte),
    Row("list 100,000 by pages", "/s", "read", partial(pages, total=100_000)),
    Row("list 100,000 by delimiter, cold", "ms", "read", partial(cold_delimiter, total=100_000)),
    Row("list 100,000 by delimiter, warm", "ms", "read", partial(one_listing, total=100_000, query="delimiter=/")),
    Row("a page behind a deep marker of 100,000", "ms", "read", partial(one_listing, total=100_000, query="marker=d099/&max-keys=1000")),
]
"""
What is run by default.
"""

MILLION = [
    Row("list 1,000,000 by pages", "/s", "read", partial(pages, total=1_000_000)),
    Row(
        "a page behind a deep marker of 1,000,000", "ms", "read", partial(one_listing, total=1_000_000, query="marker=d099/&max-keys=1000")
    ),
    Row("list 1,000,000 by delimiter, warm", "ms", "read", partial(one_listing, total=1_000_000, query="delimiter=/")),
]
"""
What is run with C{--million}: filling such a bucket takes long.
"""
