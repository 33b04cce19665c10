"""
What the whole test suite shares: its options and its kinds of tests.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """
    The options of tests/clients; they must be known before that folder is read.
    """
    parser.addoption("--gateway", default="embedded", help="embedded, open, served, or the URL of a gateway that runs")
    parser.addoption("--gateway-key", default="any-word", help="the token to use with a gateway that runs")
    parser.addoption("--clients-report", default="", help="a file for the record of what clients did")
