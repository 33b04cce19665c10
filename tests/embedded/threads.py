"""
Doing something in another thread, for tests of what threads see of each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def run_in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
    """
    Run something, whose result or exception will be in the list.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome
