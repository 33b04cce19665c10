"""
Reading the project's documents: the commands in them, and whether they hold together (C{python -m tests.documents}).
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from docutils.core import publish_doctree
from docutils.nodes import reference
from docutils.utils import SystemMessage

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^\.\. run: (?P<mark>\S+)\n\.\. code:: (?P<language>\w+)\n\n(?P<body>(?:(?: {4}.*)?\n)+)", re.MULTILINE)


def documents() -> Iterator[Path]:
    """
    Every document that people read.
    """
    yield from sorted(ROOT.glob("*.rst"))
    yield from sorted((ROOT / "docs").glob("*.rst"))


def commands(path: Path, mark: str) -> str:
    """
    The blocks of a document that carry C{.. run: mark}, joined in order.
    """
    text = path.read_text(encoding="utf-8") + "\n"
    found = [textwrap.dedent(match["body"]) for match in BLOCK.finditer(text) if match["mark"] == mark]
    if not found:
        raise ValueError(f"{path}: no block is marked {mark!r}")
    return "\n".join(found)


def complaints(path: Path) -> Iterator[str]:
    """
    What is wrong with a document: markup that docutils does not take, and links to files that are not there.
    """
    try:
        tree = publish_doctree(
            path.read_text(encoding="utf-8"), source_path=str(path), settings_overrides={"halt_level": 2, "report_level": 5}
        )
    except SystemMessage as error:
        yield f"{path.relative_to(ROOT)}: {error}"
        return
    for node in tree.findall(reference):
        target = node.get("refuri", "").partition("#")[0]
        if target and "://" not in target and not (path.parent / target).exists():
            yield f"{path.relative_to(ROOT)}: links to {target}, which is not there"


if __name__ == "__main__":
    found = [complaint for path in documents() for complaint in complaints(path)]
    print("\n".join(found) or f"{len(list(documents()))} documents hold together")
    sys.exit(bool(found))
