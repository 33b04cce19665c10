"""
Paths of files and names of projects, repos and branches, as PFS reads them.
"""

from __future__ import annotations

import posixpath
import re

from pachgw.embedded.errors import unknown

ROOT = "/"

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_RELATIVE = re.compile(r"(?:^|/)\.\.?(?:/|$)")
_PRINTABLE = re.compile(r"[ -~]+")
GLOB = re.compile(r"[*?\[\]{}!()@+^]")
"""
What makes a path a pattern, and what no stored path may hold. A backslash is not among them: it is stored.
"""


def check_name(name: str) -> None:
    """
    Make sure that a repo or branch may be called so.

    @raise Refused: if not.
    """
    if not _NAME.fullmatch(name):
        raise unknown(f"name ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed")


def check_path(path: str) -> None:
    """
    Make sure that a file may be stored at a path, as the client sent it.

    @raise Refused: if not.
    """
    if not _PRINTABLE.fullmatch(path):
        raise unknown(f"path ({path}) invalid: only printable ASCII characters allowed")
    glob = GLOB.search(path)
    if glob:
        raise unknown(f"path ({path}) invalid: globbing character ({glob.group()}) not allowed in path")
    if _RELATIVE.search(path):
        raise unknown(f"path ({path}) invalid: relative file paths are not allowed")


def clean(path: str) -> str:
    """
    The canonical form of a path: one leading slash, none at the end, none doubled.

    >>> clean("a//b/"), clean("")
    ('/a/b', '/')
    """
    normal = posixpath.normpath(path).strip("/")
    return ROOT if normal == "." else ROOT + normal


def below(path: str) -> str:
    """
    What the paths of all files in a directory begin with.

    @param path: the directory, canonical.
    """
    return path if path.endswith("/") else path + "/"
