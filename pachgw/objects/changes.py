"""
What a request does to a branch, and what became of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Optional, Union

from pachgw.pfs.messages import seconds
from pachgw.pfs.proto import pfs_pb2 as pfs

INLINE_LIMIT = 128 * 1024
"""
A body of up to so many bytes travels within the commit's own stream; what is larger becomes a file set first. PFS never cuts a
file of this size into several chunks, so that its hash is known without asking.
"""


_EMPTY = hashlib.blake2b(digest_size=32).digest()
_SMALL = 16 * 1024
_KEPT = 2047  # hashlib lets other threads run while it hashes more than that, and to get back in line takes longer than a small hash


def hash_of(content: bytes) -> bytes:
    """
    PFS's hash of a file of at most one chunk: BLAKE2b-256 over the BLAKE2b-256 of each chunk.
    """
    if not content:
        return _EMPTY
    chunk = hashlib.blake2b(digest_size=32)
    piece = _KEPT if len(content) <= _SMALL else len(content)
    for start in range(0, len(content), piece):
        chunk.update(memoryview(content)[start : start + piece])
    return hashlib.blake2b(chunk.digest(), digest_size=32).digest()


def ancestors(path: str) -> Iterator[str]:
    """
    The directories above a path, nearest first, without the root: C{/a/b} and C{/a} for C{/a/b/c}.
    """
    while (cut := path.rfind("/")) > 0:
        path = path[:cut]
        yield path


@dataclass(frozen=True)
class Put:
    """
    A file that replaces what its path holds.

    @ivar path: in PFS, with a leading slash.
    @ivar content: the bytes, or the file whose content is taken by reference; its path is a literal glob.
    @ivar hash: PFS's hash of the content.
    @ivar size: in bytes.
    @ivar modified: the time that is said of it, in seconds since the epoch; C{None} for the one at which its commit is finished.
    """

    path: str
    content: Union[bytes, pfs.File]
    hash: bytes
    size: int
    modified: Optional[float] = None

    @classmethod
    def of(cls, path: str, content: bytes) -> Put:
        """
        A file of bytes at hand, of at most L{INLINE_LIMIT}.
        """
        return cls(path, content, hash_of(content), len(content))

    @property
    def held(self) -> int:
        """
        How many bytes of content it keeps in memory.
        """
        return len(self.content) if isinstance(self.content, bytes) else 0


@dataclass(frozen=True)
class Change:
    """
    What one request does to a branch: all of it or nothing.

    @ivar puts: the files that it puts.
    @ivar deletes: the files that it takes away, there or not; with a slash at its end a directory, with all that is in it.
    @ivar sweeps: files that make way for its puts if they are there, such as a directory's marker.
    @ivar renew: makes sure that what its puts refer to is still there, or raises an L{S3Error<pachgw.s3.errors.S3Error>}.
    """

    puts: tuple[Put, ...] = ()
    deletes: tuple[str, ...] = ()
    sweeps: tuple[str, ...] = ()
    renew: Optional[Callable[[], Awaitable[None]]] = None

    @property
    def held(self) -> int:
        """
        How many bytes of content it keeps in memory.
        """
        return sum(put.held for put in self.puts)

    @property
    def files(self) -> int:
        """
        How many files it names.
        """
        return len(self.puts) + len(self.deletes)

    @property
    def directories(self) -> bool:
        """
        Whether it takes away a directory, for which PFS wants the commit before it to be finished.
        """
        return any(path.endswith("/") for path in self.deletes)

    def paths(self) -> Iterator[str]:
        """
        The files and directories that it certainly changes, without a slash at their ends.
        """
        yield from (put.path for put in self.puts)
        yield from (path.rstrip("/") for path in self.deletes)


def joined(changes: Sequence[Change]) -> Change:
    """
    Several changes as one. They touch different files, and refer to nothing that has to be renewed.
    """
    return Change(
        tuple(put for change in changes for put in change.puts),
        tuple(path for change in changes for path in change.deletes),
        tuple(path for change in changes for path in change.sweeps),
    )


class Footprint:
    """
    The paths that some changes touch, so that one which touches them too can be kept out of their commit.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._files: set[str] = set()
        self._directories: set[str] = set()
        self._sweeps: set[str] = set()
        for change in changes:
            self.add(change)

    def add(self, change: Change) -> None:
        """
        Take a change's paths in.
        """
        self._files.update(change.paths())
        self._sweeps.update(change.sweeps)
        for put in change.puts:
            self._directories.update(ancestors(put.path))

    def meets(self, change: Change) -> bool:
        """
        Whether a change names the same file, or a file where these need a directory, or the other way round.
        """
        return (
            any(path in self._files or path in self._directories or path in self._sweeps for path in change.paths())
            or any(path in self._files for path in change.sweeps)
            or any(above in self._files for put in change.puts for above in ancestors(put.path))
        )


@dataclass(frozen=True)
class Landed:
    """
    The commit that holds a change.

    @ivar id: of the commit.
    @ivar parent: the commit before it, empty for none.
    @ivar finished: when, in seconds since the epoch.
    @ivar error: why PFS refused the commit's content when it validated it; empty when it did not.
    @ivar earlier: what the commit held before the change, if it takes several.
    """

    id: str
    parent: str
    finished: float
    error: str = ""
    earlier: tuple[Change, ...] = ()

    @classmethod
    def of(cls, info: pfs.CommitInfo) -> Landed:
        """
        From what InspectCommit says.
        """
        closed = info.finished if info.HasField("finished") else info.finishing if info.HasField("finishing") else info.started
        return cls(info.commit.id, info.parent_commit.id, seconds(closed), info.error)
