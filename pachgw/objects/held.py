"""
Whether any commit of a repo still holds a content at a path.

The commits are those of all branches, and of branches that are gone: a commit outlives its branch, and may be given another one. First
the heads are walked, where most of what is looked for is found. Then each commit is compared with the one before it: a content that is
held anywhere was new in one of them. So the whole costs what has ever changed, once, however much is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred

from pachgw.objects.records import name_of_content
from pachgw.objects.resolving import OWN_BRANCH
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Messages, Read
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.errors import SlowDown

HEADS = 16
"""
The most heads that are walked. What is held by those of more branches is found by the comparisons.
"""

COMMITS = 200_000
"""
The most commits that are looked at, so that their ids fit into memory.
"""


class _Commit(NamedTuple):
    """
    A commit, and the one before it.

    @ivar branch: its own where PFS tells, else any, because pachd 2.12 panics at a missing commit that is named without one.
    @ivar refused: whether PFS has refused what it held; nothing can be read there.
    """

    branch: str
    parent: str
    refused: bool


class Held:
    """
    The contents of one repo's commits. Every error ends a look: what could not be looked at may hold what is looked for.
    """

    def __init__(self, ipfs: IPFS, repo: pfs.Repo, token: Optional[str], pause: Callable[[], Deferred[None]]) -> None:
        """
        @param pause: is waited for between calls, to leave PFS to others.
        """
        self._pfs = ipfs
        self._repo = repo
        self._token = token
        self._pause = pause

    async def strike(self, wanted: set[str]) -> None:
        """
        Take out of C{wanted} what some commit holds.

        @param wanted: names of contents, as of L{name_of_content}.
        @raise PFSError: PFS cannot tell, or a commit was taken out meanwhile: nothing is known of what is left.
        @raise SlowDown: there are too many commits to look at.
        """
        if not wanted:
            return
        commits = await self._commits()
        for id in await self._heads():
            if not wanted:
                return
            if id in commits and not commits[id].refused:
                await self._walk(id, commits[id], wanted)
        for id, one in commits.items():
            if not wanted:
                return
            if not one.refused:
                await self._compare(id, one, _base(one, commits), wanted)

    async def _commits(self) -> Mapping[str, _Commit]:
        """
        All commits but those of the gateway's own branch, newest first.
        """
        own = messages.commit(self._repo, branch_name=OWN_BRANCH)
        left_out = await self._list(pfs.ListCommitRequest(repo=self._repo, to=own))
        found = await self._list(pfs.ListCommitRequest(repo=self._repo, all=True))
        return {id: one for id, one in found.items() if id not in left_out}

    async def _list(self, request: pfs.ListCommitRequest) -> Mapping[str, _Commit]:
        stream = self._pfs.stream(methods.LIST_COMMIT, request, self._token)
        found: dict[str, _Commit] = {}
        try:
            while infos := await stream.read():
                found.update((info.commit.id, _commit(info)) for info in infos)
                if len(found) > COMMITS:
                    raise SlowDown(f"The repo has more than {COMMITS} commits. Squash some, if the records have to be looked after.")
        finally:
            stream.cancel()
        return found

    async def _heads(self) -> Sequence[str]:
        stream = self._pfs.stream(methods.LIST_BRANCH, pfs.ListBranchRequest(repo=self._repo), self._token)
        found: dict[str, None] = {}
        try:
            while infos := await stream.read():
                found.update((info.head.id, None) for info in infos if info.branch.name != OWN_BRANCH)
        finally:
            stream.cancel()
        return list(found)[:HEADS]

    def _root(self, id: str, one: _Commit) -> pfs.File:
        return messages.file(messages.commit(self._repo, id, one.branch), "/")

    async def _walk(self, id: str, one: _Commit, wanted: set[str]) -> None:
        stream = self._pfs.stream(methods.WALK_FILE, pfs.WalkFileRequest(file=self._root(id, one)), self._token)
        await self._strike(stream, lambda info: info, wanted)

    async def _compare(self, id: str, one: _Commit, base: str, wanted: set[str]) -> None:
        if not base:
            await self._walk(id, one, wanted)
            return
        request = pfs.DiffFileRequest(new_file=self._root(id, one), old_file=self._root(base, one))
        await self._strike(self._pfs.stream(methods.DIFF_FILE, request, self._token), lambda diff: diff.new_file, wanted)

    async def _strike(self, stream: Messages[Read], file: Callable[[Read], pfs.FileInfo], wanted: set[str]) -> None:
        try:
            while wanted and (found := await stream.read()):
                infos = map(file, found)
                wanted.difference_update(name_of_content(info.file.path, info.hash) for info in infos if info.file_type == pfs.FILE)
        except PFSError as error:
            if error.kind is not Kind.FILE_NOT_FOUND:
                raise
        finally:
            stream.cancel()
        await self._pause()


def _commit(info: pfs.CommitInfo) -> _Commit:
    return _Commit(info.commit.branch.name or OWN_BRANCH, info.parent_commit.id, bool(info.error))


def _base(one: _Commit, commits: Mapping[str, _Commit]) -> str:
    """
    The commit before one whose content counts, empty for none. One that is not in the list is compared with nevertheless: if it has been
    taken out since, PFS says so.
    """
    base = one.parent
    while base in commits and commits[base].refused:
        base = commits[base].parent
    return base
