"""
The table of clients in C{docs/compatibility.rst}, made from the record of what they did.

C{pytest -m external --clients-report tests/clients/ran.json} makes the record, and C{python -m tests.clients_table} the table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.documents import ROOT
from tests.tables import Table

TABLE = Table("compatibility.rst", "clients", (18, 17, 30, 35))
RECORD = ROOT / "tests" / "clients" / "ran.json"


def rows() -> Sequence[Sequence[str]]:
    """
    A line for each client.
    """
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    heads = ("Client", "Version", "Settings beside endpoint and keys", "What was run")
    return [heads, *((name, told["version"], told["settings"], "; ".join(told["ran"])) for name, told in sorted(record.items()))]


if __name__ == "__main__":
    TABLE.write(rows())
