"""
The table of settings in C{docs/settings.rst}, made from the options: C{python -m tests.settings_table} writes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pachgw.options import OPTIONS, Option
from tests.tables import Table

TABLE = Table("settings.rst", "options", (20, 80))
ENDPOINT = re.compile(r"\b(?:tcp|grpcs?):[^\s,\]]+")


def _row(option: Option) -> Sequence[str]:
    variable = f" In the environment: ``{option.environment}``." if option.environment else ""
    return [f"``{option.name}``", ENDPOINT.sub(lambda match: f"``{match.group()}``", option.help) + "." + variable]


def rows() -> Sequence[Sequence[str]]:
    """
    A line for each option.
    """
    return [("Setting", "Does"), *map(_row, OPTIONS)]


if __name__ == "__main__":
    TABLE.write(rows())
