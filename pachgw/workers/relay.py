"""
The log of a worker, which its supervisor writes into its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import txaio
from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    eventAsText,
    globalLogBeginner,
)

log = txaio.make_logger()

_WRITERS: dict[str, Callable[..., None]] = {
    "critical": log.critical,
    "error": log.error,
    "warn": log.warn,
    "info": log.info,
    "debug": log.debug,
}


def numbered(number: int, text: str) -> str:
    """
    A worker's text with its number before each line.
    """
    prefix = f"worker {number}: "
    return prefix + text.replace("\n", f"\n{prefix}")


def begin_relaying(level: str, send: Callable[[str, str], None]) -> None:
    """
    In a worker: send all that is logged from now on.

    @param level: the least that is logged, as txaio names it.
    @param send: is given each entry's level and text.
    """
    txaio.set_global_log_level(level)
    least = LogLevel.lookupByName("debug" if level == "trace" else level)

    def observe(event: Any) -> None:
        send(event["log_level"].name, eventAsText(event, includeTimestamp=False, includeSystem=False))

    relaying: ILogObserver = FilteringLogObserver(observe, [LogLevelFilterPredicate(least)])  # type: ignore[arg-type]
    globalLogBeginner.beginLoggingTo([relaying], redirectStandardIO=False)


def write(number: int, level: str, text: str) -> None:
    """
    In the supervisor: write what a worker has sent.
    """
    _WRITERS.get(level, log.info)("{text}", text=numbered(number, text))
