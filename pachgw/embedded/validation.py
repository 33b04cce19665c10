"""
What makes the content of a commit invalid: a path that is a file and a directory, or a file with more than one tag.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from pachgw.embedded.entries import file_range, key_range, split_key
from pachgw.embedded.tree import Tree


def shown_datum(datum: str) -> str:
    """
    A tag as clients see it: without what tells the parts of an ambiguous file apart.
    """
    return datum.rstrip("\x01") or "default"


def collision(path: str) -> str:
    """
    The error of a file below a file.
    """
    return f"file / directory path collision ({path})"


def duplicate(path: str, one: str, other: str) -> str:
    """
    The error of a file with two tags.
    """
    return f"duplicate path output by different datums ({path} from {shown_datum(one)} and {path} from {shown_datum(other)})"


def first_error(tree: Tree, root: bytes, keys: Iterable[bytes], top: str = "/") -> Optional[str]:
    """
    What is wrong with a tree of which only these keys are new, or C{None}.

    @param top: the directory that all keys lie in, with its trailing slash; above it nothing is looked at.
    """
    sound: set[str] = {top[:-1]}
    for key in keys:
        path, datum = split_key(key)
        found = _file_above(tree, root, path, sound)
        if not _alone(tree, root, path, key):
            found = _tags(tree, root, path, datum) or found or _files_below(tree, root, path)
        if found:
            return found
    return None


def _alone(tree: Tree, root: bytes, path: str, key: bytes) -> bool:
    """
    Whether it is plain at a glance that a path has no other tag than that of its key, and no files below it.
    """
    near = tree.near(root, file_range(path)[0], 2)
    return len(near) == 2 and near[0] == key and not near[1].startswith(path.encode())


def _tags(tree: Tree, root: bytes, path: str, datum: str) -> Optional[str]:
    for key, _ in tree.scan(root, *file_range(path)):
        other = split_key(key)[1]
        if other != datum:
            return duplicate(path, *sorted((datum, other)))
    return None


def _file_above(tree: Tree, root: bytes, path: str, sound: set[str]) -> Optional[str]:
    folder = path.rpartition("/")[0]
    while folder not in sound:
        if tree.first(root, *file_range(folder)):
            return collision(path)
        sound.add(folder)
        folder = folder.rpartition("/")[0]
    return None


def _files_below(tree: Tree, root: bytes, path: str) -> Optional[str]:
    if path == "/":
        return None
    below = tree.first(root, *key_range(path + "/"))
    return collision(split_key(below[0])[0]) if below else None
