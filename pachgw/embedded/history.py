"""
Commits in their order: listing them, waiting for new ones, and finding those that changed a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from pachgw.embedded.calls import Call
from pachgw.embedded.commitinfo import commit_info
from pachgw.embedded.commits import Commits, prefixed
from pachgw.embedded.errors import Code, Refused, not_found, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.layers import touches
from pachgw.embedded.picking import pick_commit, pick_repo, repo_names, repo_of
from pachgw.embedded.records import CommitRecord, RepoRecord, commit_numbered, find_commits
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

_BATCH = 200
_FOREVER = 1 << 62


class History:
    """
    The procedures about sequences of commits.
    """

    def __init__(self, ground: Ground, commits: Commits) -> None:
        self._ground = ground
        self._authority = ground.authority
        self._commits = commits

    def ListCommit(self, request: pfs.ListCommitRequest, call: Call) -> Iterator[pfs.CommitInfo]:
        """
        Tell about the commits of a repo, newest first, or about those from C{to} back to C{from}.
        """
        db = self._ground.read()
        if not request.HasField("repo"):
            raise unknown("repo cannot be nil")
        self._authority.require_named(db, call, request.repo, auth.REPO_LIST_COMMIT)
        try:
            repo = pick_repo(db, request.repo)
        except Refused as refused:
            raise prefixed(refused, "ensure repo exists") from None
        found = self._back(request, repo) if request.HasField("to") or request.HasField("from") else self._all(request, repo)
        left = request.number or _FOREVER
        for commit in found:
            if not request.all and request.origin_kind and commit.origin != request.origin_kind:
                continue
            yield commit_info(self._ground.read(), commit, with_bound=True)
            left -= 1
            if not left:
                return

    def _back(self, request: pfs.ListCommitRequest, repo: RepoRecord) -> Iterator[CommitRecord]:
        db = self._ground.read()
        start = getattr(request, "from")
        for commit in (start, request.to):
            if commit.ByteSize() and repo_names(repo_of(commit)) != (repo.project, repo.name, repo.type):
                raise unknown(f"`from` and `to` commits need to be from repo {repo}")
        end = pick_commit(db, start).number if request.HasField("from") else None
        if not request.HasField("to"):
            raise unknown("cannot use `from` commit without `to` commit")
        if request.reverse:
            raise unknown("cannot use 'Reverse' while also using 'From' or 'To'")
        commit = pick_commit(db, request.to)
        while commit.number != end:
            yield commit
            if commit.parent is None:
                return
            commit = commit_numbered(self._ground.read(), commit.parent)

    def _all(self, request: pfs.ListCommitRequest, repo: RepoRecord) -> Iterator[CommitRecord]:
        moment = min(request.started_time.ToNanoseconds(), _FOREVER) if request.HasField("started_time") else None
        if request.reverse:
            where = "WHERE c.repo = ? AND c.number > ? AND c.started > ? ORDER BY c.number LIMIT ?"
            at, moment = -1, moment if moment is not None else -1
        else:
            where = "WHERE c.repo = ? AND c.number < ? AND c.started < ? ORDER BY c.number DESC LIMIT ?"
            at, moment = _FOREVER, moment if moment is not None else _FOREVER
        while True:
            batch = list(find_commits(self._ground.read(), where, (repo.number, at, moment, _BATCH)))
            yield from batch
            if len(batch) < _BATCH:
                return
            at = batch[-1].number

    def SubscribeCommit(self, request: pfs.SubscribeCommitRequest, call: Call) -> Iterator[pfs.CommitInfo]:
        """
        Tell about the commits of a repo, or of one of its branches, oldest first, as each comes into a state; then wait for more.
        C{from} leaves out that very commit, and not those before it, as observed.
        """
        db = self._ground.read()
        try:
            repo = pick_repo(db, request.repo)
        except Refused:
            raise not_found("get repo ID: repo (id=0, project={}, name={}, type={}) not found".format(*repo_names(request.repo))) from None
        self._authority.require_repo(db, call, repo, auth.REPO_LIST_COMMIT, auth.REPO_INSPECT_COMMIT)
        left_out = pick_commit(db, getattr(request, "from")).number if request.HasField("from") else 0
        last = 0
        watch = self._ground.watch
        watch.attend(call)
        where = "WHERE c.repo = ? AND c.number > ? AND ? IN ('', c.branch) ORDER BY c.number LIMIT ?"
        while True:
            seen = watch.changes()
            batch = list(find_commits(self._ground.read(), where, (repo.number, last, request.branch, _BATCH)))
            for commit in batch:
                last = commit.number
                is_asked = request.all or request.origin_kind in (pfs.ORIGIN_KIND_UNKNOWN, commit.origin)
                if is_asked and commit.number != left_out:
                    yield from self._once_in_state(commit, request.state, call)
            if not batch:
                watch.wait(call, seen)

    def _once_in_state(self, commit: CommitRecord, state: pfs.CommitState, call: Call) -> Iterator[pfs.CommitInfo]:
        """
        What there is to tell about a commit, once it has come to a state: nothing if it was taken away meanwhile.
        """
        try:
            found = self._commits.wait_for(commit, state, call)
        except Refused as refused:
            if refused.code is Code.UNKNOWN:
                return
            raise
        yield commit_info(self._ground.read(), found)

    def FindCommits(self, request: pfs.FindCommitsRequest, call: Call) -> Iterator[pfs.FindCommitsResponse]:
        """
        Go back from a commit and tell of each in which a file was written or deleted; in the end, how far that went.
        """
        db = self._ground.read()
        self._authority.require_named(db, call, repo_of(request.start), auth.REPO_INSPECT_COMMIT)
        commit = pick_commit(db, request.start)
        searched = found = 0
        while call.is_active():
            if commit.finished is None:
                raise Refused(Code.UNAVAILABLE, f"commit {commit} not finished")
            if commit.diff and self._touches(commit.number, request.file_path):
                found += 1
                yield pfs.FindCommitsResponse(found_commit=commit.message(), commits_searched=searched)
            searched += 1
            if commit.parent is None or found == request.limit != 0:
                break
            commit = commit_numbered(self._ground.read(), commit.parent)
        yield pfs.FindCommitsResponse(last_searched_commit=commit.message(), commits_searched=searched)

    def _touches(self, number: int, path: str) -> bool:
        with self._ground.store.pins.lease() as lease:
            root = lease.take(lambda: commit_numbered(self._ground.read(), number).diff or b"")
            return touches(self._ground.store.tree, root, path)
