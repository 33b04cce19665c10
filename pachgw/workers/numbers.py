"""
Numbers that all processes of a gateway see at once: a file that each has mapped into its memory.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

_SIZE = 8


class SharedNumbers:
    """
    A few numbers from 0. Each is an aligned word of memory, which a processor writes and reads as a whole.
    """

    def __init__(self, path: Path, length: int = 1) -> None:
        """
        @param path: the file, which is made, with zeros, if it is not there.
        @param length: how many numbers.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.truncate(descriptor, length * _SIZE)
            memory = mmap.mmap(descriptor, length * _SIZE)
        finally:
            os.close(descriptor)
        self._words = memoryview(memory).cast("Q")

    def read(self, place: int = 0) -> int:
        """
        A number as it is now.
        """
        return self._words[place]

    def write(self, number: int, place: int = 0) -> None:
        """
        Set a number, for everybody.
        """
        self._words[place] = number

    def least(self) -> int:
        """
        The least of all.
        """
        return min(self._words)
