"""
In what two commits differ.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Optional

from pachgw.embedded.calls import Call
from pachgw.embedded.entries import Content, file_range, key_range, split_key
from pachgw.embedded.ground import Ground
from pachgw.embedded.paths import ROOT, below, clean
from pachgw.embedded.picking import pick_commit, repo_of
from pachgw.embedded.records import FILE_SETS, commit_message
from pachgw.embedded.sources import Opened, Opening
from pachgw.embedded.tree import Tree
from pachgw.embedded.validation import shown_datum
from pachgw.embedded.views import Directory, File
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

Pair = tuple[Optional[pfs.FileInfo], Optional[pfs.FileInfo]]
"""
What is told of a path in the old and in the new commit.
"""


class Differences:
    """
    The procedure that compares.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def DiffFile(self, request: pfs.DiffFileRequest, call: Call) -> Iterator[pfs.DiffFileResponse]:
        """
        Tell of each path below one, or two, that is not the same in two commits. Without an old one, the parent is meant.
        """
        with ExitStack() as stack:
            new = stack.enter_context(Opening(self._ground, request.new_file.commit, call, auth.REPO_READ))
            old_file = request.old_file if request.HasField("old_file") else self._parent(request.new_file)
            old = stack.enter_context(Opening(self._ground, old_file.commit, call, auth.REPO_READ)) if old_file else None
            new_path = clean(request.new_file.path)
            old_path = clean(old_file.path) if old_file else new_path
            pairs = self._changed(old, new, new_path) if old_path == new_path else _merged(old, old_path, new, new_path)
            for one, other in pairs:
                if not call.is_active():
                    return
                yield pfs.DiffFileResponse(old_file=one, new_file=other)

    def _parent(self, file: pfs.File) -> Optional[pfs.File]:
        if repo_of(file.commit).name == FILE_SETS:
            return None
        db = self._ground.read()
        commit = pick_commit(db, file.commit)
        if commit.parent_id is None:
            return None
        return pfs.File(commit=commit_message(commit.repo, commit.parent_id, None), path=file.path, datum=file.datum)

    def _changed(self, old: Optional[Opened], new: Opened, path: str) -> Iterator[Pair]:
        """
        Compare two trees without looking at what they share.
        """
        tree = self._ground.store.tree
        roots = (old.view.root if old else b"", new.view.root)
        last: set[str] = set()
        for file, one, other in _changed_files(tree, *roots, path):
            above = [folder for folder in _above(file[0]) if folder.startswith(below(path))]
            for folder in above:
                if folder not in last:
                    yield _told(old, _directory(old, folder)), _told(new, _directory(new, folder))
            last = set(above)
            if file[0] != ROOT and not (one and other and one.hash == other.hash):
                yield _told(old, File(*file, one) if one else None), _told(new, File(*file, other) if other else None)


def _changed_files(tree: Tree, old: bytes, new: bytes, path: str) -> Iterator[tuple[tuple[str, str], Optional[Content], Optional[Content]]]:
    ranges = [key_range(below(path))] if path == ROOT else [file_range(path), key_range(below(path))]
    for start, stop in ranges:
        for key, one, other in tree.diff(old, new, start, stop):
            found, datum = split_key(key)
            yield (found, shown_datum(datum)), one, other


def _above(path: str) -> list[str]:
    """
    The directories above a path, from the root downwards.
    """
    return [path[: place + 1] for place, char in enumerate(path) if char == "/"]


def _directory(opened: Optional[Opened], path: str) -> Optional[Directory]:
    return opened.view.directory(path) if opened else None


def _told(opened: Optional[Opened], entry: Optional[File | Directory]) -> Optional[pfs.FileInfo]:
    return opened.info(entry) if opened and entry else None


def _merged(old: Optional[Opened], old_path: str, new: Opened, new_path: str) -> Iterator[Pair]:
    """
    Two places whose paths have nothing in common: all of both, in order.
    """
    sides = [(number, opened, path) for number, opened, path in ((0, old, old_path), (1, new, new_path)) if opened]
    for _, number, info in heapq.merge(*(_side(*side) for side in sides), key=lambda entry: entry[0]):
        yield (info, None) if number == 0 else (None, info)


def _side(number: int, opened: Opened, path: str) -> Iterator[tuple[str, int, pfs.FileInfo]]:
    file = opened.view.file(path) if path != ROOT else None
    if file:
        yield path, number, opened.info(file)
    for entry in opened.view.walk(below(path)):
        yield entry.path, number, opened.info(entry)
