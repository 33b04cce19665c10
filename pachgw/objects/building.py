"""
Getting the index of a commit from PFS: from the differences to one that is at hand, or by walking all of it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Optional, TypeVar

import txaio
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from pachgw.objects.blocks import Entry, entry_of
from pachgw.objects.dating import EARLY, Dates, Dating, dated
from pachgw.objects.growing import Growth, State
from pachgw.objects.heads import SHARED_MARK, finish_left_open
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName, Indexes
from pachgw.objects.resolving import Snapshot
from pachgw.objects.sharing import together
from pachgw.objects.times import Times, Unmoved
from pachgw.objects.values import Caller
from pachgw.pfs import methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs

_REMEMBERED = 1000
_LARGE_DIFF = 5000
_COLD = 3
_AT_ONCE = 2

log = txaio.make_logger()

Result = TypeVar("Result")


class Builder:
    """
    Builds each index once, whoever asks, at the pace of PFS.

    The first to ask lends the token. Should it not do for what the builder asks of PFS, the others read from PFS themselves.

    @ivar dating: tells when files were put; without it they have the time of the commit in which they were met.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, indexes: Indexes, times: Times) -> None:
        self.dating: Optional[Dating] = None
        self._pfs = ipfs
        self._clock = clock
        self._indexes = indexes
        self._times = times
        self._growths: dict[CommitName, tuple[Growth, Deferred[None]]] = {}
        self._without: OrderedDict[CommitName, None] = OrderedDict()
        self._permits = DeferredSemaphore(_AT_ONCE)
        self._queued: dict[tuple[str, str, str], Deferred[DeferredSemaphore]] = {}
        self._met: OrderedDict[CommitName, int] = OrderedDict()

    def growing(self, commit: CommitName) -> Optional[Growth]:
        """
        The index of a commit that is being built.
        """
        found = self._growths.get(commit)
        return None if found is None else found[0]

    def grow(self, caller: Caller, snapshot: Snapshot) -> Optional[Growth]:
        """
        Have the index of a commit built. While it waits for others to be built, a newer commit of its branch may take its place.

        @return: C{None} if it is there, or will not be because the commit is too large.
        """
        name = snapshot.name
        if name in self._growths:
            return self._growths[name][0]
        if name in self._without or self._indexes.find(name) is not None:
            return None
        growth = Growth()
        branch = (snapshot.project, snapshot.repo, snapshot.branch.branch.name)
        growth.streams = self._indexes.latest(*branch) is None and self._permits.tokens > 0
        older = self._queued.pop(branch, None)
        if older is not None:
            older.cancel()
        queue = self._permits.acquire()
        if not queue.called:
            self._queued[branch] = queue
            queue.addBoth(self._out_of_queue, branch, queue)
        building = Deferred.fromCoroutine(self._build(growth, caller, snapshot, queue))
        if growth.state is State.GROWING:
            self._growths[name] = (growth, building)
        building.addErrback(self._failed, name)
        building.addCallback(lambda _: self._ended(name, growth))
        return growth

    def met_cold(self, caller: Caller, snapshot: Snapshot) -> None:
        """
        Note that something was read of a commit that has no index: several times, and it gets one.
        """
        count = self._met[snapshot.name] = self._met.pop(snapshot.name, 0) + 1
        if count >= _COLD:
            self.grow(caller, snapshot)
        while len(self._met) > _REMEMBERED:
            self._met.popitem(last=False)

    def close(self) -> None:
        """
        End what is being built.
        """
        for _, building in list(self._growths.values()):
            building.cancel()

    def _failed(self, failure: Failure, name: CommitName) -> None:
        """
        Without an index, PFS is read instead: nobody has to know, unless it is a defect of ours or of the order in which PFS tells files.
        """
        if not failure.check(PFSError, CancelledError):
            self._no_index(name)
            log.error("no index for commit {id}: {error}", id=name.id, error=failure.getErrorMessage())

    def _ended(self, name: CommitName, growth: Growth) -> None:
        self._growths.pop(name, None)
        if growth.state is State.GROWING:
            growth.abandon()

    def _out_of_queue(self, result: Result, branch: tuple[str, str, str], queue: Deferred[DeferredSemaphore]) -> Result:
        if self._queued.get(branch) is queue:
            del self._queued[branch]
        return result

    async def _build(self, growth: Growth, caller: Caller, snapshot: Snapshot, queue: Deferred[DeferredSemaphore]) -> None:
        await queue
        try:
            await self._build_now(growth, caller, snapshot)
        finally:
            self._permits.release()

    async def _build_now(self, growth: Growth, caller: Caller, snapshot: Snapshot) -> None:
        """
        Build an index if the commit is finished: only then will it never change.
        """
        commit = snapshot.file("/").commit
        inspecting = self._pfs.call(methods.INSPECT_COMMIT, pfs.InspectCommitRequest(commit=commit), caller.token)
        early = self._amount_of_dates(caller, snapshot) if growth.streams else succeed(0)
        info, amount = await together(inspecting, early)
        if not info.HasField("finished") or info.error:
            growth.abandon()
            if info.description == SHARED_MARK:
                await self._beneath(caller, snapshot, info)
            return
        base = self._base(snapshot, info)
        index = await self._carried(caller, snapshot, *base) if base is not None else None
        if index is None:
            amount = amount if growth.streams else await self._amount_of_dates(caller, snapshot)
            unmoved = Unmoved(base[1] if base is not None else Index(()))
            index = await self._walked(growth, caller, snapshot, unmoved, amount)
        if growth.state is State.GROWING:
            self._indexes.keep(snapshot.name, growth.complete(index), snapshot.branch.branch.name)

    async def _beneath(self, caller: Caller, snapshot: Snapshot, info: pfs.CommitInfo) -> None:
        """
        See to what lies beneath an open commit of the gateway's own branch: the writer carries that to it.
        """
        if info.parent_commit.id:
            self.grow(caller, replace(snapshot, commit=info.parent_commit.id))
        await finish_left_open(self._pfs, self._clock, info, caller.token)

    def _amount_of_dates(self, caller: Caller, snapshot: Snapshot) -> Deferred[int]:
        return succeed(0) if self.dating is None else Deferred.fromCoroutine(self.dating.amount(caller, snapshot))

    async def _walked(self, growth: Growth, caller: Caller, snapshot: Snapshot, unmoved: Unmoved, amount: int) -> Optional[Index]:
        """
        Build an index by walking. Many records are read meanwhile, and their times come in at the end.

        @param unmoved: the times of files that have been the same before.
        @param amount: of bytes of records.
        @return: the index if it differs from what has grown.
        """
        reading: Deferred[Dates] = succeed({})
        if self.dating is not None and amount:
            reading = Deferred.fromCoroutine(self.dating.all(caller, snapshot))
        try:
            await self._walk(growth, caller, snapshot, unmoved, reading if amount <= EARLY else succeed({}))
            if amount <= EARLY:
                return None
            dates = await reading
        finally:
            reading.addErrback(lambda _: None)
            reading.cancel()
        grown = growth.grown()
        found = [grown.find(name) for name, _ in dates]
        return grown.changed({entry.name: dated(entry, dates) for entry in found if entry is not None})

    async def _walk(self, growth: Growth, caller: Caller, snapshot: Snapshot, unmoved: Unmoved, dating: Deferred[Dates]) -> None:
        """
        Take in all files, until there are too many. The walk is asked for before the dates are waited for.
        """
        now = self._clock.seconds()
        reserved = 0
        growth.streams = True
        branch = snapshot.branch.branch.name
        stream = self._pfs.stream(methods.WALK_FILE, pfs.WalkFileRequest(file=snapshot.file("/")), caller.token)
        try:
            dates = await dating
            while infos := await stream.read():
                entries = (entry_of(info, now) for info in infos if info.file_type == pfs.FILE)
                recalled = (self._times.recalled(snapshot.project, snapshot.repo, branch, entry) for entry in entries)
                growth.add(unmoved.steady(dated(entry, dates)) for entry in recalled)
                room = self._indexes.reserve(growth.size - reserved)
                reserved = growth.size
                if not room:
                    growth.abandon()
                    break
        except PFSError as error:
            if error.kind is not Kind.FILE_NOT_FOUND:
                raise
        finally:
            stream.cancel()
            self._indexes.release(reserved)
        if growth.size > self._indexes.limit:
            self._no_index(snapshot.name)

    def _no_index(self, name: CommitName) -> None:
        """
        Remember that a commit cannot have an index.
        """
        self._without[name] = None
        while len(self._without) > _REMEMBERED:
            self._without.popitem(last=False)

    def _base(self, snapshot: Snapshot, info: pfs.CommitInfo) -> Optional[tuple[CommitName, Index]]:
        """
        An index to begin with: the parent's, or the last one of the branch.
        """
        parent = CommitName(snapshot.project, snapshot.repo, info.parent_commit.id)
        for name in (parent, self._indexes.latest(snapshot.project, snapshot.repo, snapshot.branch.branch.name)):
            index = self._indexes.find(name) if name is not None else None
            if name is not None and index is not None:
                return name, index
        return None

    async def _carried(self, caller: Caller, snapshot: Snapshot, base: CommitName, index: Index) -> Optional[Index]:
        """
        The index made from that of C{base}.

        @return: C{None} if the differences are so many that walking is as good.
        """
        try:
            changes = await self._differences(caller, snapshot, base)
        except PFSError:
            return None
        if changes is None:
            return None
        if self.dating is not None:
            put = [entry for entry in changes.values() if entry is not None]
            dates = await self.dating.few(caller, snapshot, put)
            changes.update((entry.name, dated(entry, dates)) for entry in put)
        return index.changed(changes)

    async def _differences(self, caller: Caller, snapshot: Snapshot, base: CommitName) -> Optional[dict[bytes, Optional[Entry]]]:
        old = snapshot.file("/")
        old.commit.id = base.id
        changes: dict[bytes, Optional[Entry]] = {}
        stream = self._pfs.stream(methods.DIFF_FILE, pfs.DiffFileRequest(new_file=snapshot.file("/"), old_file=old), caller.token)
        try:
            while diffs := await stream.read():
                for diff in diffs:
                    if diff.old_file.file_type == pfs.FILE:
                        changes[diff.old_file.file.path[1:].encode()] = None
                    if diff.new_file.file_type == pfs.FILE:
                        entry = entry_of(diff.new_file, self._clock.seconds())
                        changes[entry.name] = entry
                if len(changes) > _LARGE_DIFF:
                    return None
        finally:
            stream.cancel()
        return changes
