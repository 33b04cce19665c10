"""
Which targets there are.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast

import tests.fuzz

NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules(tests.fuzz.__path__)
    if not module.name.startswith(("_", "test_")) and module.name not in ("targets", "heads")
)


class Target(Protocol):
    """
    A module that can be fuzzed.
    """

    SEEDS: tuple[bytes, ...]

    def fuzz_one(self, data: bytes) -> None:
        """
        @raise Exception: the code under test has failed.
        """


def load(name: str) -> Target:
    """
    Import a target.
    """
    return cast(Target, importlib.import_module(f"tests.fuzz.{name}"))
