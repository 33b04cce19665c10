"""
The writers of all branches.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.objects.batches import Beside, Bounds, Decide
from pachgw.objects.blocks import Entry
from pachgw.objects.branch_writer import BranchWriter
from pachgw.objects.changes import Change, Landed, Put
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName, Indexes
from pachgw.objects.resolving import OWN_BRANCH
from pachgw.objects.values import Caller
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.errors import ServiceUnavailable

PARTING = 30.0
"""
Seconds that are given to what has been accepted when the gateway stops.
"""

_KEPT = 1000
_PAUSE = 0.05

_log = txaio.make_logger()


class Writer:
    """
    Commits changes: those of one branch in batches, those of different branches side by side.

    What a commit changed is carried to the index of its successor, so that the next reader need not ask.

    @ivar commits: how many commits have been made.
    @ivar changes: how many changes they hold.
    """

    def __init__(
        self,
        ipfs: IPFS,
        clock: IReactorTime,
        indexes: Indexes,
        accepted: bool = False,
        bounds: Optional[Bounds] = None,
        windows: Optional[Mapping[str, float]] = None,
        sole: bool = False,
    ) -> None:
        """
        @param accepted: acknowledge when PFS has taken a commit, before it is finished (C{--ack accepted}).
        @param windows: by the name of a bucket, the seconds in which its writes are gathered.
        @param sole: whether no other gateway writes to this PFS.
        """
        self._pfs = ipfs
        self._clock = clock
        self._indexes = indexes
        self._accepted = accepted
        self._bounds = bounds
        self._windows = windows or {}
        self._sole = sole
        self._writers: OrderedDict[tuple[str, str, str], BranchWriter] = OrderedDict()
        self._closed = False
        self.commits = 0
        self.changes = 0

    def submit(
        self, caller: Caller, branch: pfs.Branch, change: Change, decide: Optional[Decide] = None, beside: Optional[Beside] = None
    ) -> Deferred[Landed]:
        """
        Have a change committed, with others that are in flight on that branch.

        @param decide: for a conditional change.
        @param beside: what is to be kept with it on the gateway's own branch of the repo.
        @return: fires with the commit that holds it.
        @raise S3Error: (by the Deferred) it was refused; nothing of it was done.
        """
        if self._closed:
            raise ServiceUnavailable("The gateway is stopping. Try again soon, or at another gateway.")
        return self._writer(branch).submit(change, caller.token, decide, beside)

    def settle(self, caller: Caller, own: pfs.Branch) -> Deferred[str]:
        """
        See to it that what a gateway's own branch holds does not change any more.

        @return: the id of its head, which is finished; empty for a branch that is not there.
        """
        return self._writer(own).settle(caller.token)

    async def close(self) -> None:
        """
        Let what has been accepted end, within L{PARTING} seconds.
        """
        self._closed = True
        deadline = self._clock.seconds() + PARTING
        while busy := [writer for writer in self._writers.values() if not writer.idle]:
            if self._clock.seconds() >= deadline:
                _log.warn("the gateway stops while commits are still under way")
                return
            for writer in busy:
                writer.rest()
            await deferLater(self._clock, _PAUSE)

    def _writer(self, branch: pfs.Branch) -> BranchWriter:
        key = (branch.repo.project.name, branch.repo.name, branch.name)
        writer = self._writers.get(key)
        if writer is None:
            own = branch.name == OWN_BRANCH
            window = self._windows.get(Bucket(*key).name, 0.0)
            companion = None if own else lambda: self._writer(pfs.Branch(repo=branch.repo, name=OWN_BRANCH))
            writer = BranchWriter(
                self._pfs, self._clock, branch, self._carry, own, self._accepted, self._bounds, window, companion, self._sole
            )
            self._writers[key] = writer
            self._forget()
        self._writers.move_to_end(key)
        return writer

    def _forget(self) -> None:
        """
        Keep the writers of so many branches only, but none that is at work.
        """
        for key in [key for key, writer in self._writers.items() if writer.idle][: max(0, len(self._writers) - _KEPT)]:
            del self._writers[key]

    def _carry(self, branch: pfs.Branch, landed: Landed, changes: Sequence[Change]) -> None:
        """
        Count a commit, and tell the indexes what it changed.
        """
        self.commits += not landed.earlier
        self.changes += len(changes)
        project, repo = branch.repo.project.name, branch.repo.name
        parent, child = CommitName(project, repo, landed.parent), CommitName(project, repo, landed.id)
        grows = bool(landed.earlier) and self._indexes.find(child) is not None
        base, since = (child, changes) if grows else (parent, (*landed.earlier, *changes))
        index = self._indexes.find(base)
        if index is not None:
            self._indexes.carry(base, child, _changed(index, landed, since))


def _changed(index: Index, landed: Landed, changes: Sequence[Change]) -> dict[bytes, Optional[Entry]]:
    """
    What there is at the names that some changes name, C{None} where there is nothing any more.

    @param index: of what they changed.
    """
    found: dict[bytes, Optional[Entry]] = {}
    for change in changes:
        for path in (*change.deletes, *change.sweeps):
            found.update(dict.fromkeys(_gone(index, found, path[1:].encode())))
        found.update((put.path[1:].encode(), _entry(put, landed)) for put in change.puts)
    return found


def _gone(index: Index, changed: Iterable[bytes], name: bytes) -> list[bytes]:
    """
    The files that go when something is deleted: itself, or all below a directory.
    """
    if not name.endswith(b"/"):
        return [name]
    files = [other for other in changed if other.startswith(name)]
    cursor = index.cursor(name)
    while (entry := cursor.next()) is not None and entry.name.startswith(name):
        files.append(entry.name)
    return files


def _entry(put: Put, landed: Landed) -> Entry:
    """
    A file as the index shows it.
    """
    return Entry(put.path[1:].encode(), put.size, landed.finished if put.modified is None else put.modified, put.hash)
