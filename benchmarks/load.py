"""
Requests by programs in C; a client in Python would measure itself. Many small ones by wrk (U{https://github.com/wg/wrk}), HEAD by ab,
since wrk waits for the body that a HEAD does not have, large ones by curl.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.utils import getProcessOutputAndValue

WRK = re.compile(rb"Requests/sec:\s+([\d.]+)")
AB = re.compile(rb"Requests per second:\s+([\d.]+)")
REFUSED = re.compile(rb"Non-2xx.* responses:\s+\d+")


def _wrk(url: str, connections: int, duration: int) -> list[str]:
    return ["wrk", "-t", "1", "-c", str(connections), "-d", f"{duration}s", "--timeout", "60s", url]


def command(url: str, method: str, connections: int, duration: int) -> tuple[list[str], re.Pattern[bytes]]:
    """
    What to run, and what to look for in its output.
    """
    if method == "HEAD":
        return ["ab", "-q", "-k", "-i", "-r", "-c", str(connections), "-t", str(duration), "-n", "10000000", url], AB
    return _wrk(url, connections, duration), WRK


async def requests_per_second(reactor: Any, url: str, method: str, connections: int, duration: int, found: bool) -> float:
    """
    Ask for one URL over and over.

    @param duration: in seconds.
    @param found: whether there is something there; otherwise each answer must be an error.
    @raise RuntimeError: the program is not installed, or failed, or there were other answers.
    """
    words, pattern = command(url, method, connections, duration)
    return await _run(reactor, words, pattern, found)


async def puts_per_second(reactor: Any, url: str, path: str, connections: int, duration: int, headers: Mapping[str, str]) -> float:
    """
    PUT objects of 4 KiB.

    @param path: below it each has a key of its own.
    @param duration: in seconds.
    @raise RuntimeError: as L{requests_per_second}.
    """
    words = [*_wrk(url, connections, duration), "-s", str(Path(__file__).with_name("put.lua")), "--", path]
    return await _run(reactor, [*words, *(f"{name}={value}" for name, value in headers.items())], WRK, True)


async def _run(reactor: Any, words: list[str], pattern: re.Pattern[bytes], found: bool) -> float:
    program = shutil.which(words[0])
    if program is None:
        raise RuntimeError(f"{words[0]} is not installed (apt install wrk apache2-utils)")
    out, err, code = await getProcessOutputAndValue(program, words[1:], reactor=reactor)
    match = pattern.search(out)
    if code or match is None or bool(REFUSED.search(out)) is found:
        raise RuntimeError(f"{words}: {err.decode()} {out.decode()}")
    return float(match.group(1))


async def fetch(reactor: Any, url: str, *options: str) -> None:
    """
    GET something large with curl, which costs less than what it measures.

    @raise RuntimeError: it did not succeed.
    """
    await _curl(reactor, url, options)


async def upload(reactor: Any, url: str, body: Path) -> str:
    """
    PUT a file with curl.

    @return: the ETag that was answered.
    @raise RuntimeError: it did not succeed.
    """
    return (await _curl(reactor, url, ["-T", str(body), "-w", "%header{etag}"])).decode()


async def _curl(reactor: Any, url: str, options: Sequence[str]) -> bytes:
    program = shutil.which("curl")
    if program is None:
        raise RuntimeError("curl is not installed")
    out, err, code = await getProcessOutputAndValue(program, ["-sS", "-f", "-o", "/dev/null", *options, url], reactor=reactor)
    if code:
        raise RuntimeError(f"curl {url}: {err.decode()}")
    return bytes(out)


@contextmanager
def bodies(count: int, mebibytes: int) -> Iterator[Sequence[Path]]:
    """
    Files for L{upload}, of bytes that nobody has stored yet: of what is there already a store keeps nothing.

    @param mebibytes: the size of each.
    """
    with TemporaryDirectory(prefix="pachgw-benchmark-") as folder:
        files = [Path(folder) / str(number) for number in range(count)]
        for file in files:
            with file.open("wb") as out:
                for _ in range(mebibytes):
                    out.write(os.urandom(1 << 20))
        yield files
