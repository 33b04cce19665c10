"""
Tables in the documents that are made from the code or from what ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.documents import ROOT


@dataclass(frozen=True)
class Table:
    """
    A table between C{.. NAME: begin} and C{.. NAME: end} of a document.

    @ivar document: its name in C{docs}.
    @ivar widths: of the columns, in per cent.
    """

    document: str
    name: str
    widths: tuple[int, ...]

    def _parts(self) -> tuple[str, str, str]:
        text = (ROOT / "docs" / self.document).read_text(encoding="utf-8")
        before, begin, rest = text.partition(f".. {self.name}: begin\n")
        table, end, after = rest.partition(f".. {self.name}: end\n")
        if not begin or not end:
            raise ValueError(f"docs/{self.document} has no place for a table {self.name!r}")
        return before + begin, table, end + after

    def written(self) -> str:
        """
        The table as the document has it.
        """
        return self._parts()[1]

    def made(self, rows: Sequence[Sequence[str]]) -> str:
        """
        The table as it should be, the heads of its columns first.
        """
        lines = ["", ".. list-table::", "   :header-rows: 1", f"   :widths: {' '.join(map(str, self.widths))}", ""]
        for first, *others in rows:
            lines += [f"   * - {first}".rstrip(), *(f"     - {cell}".rstrip() for cell in others)]
        return "\n".join([*lines, "", ""])

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """
        Put the table into the document.
        """
        before, _, after = self._parts()
        (ROOT / "docs" / self.document).write_text(before + self.made(rows) + after, encoding="utf-8")
