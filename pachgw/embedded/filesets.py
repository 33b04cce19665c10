"""
File sets: content on its way into a commit.
"""

from __future__ import annotations

import sqlite3

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded.calls import Call
from pachgw.embedded.commits import prefixed
from pachgw.embedded.entries import split_key
from pachgw.embedded.errors import Refused, not_found, unknown
from pachgw.embedded.ground import FILE_SET_SECONDS, Ground
from pachgw.embedded.layers import FILES, Changes
from pachgw.embedded.picking import pick_commit, repo_of
from pachgw.embedded.sources import content_root, file_set_root
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

LONGEST = 1800
"""
The longest that a file set may live without being renewed, in seconds.
"""

_SECOND = 1_000_000_000


class FileSets:
    """
    The procedures about file sets, except making one from a stream.

    A file set may be gone after a power failure, as if it had expired. A commit that it was put into may not.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def GetFileSet(self, request: pfs.GetFileSetRequest, call: Call) -> pfs.CreateFileSetResponse:
        """
        Make a file set of all that a commit holds, or of what was written into it.
        """
        with self._ground.changing(call) as life:
            try:
                self._authority.require_named(life.db, call, repo_of(request.commit), auth.REPO_READ)
                commit = pick_commit(life.db, request.commit)
                is_diff = request.type == pfs.GetFileSetRequest.DIFF
                root = (commit.diff or b"") if is_diff else content_root(life.db, commit)
            except Refused as refused:
                raise prefixed(refused, "get file set") from None
            id = self._ground.keep_file_set(life.db, root)
        return pfs.CreateFileSetResponse(file_set_id=id)

    def AddFileSet(self, request: pfs.AddFileSetRequest, call: Call) -> Empty:
        """
        Put a file set into an open commit.
        """
        with self._ground.changing(call) as life:
            self._authority.require_named(life.db, call, repo_of(request.commit), auth.REPO_WRITE)
            commit = pick_commit(life.db, request.commit)
            if commit.finishing is not None:
                raise unknown(f"commit {commit} has already finished")
            try:
                root = file_set_root(life.db, request.file_set_id, self._ground.now())
            except Refused as refused:
                raise prefixed(refused, "add file set") from None
            life.lay(commit, [root])
        return Empty()

    def RenewFileSet(self, request: pfs.RenewFileSetRequest, call: Call) -> Empty:
        """
        Let a file set live longer, from now on.
        """
        if request.ttl_seconds < 1:
            raise unknown(f"ttl ({request.ttl_seconds * _SECOND}) must be at least one second")
        self._check_longest(request.ttl_seconds)
        with self._ground.write(durable=False) as db:
            if not self._renew(db, request.file_set_id, request.ttl_seconds):
                raise not_found(f"tracker does not contain item: (fileset/{request.file_set_id})")
        return Empty()

    def _check_longest(self, seconds: int) -> None:
        if seconds > LONGEST:
            raise unknown(f"ttl ({seconds * _SECOND}) exceeds max ttl ({LONGEST * _SECOND})")

    def _renew(self, db: sqlite3.Connection, id: str, seconds: int) -> bool:
        now = self._ground.now()
        expires = now + seconds * _SECOND
        return db.execute("UPDATE file_sets SET expires = ? WHERE id = ? AND expires > ?", (expires, id, now)).rowcount > 0

    def ComposeFileSet(self, request: pfs.ComposeFileSetRequest, call: Call) -> pfs.CreateFileSetResponse:
        """
        Make a file set that does what several do, one after the other.
        """
        self._check_longest(request.ttl_seconds)
        with self._ground.changing(call, durable=False) as life:
            try:
                roots = [file_set_root(life.db, id, self._ground.now()) for id in request.file_set_ids]
            except Refused:
                raise unknown("the operation would create a dangling reference") from None
            changes = Changes()
            for root in roots[1:]:
                changes.lay(self._ground.store.tree.inside(life.db), root)
            composed = life.file_set(changes, roots[0] if roots else b"")
            seconds = request.ttl_seconds if request.ttl_seconds > 0 else FILE_SET_SECONDS
            id = self._ground.keep_file_set(life.db, composed, seconds)
        return pfs.CreateFileSetResponse(file_set_id=id)

    def ShardFileSet(self, request: pfs.ShardFileSetRequest, call: Call) -> pfs.ShardFileSetResponse:
        """
        Cut the paths of a file set into ranges of about so many files or bytes, whichever is reached first.
        """
        db = self._ground.read()
        response = pfs.ShardFileSetResponse()
        files = size = 0
        lower = ""
        with self._ground.store.pins.lease() as lease:
            root = lease.take(lambda: file_set_root(db, request.file_set_id, self._ground.now()))
            for key, content in self._ground.store.tree.scan(root, *FILES):
                if (request.num_files and files >= request.num_files) or (request.size_bytes and size >= request.size_bytes):
                    path = split_key(key)[0]
                    response.shards.append(pfs.PathRange(lower=lower, upper=path))
                    lower, files, size = path, 0, 0
                files += 1
                size += content.size
        response.shards.append(pfs.PathRange(lower=lower))
        return response
