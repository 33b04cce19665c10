"""
Imports point down: who may know whom, as C{docs/architecture.rst} draws it.

Each package of pachgw is read as source text, so that an import inside a function counts as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import pachgw

ROOT = Path(pachgw.__file__).parent

ALLOWED = {
    "s3": set[str](),
    "pfs": {"pfs"},
    "embedded": {"embedded", "pfs.proto"},
    "objects": {"objects", "pfs", "s3"},
    "web": {"web", "objects", "s3", "pfs.interfaces", "admin"},
    "admin": {"admin"},
}
"""
Package to what its modules may import of pachgw, besides itself. What is not named here (options, service, commands, workers) is the top.
"""


def imported(path: Path) -> Iterator[str]:
    """
    The modules of pachgw that a file imports, without the leading C{pachgw.}.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pachgw"):
            for alias in node.names:
                yield f"{node.module}.{alias.name}".removeprefix("pachgw.")
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("pachgw.") for alias in node.names if alias.name.startswith("pachgw"))


class LayerTests(SynchronousTestCase):
    """
    The import rule.
    """

    def test_imports_point_down(self) -> None:
        """
        No module imports what its layer may not know.
        """
        wrong = [
            f"{path.relative_to(ROOT)} imports {name}"
            for layer, allowed in ALLOWED.items()
            for path in (ROOT / layer).rglob("*.py")
            for name in imported(path)
            if not any(f"{name}.".startswith(f"{prefix}.") for prefix in allowed | {layer, "__version__"})
        ]
        self.assertEqual(wrong, [])

    def test_every_package_has_a_layer(self) -> None:
        """
        A new package must be given its place.
        """
        packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
        self.assertEqual(packages - {"commands", "workers"}, set(ALLOWED))

    def test_s3_knows_no_framework(self) -> None:
        """
        The protocol is pure: it imports neither Twisted nor zope.interface.
        """
        for path in (ROOT / "s3").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [module]
                self.assertFalse([name for name in names if name.split(".")[0] in {"twisted", "zope", "treq"}], str(path))
