"""
Opening a commit or file set for reading.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Optional

from pachgw.embedded.calls import Call
from pachgw.embedded.errors import unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.picking import pick_commit, repo_of
from pachgw.embedded.records import FILE_SETS, CommitRecord, commit_numbered, timestamp
from pachgw.embedded.views import Directory, File, View
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs


class Opened:
    """
    A commit or file set that is being read.

    @ivar view: its files.
    @ivar commit: the message that names it in answers.
    @ivar is_sound: whether it has been found free of collisions.
    """

    def __init__(self, view: View, commit: pfs.Commit, finishing: Optional[int], is_sound: bool) -> None:
        """
        @param finishing: when it ended in nanoseconds, or C{None}.
        """
        self.view = view
        self.commit = commit
        self.is_sound = is_sound
        self._file = pfs.FileInfo(file=pfs.File(commit=commit), committed=timestamp(finishing), file_type=pfs.FILE)
        self._directory = pfs.FileInfo(file=self._file.file, committed=self._file.committed, file_type=pfs.DIR)
        if finishing is None:
            self._directory.ClearField("committed")

    def info(self, entry: File | Directory) -> pfs.FileInfo:
        """
        What PFS tells about a file or directory. Copying a message is several times as fast as making it from its parts.
        """
        info = pfs.FileInfo()
        if isinstance(entry, File):
            info.CopyFrom(self._file)
            info.size_bytes = entry.content.size
            info.hash = entry.content.hash
        else:
            info.CopyFrom(self._directory)
            info.size_bytes = entry.sums.size
            info.hash = entry.sums.hash
        info.file.path = entry.path
        info.file.datum = entry.datum
        return info


class Opening(AbstractContextManager[Opened]):
    """
    Opens a commit or file set; at the end of the block it may be collected if nothing refers to it.
    """

    def __init__(self, ground: Ground, commit: pfs.Commit, call: Call, *permissions: auth.Permission) -> None:
        """
        @param permissions: what the caller must be permitted on the repo of a commit. A file set needs none.
        """
        self._ground = ground
        self._commit = commit
        self._call = call
        self._permissions = permissions
        self._lease = ground.store.pins.lease()

    def __enter__(self) -> Opened:
        try:
            return self._open(self._ground.read())
        except BaseException:
            self._lease.release()
            raise

    def _open(self, db: sqlite3.Connection) -> Opened:
        authority = self._ground.authority
        repo = repo_of(self._commit)
        tree = self._ground.store.tree
        if repo.name == FILE_SETS:
            root = self._lease.take(lambda: file_set_root(db, self._commit.id, self._ground.now()))
            return Opened(View(tree, root, root), pfs.Commit(repo=repo, id=self._commit.id), None, False)
        authority.require_named(db, self._call, repo, *self._permissions)
        commit = pick_commit(db, self._commit)
        root = self._lease.take(lambda: content_root(db, commit))
        is_sound = commit.finished is not None and not commit.error
        changes = b"" if is_sound else self._lease.take(lambda: diff_root(db, commit))
        return Opened(View(tree, root, changes), commit.message(), commit.finishing, is_sound)

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._lease.release()


def content_root(db: sqlite3.Connection, commit: CommitRecord) -> bytes:
    """
    The root of a commit's content as it is now.

    @raise Refused: it is not known, since a parent is open.
    """
    row = db.execute("SELECT tree FROM commits WHERE number = ?", (commit.number,)).fetchone()
    if row is None:
        raise unknown(f"commit {commit} was deleted")
    if row[0] is None:
        base = commit_numbered(db, commit.parent) if commit.parent else None
        raise unknown(f"base commit {base} for commit {commit} unfinished")
    root: bytes = row[0]
    return root


def diff_root(db: sqlite3.Connection, commit: CommitRecord) -> bytes:
    """
    The root of what was written into a commit until now.
    """
    row = db.execute("SELECT diff FROM commits WHERE number = ?", (commit.number,)).fetchone()
    return (row[0] if row else None) or b""


def file_set_root(db: sqlite3.Connection, id: str, now: int) -> bytes:
    """
    The root of a file set.

    @param now: in nanoseconds; one whose time is over is not there any more.
    @raise Refused: there is none.
    """
    row = db.execute("SELECT root FROM file_sets WHERE id = ? AND expires > ?", (id, now)).fetchone()
    if row is None:
        raise unknown("path does not exist")
    root: bytes = row[0]
    return root
