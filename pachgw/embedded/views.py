"""
The files of a commit or file set as PFS lists them: with the directories that the paths imply, in the order of their full paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from pachgw.embedded.entries import Content, Sums, file_range, key_range, split_key, subtract
from pachgw.embedded.errors import unknown
from pachgw.embedded.layers import FILES, key_of
from pachgw.embedded.paths import ROOT, below
from pachgw.embedded.tree import Tree
from pachgw.embedded.validation import collision, duplicate, first_error, shown_datum


@dataclass(frozen=True, slots=True)
class File:
    """
    A file.

    @ivar datum: its tag.
    """

    path: str
    datum: str
    content: Content


@dataclass(frozen=True, slots=True)
class Directory:
    """
    A directory, which exists since files lie below it.

    @ivar path: with its trailing slash.
    @ivar datum: the tag of the file that was put at C{/}, if there is one; nothing otherwise.
    """

    path: str
    datum: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    Which paths of a listing are wanted. A directory counts with its trailing slash.

    @ivar lower: the first; nothing for no bound.
    @ivar upper: the first that is not wanted any more; nothing for no bound.
    """

    lower: str = ""
    upper: str = ""

    def holds(self, path: str) -> bool:
        """
        Whether a path is wanted.
        """
        return path >= self.lower and (not self.upper or path < self.upper)


EVERYTHING = Bounds()


class View:
    """
    Looks at one tree.
    """

    def __init__(self, tree: Tree, root: bytes, changes: bytes = b"") -> None:
        """
        @param changes: the root of a file set that holds whatever may collide.
        """
        self._tree = tree
        self.root = root
        self._changes = changes

    def file(self, path: str, datum: str = "") -> Optional[File]:
        """
        The file at a path, or C{None}.

        @param datum: its tag, or nothing for any.
        @raise Refused: there are several.
        """
        if datum:
            content = self._tree.lookup(self.root, key_of(path, datum))
            return None if content is None else File(path, datum, content)
        found = [(split_key(key)[1], content) for key, content in self._tree.scan(self.root, *file_range(path))]
        if len(found) > 1:
            raise unknown(duplicate(path, found[0][0], found[1][0]))
        return File(path, shown_datum(found[0][0]), found[0][1]) if found else None

    def directory(self, path: str) -> Optional[Directory]:
        """
        The directory at a path, or C{None}.

        @param path: with its trailing slash.
        """
        sums = self._tree.sums(self.root, *key_range(path))
        if not sums.files:
            return None
        if path != ROOT:
            return Directory(path, "", sums)
        extra = self.file(ROOT)
        return Directory(ROOT, extra.datum if extra else "", subtract(sums, self._tree.sums(self.root, *file_range(ROOT))))

    def first_below(self, path: str) -> Optional[str]:
        """
        The first file in a directory, with its path, or C{None}.

        @param path: with its trailing slash.
        """
        found = self._tree.first(self.root, *key_range(path))
        return split_key(found[0])[0] if found else None

    def check(self, directory: str) -> None:
        """
        Make sure that nothing below a directory collides. Costs what was changed there.

        @raise Refused: something does.
        """
        changed = (key for key, _ in self._tree.scan(self._changes, *key_range(directory)))
        error = first_error(self._tree, self.root, changed, directory)
        if error:
            raise unknown(error)

    def children(self, directory: str, bounds: Bounds = EVERYTHING, reverse: bool = False) -> Iterator[File | Directory]:
        """
        The files and directories in a directory. Costs nothing for what lies deeper.

        @param directory: with its trailing slash.
        """
        start, stop = self._range(directory, bounds)
        if reverse and bounds.upper:
            yield from self._cut_off(directory, bounds)
        while True:
            for file in self._files(start, stop, reverse):
                inner = file.path.find("/", len(directory))
                if inner < 0:
                    if file.path != directory:
                        yield file
                    continue
                child = file.path[: inner + 1]
                if bounds.holds(child):
                    yield from self._one(child)
                first, after = key_range(child)
                start, stop = (start, first) if reverse else (after, stop)
                break
            else:
                return

    def walk(self, directory: str, bounds: Bounds = EVERYTHING, reverse: bool = False) -> Iterator[File | Directory]:
        """
        A directory itself and all that lies below it.

        @param directory: with its trailing slash.
        """
        start, stop = self._range(directory, bounds)
        return self._walk_back(directory, start, stop, bounds) if reverse else self._walk_on(directory, start, stop, bounds)

    def _walk_on(self, directory: str, start: bytes, stop: bytes, bounds: Bounds) -> Iterator[File | Directory]:
        last: list[str] = [""]
        for file in self._files(start, stop, reverse=False):
            if not _is_in(last[-1], file.path):
                above = _directories(directory, file.path)
                for path in above:
                    if path not in last and bounds.holds(path):
                        yield from self._one(path)
                last = above
            if file.path != ROOT:
                yield file
        if bounds.upper:
            for path in self._cut(directory, bounds):
                if path not in last and bounds.holds(path):
                    yield from self._one(path)

    def _walk_back(self, directory: str, start: bytes, stop: bytes, bounds: Bounds) -> Iterator[File | Directory]:
        last = self._cut(directory, bounds) if bounds.upper else []
        for file in self._files(start, stop, reverse=True):
            if not last or not _is_in(last[-1], file.path):
                above = _directories(directory, file.path)
                yield from self._left(last, above, bounds)
                last = above
            if file.path != ROOT:
                yield file
        yield from self._left(last, [], bounds)

    def _left(self, last: list[str], above: list[str], bounds: Bounds) -> Iterator[Directory]:
        for path in reversed(last):
            if path not in above and bounds.holds(path):
                yield from self._one(path)

    def _cut_off(self, directory: str, bounds: Bounds) -> Iterator[Directory]:
        """
        The directory in this one that begins before the upper bound and goes on after it with nothing in between.
        """
        for path in self._cut(directory, bounds)[1:2]:
            before = self._tree.sums(self.root, key_range(path)[0], bounds.upper.encode()).files
            if bounds.holds(path) and not before:
                yield from self._one(path)

    def _cut(self, directory: str, bounds: Bounds) -> list[str]:
        """
        The directories of the first file at or after the upper bound.
        """
        start, stop = key_range(directory)
        found = self._tree.first(self.root, max(start, bounds.upper.encode()), stop)
        return _directories(directory, split_key(found[0])[0]) if found else []

    def _range(self, directory: str, bounds: Bounds) -> tuple[bytes, bytes]:
        start, stop = key_range(directory)
        return max(start, bounds.lower.encode()), min(stop, bounds.upper.encode()) if bounds.upper else stop

    def _one(self, path: str) -> Iterator[Directory]:
        found = self.directory(path)
        if found:
            yield found

    def _files(self, start: bytes, stop: bytes, reverse: bool) -> Iterator[File]:
        """
        The files of a range.

        @raise Refused: a file collides with the next one.
        """
        last = ""
        last_datum = ""
        for key, content in self._tree.scan(self.root, max(start, FILES[0]), stop, reverse):
            path, datum = split_key(key)
            if path == last:
                raise unknown(duplicate(path, *sorted((last_datum, datum))))
            one, other = (path, last) if reverse else (last, path)
            if last and one != ROOT and other.startswith(below(one)):
                raise unknown(collision(other))
            last, last_datum = path, datum
            yield File(path, shown_datum(datum), content)


def _is_in(directory: str, path: str) -> bool:
    """
    Whether a path lies in a directory and not deeper.

    @param directory: with its trailing slash; nothing for none.
    """
    return directory != "" and path.startswith(directory) and path.find("/", len(directory)) < 0


def _directories(top: str, path: str) -> list[str]:
    """
    The directories that a file lies in, from C{top} on downwards.
    """
    found = [top]
    at = path.find("/", len(top))
    while at >= 0:
        found.append(path[: at + 1])
        at = path.find("/", at + 1)
    return found
