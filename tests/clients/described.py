"""
What C{docs/compatibility.rst} says about a client.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Described:
    """
    A client that a test module drives.

    @ivar name: as people know it.
    @ivar version: a command whose first line of output holds the version.
    @ivar settings: what has to be set, in one sentence; empty if the endpoint and the keys are all.
    """

    name: str
    version: tuple[str, ...]
    settings: str = ""
