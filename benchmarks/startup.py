"""
How long a program takes from its start to its first answer. It is started several times, one after the other::

    python -m benchmarks.startup http://127.0.0.1:30600 python -m pachgw serve --data-dir pachs3-data
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from typing import Any

import treq
from twisted.internet import task
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseNeverReceived

LIMIT = 60.0
"""
Seconds after which a program that does not answer has failed.
"""

_PAUSE = 0.005


class Program(ProcessProtocol):
    """
    A program that has been started.

    @ivar ended: fires when it has ended.
    """

    def __init__(self) -> None:
        self.ended: Deferred[None] = Deferred()

    def processEnded(self, reason: Failure) -> None:
        """
        See L{ProcessProtocol}.
        """
        self.ended.callback(None)


async def start(reactor: Any, url: str, command: Sequence[str]) -> float:
    """
    Start the program once, and end it when it has answered.

    @return: the milliseconds that its answer took, whatever it was.
    @raise RuntimeError: it ended, or did not answer in time.
    """
    agent = Agent(reactor, connectTimeout=1)
    program = Program()
    begun = reactor.seconds()
    process = reactor.spawnProcess(program, command[0], command, env=None, childFDs={0: "w", 1: 2, 2: 2})
    try:
        while True:
            try:
                await treq.get(url, agent=agent, timeout=LIMIT)
                return 1000 * float(reactor.seconds() - begun)
            except (ConnectionRefusedError, ResponseNeverReceived):
                if program.ended.called or reactor.seconds() - begun > LIMIT:
                    raise RuntimeError(f"{command[0]} does not answer at {url}") from None
            await task.deferLater(reactor, _PAUSE)
    finally:
        if not program.ended.called:
            process.signalProcess("TERM")
        await program.ended


async def main(reactor: Any, *words: str) -> None:
    """
    Start the program so many times, and print the median.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description="Measure how soon a program answers.")
    parser.add_argument("--rounds", type=int, default=5, help="start it so many times [default: 5]")
    parser.add_argument("url", help="where it answers")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to start")
    options = parser.parse_args(words)
    times = [await start(reactor, options.url, options.command) for _ in range(options.rounds)]
    print(f"first answer after {statistics.median(times):.0f} ms (of {', '.join(f'{time:.0f}' for time in sorted(times))})")


if __name__ == "__main__":
    task.react(lambda reactor, *words: ensureDeferred(main(reactor, *words)), sys.argv[1:])
