"""
Running a client's commands as a person would type them.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 300


@dataclass(frozen=True)
class Shell:
    """
    An empty home folder, which is also the working folder, and some settings.

    @ivar environment: variables beside those of the test run; AWS's own and proxies are taken out of the latter.
    """

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("AWS_")}
        return {**inherited, "HOME": str(self.home), **self.environment}

    def attempt(self, *command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """
        Run a command, whatever becomes of it.
        """
        return subprocess.run(
            command, cwd=self.home, env=self._environment(), input=stdin, capture_output=True, timeout=SECONDS, check=False
        )

    def run(self, *command: str, stdin: bytes = b"") -> str:
        """
        Run a command that has to succeed.

        @return: what it printed to standard output.
        """
        done = self.attempt(*command, stdin=stdin)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout.decode()}\n{done.stderr.decode()}"
        return done.stdout.decode()

    def refused(self, *command: str) -> str:
        """
        Run a command that has to fail.

        @return: all that it printed.
        """
        done = self.attempt(*command)
        assert done.returncode != 0, f"{command} succeeded:\n{done.stdout.decode()}"
        return done.stdout.decode() + done.stderr.decode()

    def file(self, name: str, content: bytes) -> Path:
        """
        Make a file in the working folder, last modified an hour ago: what is younger than the second in which it is uploaded looks newer
        than its object, whose time is in whole seconds.
        """
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        modified = time.time() - 3600
        os.utime(path, (modified, modified))
        return path
