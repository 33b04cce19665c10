"""
Starting and stopping gateways, as processes of their own.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).parents[2]
LOOPBACK = "tcp:0:interface=127.0.0.1"
LISTENS = r"S3 on (http://[\d.]+:\d+)"
PFS_LISTENS = r"PFS on ([\d.]+:\d+)"
START_SECONDS = 60
STOP_SECONDS = 30
RUNNING: list[Process] = []
"""
Those that L{running} has started, so that a failed test can show what they printed.
"""


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
    A C{python -m pachgw serve}, whose output is read all the time, so that it never waits for us.

    @ivar output: what it has printed so far.
    """

    def __init__(self, arguments: Sequence[str], environment: Optional[dict[str, str]] = None) -> None:
        self.command = [sys.executable, "-m", "pachgw", "serve", *arguments]
        self.output = ""
        self._changed = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.output += line.decode(errors="replace")
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, pattern: str) -> str:
        """
        Wait until the output matches.

        @return: the first group of the match.
        @raise AssertionError: the process ended, or it took too long.
        """

        def match() -> Optional[re.Match[str]]:
            return re.search(pattern, self.output)

        with self._changed:
            self._changed.wait_for(lambda: match() or self._ended, START_SECONDS)
            found = match()
        if found is None:
            self.kill()
            raise AssertionError(f"{self.command} did not print {pattern}:\n{self.output}")
        return found.group(1)

    @property
    def pid(self) -> int:
        """
        The process's id.
        """
        return self._process.pid

    def _reap(self) -> None:
        self._process.wait(STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def kill(self) -> None:
        """
        kill -9, and wait for the end.
        """
        self._process.kill()
        self._reap()

    def stop(self) -> None:
        """
        Ask it to end, and wait.

        @raise subprocess.TimeoutExpired: it did not end in time; it has been killed.
        """
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._reap()


@contextlib.contextmanager
def running(arguments: Sequence[str], environment: Optional[dict[str, str]] = None) -> Iterator[Process]:
    """
    A process for the length of a C{with} block.
    """
    process = Process(arguments, environment)
    RUNNING.append(process)
    try:
        yield process
    finally:
        RUNNING.remove(process)
        process.stop()
