"""
The writers of all branches.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.objects.batches import Bounds, Decide
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
    ) -> None:
        """
        @param accepted: acknowledge when PFS has taken a commit, before it is finished (C{--ack accepted}).
        @param windows: by the name of a bucket, the seconds in which its writes are gathered.
        """
        self._pfs = ipfs
        self._clock = clock
        self._indexes = indexes
        self._accepted = accepted
        self._bounds = bounds
        self._windows = windows or {}
        self._writers: OrderedDict[tuple[str, str, str], BranchWriter] = OrderedDict()
        self._closed = False
        self.commits = 0
        self.changes = 0

    def submit(
        self, caller: Caller, branch: pfs.Branch, change: Change, decide: Optional[Decide] = None, beside: Optional[Change] = None
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

    async def close(self) -> None:
        """
        Let what has been accepted end, within L{PARTING} seconds.
        """
        self._closed = True
        deadline = self._clock.seconds() + PARTING
        while any(not writer.idle for writer in self._writers.values()):
            if self._clock.seconds() >= deadline:
                _log.warn("the gateway stops while commits are still under way")
                return
            await deferLater(self._clock, _PAUSE)

    def _writer(self, branch: pfs.Branch) -> BranchWriter:
        key = (branch.repo.project.name, branch.repo.name, branch.name)
        writer = self._writers.get(key)
        if writer is None:
            own = branch.name == OWN_BRANCH
            window = self._windows.get(Bucket(*key).name, 0.0)
            companion = None if own else lambda: self._writer(pfs.Branch(repo=branch.repo, name=OWN_BRANCH))
            writer = BranchWriter(self._pfs, self._clock, branch, self._carry, own, self._accepted, self._bounds, window, companion)
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
        self.commits += 1
        self.changes += len(changes)
        project, repo = branch.repo.project.name, branch.repo.name
        parent = CommitName(project, repo, landed.parent)
        index = self._indexes.find(parent)
        if index is None:
            return
        written = {put.path: _entry(put, landed) for change in changes for put in change.puts}
        removed = {path for change in changes for name in (*change.deletes, *change.sweeps) for path in _files(index, name)}
        self._indexes.carry(parent, CommitName(project, repo, landed.id), written.values(), removed - written.keys())


def _files(index: Index, path: str) -> Iterator[str]:
    """
    The files that go when a path is deleted: itself, or all below a directory.
    """
    if not path.endswith("/"):
        yield path
        return
    prefix = path[1:].encode()
    cursor = index.cursor(prefix)
    while (entry := cursor.next()) is not None and entry.name.startswith(prefix):
        yield f"/{entry.name.decode()}"


def _entry(put: Put, landed: Landed) -> Entry:
    """
    A file as the index shows it.
    """
    return Entry(put.path[1:].encode(), put.size, landed.finished if put.modified is None else put.modified, put.hash)
