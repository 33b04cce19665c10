"""
The table of operations in C{docs/compatibility.rst}, made from AWS's list and our dispatch table.

C{python -m tests.s3.operations_table} writes it into the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pachgw.s3.operations import OPERATIONS
from tests.s3.amazon import ELSEWHERE, MODEL

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.rst"
BEGIN = ".. operations: begin"
END = ".. operations: end"
_HEAD = """
.. list-table::
   :header-rows: 1
   :widths: 40 15 45

"""


def statuses() -> Mapping[str, tuple[str, str]]:
    """
    Each operation by name: whether it is done (C{yes}, C{in part} or C{no}), and what is to be said of it.
    """
    known = {name: ("no", "") for name in MODEL.operation_names if name not in ELSEWHERE and not MODEL.operation_model(name).deprecated}
    known.pop("ListDirectoryBuckets", None)
    done = {row.name: ("in part" if row.limits else "yes", row.limits) for row in OPERATIONS}
    return dict(sorted({**known, **done}.items()))


def written() -> Mapping[str, tuple[str, str]]:
    """
    What the document says.
    """
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text[text.index(BEGIN) : text.index(END)]
    rows = [row.splitlines() for row in table.split("   * - ")[2:]]
    return {name.strip("` "): (status[7:].strip(), note[7:].strip()) for name, status, note, *_ in rows}


def main() -> None:
    """
    Write the table into the document.
    """
    rows = [("Operation", "Done", "Limits"), *((f"``{name}``", *said) for name, said in statuses().items())]
    table = "".join(f"   * - {name}\n     - {status}\n     - {note}\n".replace(" \n", "\n") for name, status, note in rows)
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(f"{text[: text.index(BEGIN)]}{BEGIN}\n{_HEAD}{table}\n{text[text.index(END) :]}", encoding="utf-8")


if __name__ == "__main__":
    main()
