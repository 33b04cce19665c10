"""
Starting and stopping gateways, as processes of their own.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Optional

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class Gateway:
    """
    A gateway that runs.

    @ivar url: where it answers S3, such as C{http://127.0.0.1:40123}.
    @ivar key: a token, both access key and secret key; with auth off any word.
    """

    url: str
    key: str

    @property
    def host(self) -> str:
        """
        Host and port, without the scheme.
        """
        return self.url.split("//", 1)[1]


class Process:
    """
    A C{python -m pachgw serve} that prints where it listens.
    """

    def __init__(self, arguments: Sequence[str], environment: Optional[dict[str, str]] = None) -> None:
        self.command = [sys.executable, "-m", "pachgw", "serve", *arguments]
        self._process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.output = ""

    def wait_for(self, pattern: str) -> str:
        """
        Read the output until a line matches.

        @return: the first group of the match.
        @raise AssertionError: the process ended, or it took too long.
        """
        assert self._process.stdout is not None
        deadline = time.monotonic() + START_SECONDS
        while (match := re.search(pattern, self.output)) is None:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            if not data:
                self.stop()
                raise AssertionError(f"{self.command} did not print {pattern}:\n{self.output}")
            self.output += data.decode(errors="replace")
        return match.group(1)

    @property
    def stdout(self) -> IO[bytes]:
        """
        What is left to read of the output.
        """
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def pid(self) -> int:
        """
        The process's id.
        """
        return self._process.pid

    def kill(self) -> None:
        """
        kill -9, and wait for the end.
        """
        self._process.kill()
        self._process.wait(STOP_SECONDS)
        self.stdout.close()

    def stop(self) -> None:
        """
        Ask it to end, and wait.
        """
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
            raise
        finally:
            self.stdout.close()


@contextlib.contextmanager
def running(arguments: Sequence[str], environment: Optional[dict[str, str]] = None) -> Iterator[Process]:
    """
    A process for the length of a C{with} block.
    """
    process = Process(arguments, environment)
    try:
        yield process
    finally:
        process.stop()
