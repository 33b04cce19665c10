"""
The memory of a process that serves: how often Python looks for garbage, and giving back what is free.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from typing import Any, Optional

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool

THRESHOLDS = (5_000, 20, 20)
"""
How many new objects begin a collection of the youngest, and how many of those one of the next. With Python's own numbers a fifth of the
time of a small GET goes into collections, which find nothing: what succeeds leaves no garbage behind.
"""

INTERVAL = 10.0
"""
Seconds from one tidying to the next.
"""

LARGE = 2 << 20
"""
Bytes from which a buffer gets memory of its own, which goes back when it is freed.
"""

FREE = 8 << 20
"""
Bytes at the end of each heap that may lie free until the next tidying. glibc's own number is 128 KiB once L{LARGE} is set:
then every buffer of an upload is taken from the system anew, and cleared by it, which was half of what a large PUT cost the gateway.
"""

HEAPS = 2
"""
How many heaps the threads share, each of which keeps so much. glibc's own number is eight for each processor; but Python lets one thread
at a time ask for memory, and few others do.
"""

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_ARENA_MAX = -8
"""
The names of these in glibc's C{malloc.h}: C{M_TRIM_THRESHOLD}, C{M_MMAP_THRESHOLD} and C{M_ARENA_MAX}.
"""


def find_trim() -> Optional[Callable[[int], int]]:
    """
    glibc's C{malloc_trim}, where there is one. Without it, what many large buffers have taken stays with the process for ever, free but in
    pieces.
    """
    found: Optional[Callable[[int], int]] = _of_libc("malloc_trim")
    return found


def find_option() -> Optional[Callable[[int, int], int]]:
    """
    glibc's C{mallopt}, where there is one.
    """
    found: Optional[Callable[[int, int], int]] = _of_libc("mallopt")
    return found


def manage(option: Optional[Callable[[int, int], int]]) -> None:
    """
    Have large buffers kept apart from now on, and some memory kept for smaller ones.

    By itself glibc stops to keep large ones apart once one of up to 32 MiB has been freed, as a message of pachd is, and what holds such
    buffers then grows by what lies between them. Measured with GETs of 256 MiB, one at a time: some 40 MiB less at the peak.

    @param option: sets an option of the allocator.
    """
    if option is not None:
        option(_MMAP_THRESHOLD, LARGE)
        option(_TRIM_THRESHOLD, FREE)
        option(_ARENA_MAX, HEAPS)


def _of_libc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except OSError:
        return None


class Tidying:
    """
    Keeps a process small that belongs to the gateway alone.
    """

    def __init__(self, reactor: Any, trim: Optional[Callable[[int], int]]) -> None:
        """
        @param trim: gives free memory back to the system; it blocks for some milliseconds.
        """
        self._reactor = reactor
        self._trim = trim
        self._loop = LoopingCall(self._tidy)
        self._loop.clock = reactor

    def start(self) -> None:
        """
        Begin, once everything is loaded, which is then left alone for good.
        """
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        self._loop.start(INTERVAL, now=False)

    def _tidy(self) -> Optional[Deferred[int]]:
        """
        Collect what failed requests have left, which is young, then give free memory back.
        """
        gc.collect(1)
        if self._trim is None:
            return None
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._trim, 0)


def keep_tidy(reactor: Any) -> None:
    """
    Begin L{Tidying}, and L{manage}. To be called once the gateway runs.
    """
    manage(find_option())
    Tidying(reactor, find_trim()).start()
