"""
The history of a branch: its commits, and what each of them changed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred, DeferredSemaphore, gatherResults, succeed

from pachgw.objects.blocks import Entry, entry_of, pack
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName, Indexes
from pachgw.objects.paths import PLAIN, Names
from pachgw.objects.resolving import Snapshot
from pachgw.objects.sharing import SharedCalls
from pachgw.objects.values import Caller
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Messages, Read
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.keys import MARKER_NAME

LIMIT = 64 * 1024 * 1024
"""
The memory for what commits changed, in bytes, when nothing else is set.
"""

REMOVED = bytes(32)
"""
In place of a hash: the file is gone.
"""

_MARKER = f"/{MARKER_NAME}".encode()
_CHAINS = 64
_AT_ONCE = 8


@dataclass(frozen=True)
class Link:
    """
    A commit in a history.

    @ivar base: the commit before it whose content counts, empty for none.
    @ivar time: when it was finished, in seconds since the epoch; when it was started if it is open.
    @ivar finished: whether it will never change.
    """

    id: str
    base: str
    time: float
    finished: bool


class _Reading(NamedTuple):
    caller: Caller
    name: CommitName
    branch: str
    link: Link


class Histories:
    """
    Remembers what finished commits have changed, which cannot change itself, within a bound.
    """

    def __init__(self, ipfs: IPFS, names: Names = PLAIN, limit: int = LIMIT) -> None:
        """
        @param names: how keys become paths.
        @param limit: the most memory for changes, in bytes.
        """
        self._pfs = ipfs
        self._names = names
        self._diffs = Indexes(limit)
        self._chains: OrderedDict[CommitName, Sequence[Link]] = OrderedDict()
        self._permits = DeferredSemaphore(_AT_ONCE)
        self._readings: SharedCalls[_Reading, Index] = SharedCalls(self._begin)

    async def chain(self, caller: Caller, snapshot: Snapshot) -> Sequence[Link]:
        """
        The commits from the snapshot's back to the first, without those that PFS has refused. What is known of an older one is not
        asked again.
        """
        known = self._chains.get(snapshot.name)
        if known is not None:
            return known
        infos, older = await self._commits(caller, snapshot)
        valid = [info for info in infos if not info.error]
        bases = [info.commit.id for info in valid[1:]] + [older[0].id if older else ""]
        chain = [_link(info, base) for info, base in zip(valid, bases, strict=False)] + list(older)
        if infos and infos[0].HasField("finished"):
            self._chains[snapshot.name] = chain
        while len(self._chains) > _CHAINS:
            self._chains.popitem(last=False)
        return chain

    async def changes(self, caller: Caller, snapshot: Snapshot, chain: Sequence[Link]) -> Sequence[Index]:
        """
        What each commit of a chain changed, by key: the files that it put, and L{REMOVED} for those that it took away. The files that
        keep directories are left out.
        """
        return await gatherResults([self._changed(caller, snapshot, link) for link in chain], consumeErrors=True)

    def forget(self, snapshot: Snapshot) -> None:
        """
        Ask for a history anew: a commit of it has been taken out.
        """
        self._chains.pop(snapshot.name, None)

    async def _commits(self, caller: Caller, snapshot: Snapshot) -> tuple[list[pfs.CommitInfo], Sequence[Link]]:
        """
        The commits of a history, newest first, until one of which the rest is known.
        """
        in_repo = messages.repo(snapshot.project, snapshot.repo)
        request = pfs.ListCommitRequest(repo=in_repo, to=snapshot.named(snapshot.commit))
        found: list[pfs.CommitInfo] = []
        stream = self._pfs.stream(methods.LIST_COMMIT, request, caller.token)
        try:
            while infos := await stream.read():
                for info in infos:
                    older = self._chains.get(CommitName(snapshot.project, snapshot.repo, info.commit.id))
                    if older is not None:
                        return found, older
                    found.append(info)
        finally:
            stream.cancel()
        return found, ()

    def _changed(self, caller: Caller, snapshot: Snapshot, link: Link) -> Deferred[Index]:
        name = CommitName(snapshot.project, snapshot.repo, link.id)
        index = self._diffs.find(name)
        return succeed(index) if index is not None else self._readings.get(_Reading(caller, name, snapshot.branch.branch.name, link))

    def _begin(self, reading: _Reading) -> Deferred[Index]:
        return self._permits.run(lambda: Deferred.fromCoroutine(self._read(reading)))

    async def _read(self, reading: _Reading) -> Index:
        link, name = reading.link, reading.name
        in_repo = messages.repo(name.project, name.repo)
        new = messages.file(messages.commit(in_repo, link.id, reading.branch), "/")
        if link.base:
            old = messages.file(messages.commit(in_repo, link.base, reading.branch), "/")
            stream = self._pfs.stream(methods.DIFF_FILE, pfs.DiffFileRequest(new_file=new, old_file=old), reading.caller.token)
            entries = await _gather(stream, lambda diff: _change(diff, link.time))
        else:
            walk = self._pfs.stream(methods.WALK_FILE, pfs.WalkFileRequest(file=new), reading.caller.token)
            entries = await _gather(walk, lambda info: entry_of(info, link.time) if info.file_type == pfs.FILE else None)
        keyed = [entry._replace(name=self._names.key(entry.name)) for entry in entries if not entry.name.endswith(_MARKER)]
        index = Index(list(pack(sorted(keyed))))
        if link.finished:
            self._diffs.keep(name, index)
        return index


async def _gather(stream: Messages[Read], entry: Callable[[Read], Optional[Entry]]) -> list[Entry]:
    """
    The files in a stream; none for what PFS does not find.
    """
    found: list[Entry] = []
    try:
        while read := await stream.read():
            found.extend(made for made in map(entry, read) if made is not None)
    except PFSError as error:
        if error.kind is not Kind.FILE_NOT_FOUND:
            raise
    finally:
        stream.cancel()
    return found


def _change(diff: pfs.DiffFileResponse, time: float) -> Optional[Entry]:
    """
    What became of one file.
    """
    if diff.new_file.file_type == pfs.FILE:
        return entry_of(diff.new_file, time)
    if diff.old_file.file_type == pfs.FILE:
        return Entry(diff.old_file.file.path[1:].encode(), 0, time, REMOVED)
    return None


def _link(info: pfs.CommitInfo, base: str) -> Link:
    finished = info.HasField("finished")
    when = info.finished if finished else info.started
    return Link(info.commit.id, base, messages.seconds(when), finished)
