"""
Reading files and listing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from google.protobuf.wrappers_pb2 import BytesValue

from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Refused, not_found, unknown
from pachgw.embedded.globs import is_literal, literal_prefix, matcher
from pachgw.embedded.ground import Ground
from pachgw.embedded.paths import ROOT, below, clean
from pachgw.embedded.picking import repo_of, text_of
from pachgw.embedded.sources import Opened, Opening
from pachgw.embedded.tar import tar_end, tar_header, tar_padding
from pachgw.embedded.validation import collision
from pachgw.embedded.views import Bounds, Directory, File, View
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_MOST = 100_000
_AFTER_ASCII = "\x7f"


class Files:
    """
    The procedures that read files.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def GetFile(self, request: pfs.GetFileRequest, call: Call) -> Iterator[BytesValue]:
        """
        The bytes of the one file that a pattern matches.
        """
        for piece in self.content(request, call):
            yield BytesValue(value=piece)

    def content(self, request: pfs.GetFileRequest, call: Call) -> Iterator[bytes]:
        """
        As L{GetFile}, without messages around the bytes.
        """
        with self._opened(request, call, "get file: ") as opened:
            found = _single(opened, request)
            for piece in self._ground.store.read(found.content, max(request.offset, 0)):
                if not call.is_active():
                    return
                yield piece

    def GetFileTAR(self, request: pfs.GetFileRequest, call: Call) -> Iterator[BytesValue]:
        """
        The files and directories that a pattern matches, as a tape archive.
        """
        with self._opened(request, call) as opened:
            for entry in _several(opened, request):
                content = entry.content if isinstance(entry, File) else None
                yield BytesValue(value=tar_header(entry.path, content.size if content else 0))
                if content is None:
                    continue
                for piece in self._ground.store.read(content):
                    if not call.is_active():
                        return
                    yield BytesValue(value=piece)
                if padding := tar_padding(content.size):
                    yield BytesValue(value=padding)
            yield BytesValue(value=tar_end())

    @contextmanager
    def _opened(self, request: pfs.GetFileRequest, call: Call, prefix: str = "") -> Iterator[Opened]:
        """
        Open what a request is about.

        @param prefix: for the text of a refusal.
        """
        opening = Opening(self._ground, _commit_of(request), call, auth.REPO_READ)
        try:
            if request.URL:
                raise unknown("this PFS does not write to URLs")
            opened = opening.__enter__()
            matcher(clean(request.file.path))
        except Refused as refused:
            opening.__exit__(None, None, None)
            raise Refused(refused.code, prefix + refused.details) from None
        try:
            yield opened
        finally:
            opening.__exit__(None, None, None)

    def InspectFile(self, request: pfs.InspectFileRequest, call: Call) -> pfs.FileInfo:
        """
        Tell about a file or directory.
        """
        path = clean(request.file.path)
        with Opening(self._ground, _commit_of(request), call, auth.REPO_INSPECT_FILE) as opened:
            view = opened.view
            file = None if path == ROOT else view.file(path, request.file.datum)
            inside = view.first_below(below(path))
            if file and inside:
                raise unknown(collision(inside))
            if file:
                return opened.info(file)
            directory = view.directory(below(path)) if inside else None
            if directory is None:
                raise _missing(request.file)
            if not opened.is_sound:
                view.check(directory.path)
            return opened.info(directory)

    def ListFile(self, request: pfs.ListFileRequest, call: Call) -> Iterator[pfs.FileInfo]:
        """
        Tell about what is in a directory, or about a file.
        """
        bounds = _page_bounds(request)
        path = clean(request.file.path)
        with Opening(self._ground, _commit_of(request), call, auth.REPO_LIST_FILE) as opened:
            inside = opened.view.children(below(path), bounds, request.reverse)
            yield from _page(opened, _with_file(opened, path, bounds, request.file.datum, inside), request, call)

    def WalkFile(self, request: pfs.WalkFileRequest, call: Call) -> Iterator[pfs.FileInfo]:
        """
        Tell about a directory and all that is below it, or about a file.
        """
        bounds = _page_bounds(request)
        path = clean(request.file.path)
        with Opening(self._ground, _commit_of(request), call, auth.REPO_READ, auth.REPO_LIST_FILE) as opened:
            inside = opened.view.walk(below(path), bounds, request.reverse)
            entries = _with_file(opened, path, bounds, request.file.datum, inside)
            first = next(entries, None)
            if first is not None:
                yield from _page(opened, chain([first], entries), request, call)
            elif path != ROOT:
                raise not_found(f"commit/{opened.commit.id} does not contain item: ({path})")

    def GlobFile(self, request: pfs.GlobFileRequest, call: Call) -> Iterator[pfs.FileInfo]:
        """
        Tell about what a pattern matches.
        """
        bounds = Bounds(request.path_range.lower, request.path_range.upper)
        pattern = clean(request.pattern)
        with Opening(self._ground, request.commit, call, auth.REPO_READ, auth.REPO_LIST_FILE) as opened:
            for entry in matching(opened.view, pattern, bounds):
                if not call.is_active():
                    return
                yield opened.info(entry)


def matching(view: View, pattern: str, bounds: Bounds) -> Iterator[File | Directory]:
    """
    The files and directories that a pattern matches, in order.

    @param pattern: canonical.
    """
    matches = matcher(pattern)
    prefix = literal_prefix(pattern)
    top = prefix[: prefix.rfind("/") + 1]
    narrowed = Bounds(max(bounds.lower, prefix), min(bounds.upper or _AFTER_ASCII, prefix + _AFTER_ASCII))
    if bounds == Bounds() and "**" not in pattern and "(" not in pattern:
        yield from (entry for entry in _down_to(view, top, narrowed, pattern.count("/")) if matches(entry.path))
    else:
        yield from (entry for entry in view.walk(top, narrowed) if matches(entry.path))
    if pattern == ROOT and (root := view.directory(ROOT)):
        yield root


def _down_to(view: View, directory: str, bounds: Bounds, depth: int) -> Iterator[File | Directory]:
    for entry in view.children(directory, bounds):
        yield entry
        if isinstance(entry, Directory) and entry.path.count("/") <= depth:
            yield from _down_to(view, entry.path, bounds, depth)


def _with_file(opened: Opened, path: str, bounds: Bounds, datum: str, inside: Iterator[File | Directory]) -> Iterator[File | Directory]:
    """
    The file at a path, if there is one, before what is inside the directory there.
    """
    file = None if path == ROOT or not bounds.holds(path) else opened.view.file(path, datum)
    if file:
        collides = None if opened.is_sound else opened.view.first_below(below(path))
        if collides:
            raise unknown(collision(collides))
        yield file
    for entry in inside:
        if not datum or isinstance(entry, Directory) or entry.datum == datum:
            yield entry


def _page(
    opened: Opened, entries: Iterator[File | Directory], request: pfs.ListFileRequest | pfs.WalkFileRequest, call: Call
) -> Iterator[pfs.FileInfo]:
    """
    What is to be told of entries from the marker on: as many as are asked for, while somebody listens.
    """
    marker = clean(request.paginationMarker.path) if request.HasField("paginationMarker") else ""
    left = request.number
    for entry in entries:
        if not call.is_active():
            return
        if marker and clean(entry.path) == marker:
            continue
        yield opened.info(entry)
        left -= 1
        if not left:
            return


def _commit_of(request: pfs.GetFileRequest | pfs.InspectFileRequest | pfs.ListFileRequest | pfs.WalkFileRequest) -> pfs.Commit:
    if not request.HasField("file"):
        raise unknown("file cannot be nil")
    if not request.file.HasField("commit"):
        raise unknown("commit cannot be nil")
    return request.file.commit


def _page_bounds(request: pfs.ListFileRequest | pfs.WalkFileRequest) -> Bounds:
    if request.number == 0 and request.reverse:
        raise unknown("number must be > 0 when reverse is true")
    if request.number > _MOST:
        raise unknown(f"cannot return more than {_MOST} files at a time")
    marker = request.paginationMarker.path
    return Bounds(upper=marker) if request.reverse else Bounds(lower=marker)


def _missing(file: pfs.File) -> Refused:
    return not_found(f"file {file.path} not found in repo {text_of(repo_of(file.commit))} at commit {file.commit.id}")


def _several(opened: Opened, request: pfs.GetFileRequest) -> Iterator[File | Directory]:
    pattern = clean(request.file.path)
    bounds = Bounds(request.path_range.lower, request.path_range.upper)
    is_empty = True
    for entry in matching(opened.view, pattern, bounds):
        if isinstance(entry, File) and request.file.datum not in ("", entry.datum):
            continue
        is_empty = False
        yield entry
    if is_empty:
        raise _missing(request.file)


def _single(opened: Opened, request: pfs.GetFileRequest) -> File:
    pattern = clean(request.file.path)
    if is_literal(pattern) and pattern != ROOT and opened.is_sound and not request.HasField("path_range"):
        file = opened.view.file(pattern, request.file.datum)
        if file:
            return file
        if opened.view.first_below(below(pattern)) is None:
            raise _missing(request.file)
        raise _not_a_file()
    found = None
    for entry in _several(opened, request):
        if isinstance(entry, Directory):
            raise _not_a_file()
        if found is not None:
            raise unknown("matched multiple files. Use GetFileTAR instead")
        found = entry
    assert found is not None
    return found


def _not_a_file() -> Refused:
    return unknown("cannot get directory or non-regular file. Use GetFileTAR instead")
