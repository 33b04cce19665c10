"""
What the whole test suite shares: its options and its kinds of tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

MARKED = {"external": Path(__file__).parent / "clients", "faults": Path(__file__).parent / "faults"}
"""
For each marker the folder whose tests carry it; they are not part of the quick run.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """
    The options of tests/clients; they must be known before that folder is read.
    """
    parser.addoption("--gateway", default="embedded", help="embedded, open, served, or the URL of a gateway that runs")
    parser.addoption("--gateway-key", default="any-word", help="the token to use with a gateway that runs")
    parser.addoption("--clients-report", default="", help="a file for the record of what clients did")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Optional[bool]:
    """
    Do not even import tests that are deselected: the clients that they drive may not be installed.
    """
    unwanted = [folder for mark, folder in MARKED.items() if f"not {mark}" in config.option.markexpr]
    return True if collection_path in unwanted else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Mark the tests of L{MARKED} folders.
    """
    for item in items:
        for mark, folder in MARKED.items():
            if item.path.is_relative_to(folder):
                item.add_marker(mark)
