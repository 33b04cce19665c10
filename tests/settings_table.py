"""
The table of settings in C{docs/settings.rst}, made from the options: C{python -m tests.settings_table} writes it.
"""

from __future__ import annotations

import re

from pachgw.options import OPTIONS, Option
from tests.documents import ROOT

DOCUMENT = ROOT / "docs" / "settings.rst"
PLACE = re.compile(r"(?<=\.\. options: begin\n).*?(?=\.\. options: end\n)", re.DOTALL)
ENDPOINT = re.compile(r"\b(?:tcp|grpcs?):[^\s,\]]+")


def _literal(match: re.Match[str]) -> str:
    return f"``{match.group()}``"


def _row(option: Option) -> list[str]:
    variable = f" In the environment: ``{option.environment}``." if option.environment else ""
    return [f"   * - ``{option.name}``", f"     - {ENDPOINT.sub(_literal, option.help)}.{variable}"]


def made() -> str:
    """
    The document as it should be.
    """
    head = [".. list-table::", "   :header-rows: 1", "   :widths: 20 80", "", "   * - Setting", "     - Does"]
    lines = ["", *head, *(line for option in OPTIONS for line in _row(option)), "", ""]
    return PLACE.sub(lambda _: "\n".join(lines), DOCUMENT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    DOCUMENT.write_text(made(), encoding="utf-8")
