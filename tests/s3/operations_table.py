"""
The table of operations in C{docs/compatibility.rst}, made from AWS's list and our dispatch table.

C{python -m tests.s3.operations_table} writes it into the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pachgw.s3.operations import OPERATIONS
from tests.s3.amazon import ELSEWHERE, MODEL
from tests.tables import Table

TABLE = Table("compatibility.rst", "operations", (40, 15, 45))


def statuses() -> Mapping[str, tuple[str, str]]:
    """
    Each operation by name: whether it is done (C{yes}, C{in part} or C{no}), and what is to be said of it.
    """
    known = {name: ("no", "") for name in MODEL.operation_names if name not in ELSEWHERE and not MODEL.operation_model(name).deprecated}
    known.pop("ListDirectoryBuckets", None)
    done = {row.name: ("in part" if row.limits else "yes", row.limits) for row in OPERATIONS}
    return dict(sorted({**known, **done}.items()))


def rows() -> Sequence[Sequence[str]]:
    """
    A line for each operation.
    """
    return [("Operation", "Done", "Limits"), *((f"``{name}``", *said) for name, said in statuses().items())]


if __name__ == "__main__":
    TABLE.write(rows())
