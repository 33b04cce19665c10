"""
Writing files: reading a stream of modifications, and applying it to a branch, an open commit or a new file set.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Optional

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.calls import Call
from pachgw.embedded.commits import start_on
from pachgw.embedded.entries import Content, file_range, key_range, split_key
from pachgw.embedded.errors import Code, Refused, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.intake import ContentWriter, Intake
from pachgw.embedded.layers import Changes, key_of
from pachgw.embedded.lifecycle import Lifecycle
from pachgw.embedded.paths import ROOT, below, check_name, check_path, clean
from pachgw.embedded.picking import find_branch, is_id, pick_commit, pick_repo, repo_of
from pachgw.embedded.records import RepoRecord, commit_numbered
from pachgw.embedded.sources import Opening
from pachgw.embedded.views import View
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs


class Modifications:
    """
    Reads one stream of modifications. What it adds goes to the disk as it comes.

    @ivar changes: what has been read so far.
    """

    def __init__(self, ground: Ground, intake: Intake, call: Call, parent: Optional[pfs.Commit]) -> None:
        """
        @param parent: the commit that is written to or upon; C{None} for a file set.
        """
        self.changes = Changes()
        self._ground = ground
        self._intake = intake
        self._call = call
        self._parent = parent
        self._key = b""
        self._writer: Optional[ContentWriter] = None

    def read(self, requests: Iterator[pfs.ModifyFileRequest]) -> None:
        """
        Read the stream to its end.

        @raise Refused: a modification is not allowed, or the caller has gone.
        """
        try:
            for request in requests:
                self._one(request)
                if not self._call.is_active():
                    raise Refused(Code.CANCELLED, "context canceled")
            self._end_file()
        finally:
            if self._writer is not None:
                self._writer.abandon()

    def _one(self, request: pfs.ModifyFileRequest) -> None:
        body = request.WhichOneof("body")
        if body == "add_file":
            self._add(request.add_file)
        elif body == "delete_file":
            self._end_file()
            self._delete(request.delete_file)
        elif body == "copy_file":
            self._end_file()
            self._copy(request.copy_file)
        elif body == "set_commit":
            raise unknown("cannot set commit")
        else:
            raise unknown("unrecognized message type")

    def _add(self, add: pfs.AddFile) -> None:
        if add.WhichOneof("source") == "url":
            raise unknown("this PFS does not read from URLs")
        key = _key_at(add.path, add.datum)
        if self._writer is None or key != self._key:
            self._end_file()
            self._key = key
            self._writer = self._intake.writer()
        self._writer.write(add.raw.value)

    def _end_file(self) -> None:
        if self._writer is not None:
            self.changes.write(self._key, self._writer.finish())
            self._writer = None

    def _delete(self, delete: pfs.DeleteFile) -> None:
        if delete.path.endswith("/"):
            check_path(delete.path)
            self._check_parent()
            self.changes.empty(below(clean(delete.path)))
        else:
            self.changes.delete(_key_at(delete.path, delete.datum))

    def _check_parent(self) -> None:
        """
        Make sure that what a directory holds is known.

        @raise Refused: it is not, since the commit's parent is open.
        """
        if self._parent is None:
            return
        db = self._ground.read()
        try:
            commit = pick_commit(db, self._parent)
        except Refused:
            return
        if commit.tree is None:
            base = commit_numbered(db, commit.parent) if commit.parent else None
            raise unknown(f"base commit {base} for commit {commit} unfinished")

    def _copy(self, copy: pfs.CopyFile) -> None:
        target = clean(copy.dst)
        check_path(target)
        with Opening(self._ground, copy.src.commit, self._call, auth.REPO_READ) as opened:
            self._intake.lease.hold(opened.view.root)
            for path, content in self._sources(opened.view, clean(copy.src.path), copy.src.datum):
                key = key_of(_moved(path, clean(copy.src.path), target), copy.datum)
                if not copy.append:
                    self.changes.delete(key)
                self.changes.copy(key, content)

    def _sources(self, view: View, path: str, datum: str) -> Iterator[tuple[str, Content]]:
        tree = self._ground.store.tree
        ranges = [key_range(ROOT)] if path == ROOT else [file_range(path), key_range(below(path))]
        for start, stop in ranges:
            for key, content in tree.scan(view.root, start, stop):
                found, tag = split_key(key)
                if datum in ("", tag):
                    yield found, content


@lru_cache(maxsize=64)
def _key_at(path: str, datum: str) -> bytes:
    """
    The key of a file; most often that of the message before, since a file is deleted to be replaced, and comes in pieces.

    @raise Refused: there can be none.
    """
    check_path(path)
    return key_of(clean(path), datum)


def _moved(path: str, source: str, target: str) -> str:
    return clean(posixpath.join(target, posixpath.relpath(path, source)))


class Modify:
    """
    The procedures that write files.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def ModifyFile(self, requests: Iterator[pfs.ModifyFileRequest], call: Call) -> Empty:
        """
        Write into the open commit at the head of a branch, or that is named; or else make a commit on the branch. All or nothing.
        """
        commit = self._first(requests)
        repo = self._check(commit, call)
        with self._read(requests, call, commit) as (intake, changes), self._ground.changing(call, intake.lease) as life:
            intake.save(life.db)
            self._apply(life, repo, commit, changes)
        return Empty()

    def _first(self, requests: Iterator[pfs.ModifyFileRequest]) -> pfs.Commit:
        request = next(requests, None)
        if request is None or request.WhichOneof("body") != "set_commit":
            raise unknown("first message must be a commit")
        return request.set_commit

    def _check(self, commit: pfs.Commit, call: Call) -> RepoRecord:
        """
        Refuse what can be refused before anything is read.
        """
        db = self._ground.read()
        self._authority.require_named(db, call, repo_of(commit), auth.REPO_WRITE)
        repo = pick_repo(db, repo_of(commit))
        self._target(commit)
        return repo

    def _target(self, commit: pfs.Commit) -> tuple[str, str]:
        """
        The branch that is written to, and the id of the commit if it is that which was asked for.
        """
        if commit.id and (is_id(commit.id) or commit.branch.name or not commit.HasField("branch")):
            return commit.branch.name, commit.id
        name = commit.branch.name or commit.id
        if not name:
            raise unknown("pick commit tx: cannot pick commit with no ID or branch")
        return name, ""

    def _apply(self, life: Lifecycle, repo: RepoRecord, commit: pfs.Commit, changes: Changes) -> None:
        branch, id = self._target(commit)
        if id:
            found = pick_commit(life.db, commit)
            if found.finishing is not None:
                raise unknown(f"commit {found} has already finished")
            life.change(found, changes)
            return
        found_branch = find_branch(life.db, repo.message(), branch)
        head = commit_numbered(life.db, found_branch.head) if found_branch else None
        if head is not None and head.finishing is None:
            life.change(head, changes)
            return
        check_name(branch)
        made = start_on(life, repo, branch, None)
        life.finish(life.change(made, changes))

    def CreateFileSet(self, requests: Iterator[pfs.ModifyFileRequest], call: Call) -> pfs.CreateFileSetResponse:
        """
        Make a file set, which belongs to no commit yet, and may be gone after a power failure. Needs no permission.
        """
        with self._read(requests, call, None) as (intake, changes), self._ground.changing(call, intake.lease, durable=False) as life:
            intake.save(life.db)
            id = self._ground.keep_file_set(life.db, life.file_set(changes))
        return pfs.CreateFileSetResponse(file_set_id=id)

    @contextmanager
    def _read(
        self, requests: Iterator[pfs.ModifyFileRequest], call: Call, parent: Optional[pfs.Commit]
    ) -> Iterator[tuple[Intake, Changes]]:
        with self._ground.store.intake() as intake:
            modifications = Modifications(self._ground, intake, call, parent)
            modifications.read(requests)
            intake.settle()
            yield intake, modifications.changes
