"""
Collecting the records of contents that no commit of the repo holds any more, since commits were squashed or dropped, or a gateway died
between a record and its object.

A round looks at some thousands of contents, in the order of their places, and goes on where the last one ended: how far that was is at
C{/upkeep/records}, so that restarts and other gateways know::

    {"pachgw": 1, "kind": "upkeep", "time": 1732620000.25, "after": "DIRECTORY-NAME/HASH"}

No record is taken away that is needed. It must be older than L{AGE}, so that its object's commit, which is made at the same time, has
long been there; no commit may hold its content (L{pachgw.objects.held}); and the commit without it is made like that of a conditional
write, which shows what the branch holds just before: if anything was put since at the record's place, it stays. So any number of gateways
may collect at the same time, without a lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from pachgw.objects.changes import Change, Put
from pachgw.objects.cursors import LAST
from pachgw.objects.destinations import own_branch
from pachgw.objects.held import Held
from pachgw.objects.object_parts import PARTS
from pachgw.objects.occasions import Occasions
from pachgw.objects.own_branches import OwnBranches, own_snapshot
from pachgw.objects.recollecting import valid_records
from pachgw.objects.records import OBJECTS, line, records
from pachgw.objects.resolving import Snapshot
from pachgw.objects.values import Caller
from pachgw.objects.walking import WalkReader
from pachgw.objects.writer import Writer
from pachgw.pfs import methods
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import literal
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.errors import ConditionalRequestConflict

AGE = 24 * 3600.0
"""
Seconds for which a record is kept whatever the commits hold.
"""

INTERVAL = 24 * 3600.0
"""
Seconds from one round in a repo to the next.
"""

DELAY = 3600.0
"""
Seconds after the first record that a gateway keeps in a repo in which it does not look after the repo.
"""

MOST = 50_000
"""
The most records that a round looks at, about 20 MB of memory.
"""

REMOVED = 1000
"""
The most contents whose records are taken away in one commit.
"""

PROGRESS = "/upkeep/records"

_PAUSE = 0.02
_RUN = 1000

_log = txaio.make_logger()


class Swept(NamedTuple):
    """
    What became of a round.

    @ivar looked: how many contents were looked for.
    @ivar removed: of how many the records were taken away.
    @ivar after: where the next round goes on, empty for the beginning.
    """

    looked: int
    removed: int
    after: str


class _Shelf(NamedTuple):
    """
    What a round looks at.

    @ivar own: the commit of the gateway's own branch.
    @ivar paths: by the name of a content, what is kept of it.
    @ivar after: the last name if there are more, else empty.
    """

    own: Snapshot
    paths: dict[str, list[str]]
    after: str


class RecordSweeps:
    """
    Collects records.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, branches: OwnBranches, writer: Writer, age: float = AGE) -> None:
        """
        @param age: seconds for which a record is kept in any case.
        """
        self._pfs = ipfs
        self._clock = clock
        self._branches = branches
        self._writer = writer
        self._age = age
        self._occasions = Occasions(clock, self._look_after, "records could not be collected", INTERVAL, DELAY)

    def consider(self, caller: Caller, bucket: Bucket) -> None:
        """
        Do a round in a repo, if that has not been done lately. It goes on in the background.
        """
        self._occasions.consider(caller, bucket)

    def close(self) -> None:
        """
        Stop what goes on.
        """
        self._occasions.close()

    async def sweep(self, caller: Caller, bucket: Bucket, after: str = "") -> Swept:
        """
        Do a round.

        @param after: go on behind the content of this name.
        @raise PFSError: PFS cannot tell what commits hold; nothing was changed.
        """
        head = await self._writer.settle(caller, own_branch(bucket))
        if not head:
            return Swept(0, 0, "")
        own = own_snapshot(bucket, head)
        shelf = await self._shelf(caller, own, after)
        if not shelf.paths:
            return Swept(0, 0, "")
        wanted = set(shelf.paths)
        await Held(self._pfs, own_branch(bucket).repo, caller.token, self._pause).strike(wanted)
        unheld = sorted(wanted)
        reached = unheld[REMOVED - 1] if len(unheld) > REMOVED else shelf.after
        doomed = [name for name in unheld[:REMOVED] if await self._old(caller, bucket, shelf, name)]
        removed = await self._remove(caller, bucket, shelf, doomed, reached)
        return Swept(len(shelf.paths), removed, reached)

    async def _look_after(self, caller: Caller, bucket: Bucket) -> None:
        """
        Do a round, unless somebody else has done one lately.
        """
        time, after = 0.0, ""
        for record in records(await self._branches.read(caller, bucket, PROGRESS), "upkeep"):
            time, after = record.get("time", 0.0), record.get("after", "")
        if self._clock.seconds() - time < INTERVAL:
            return
        swept = await self.sweep(caller, bucket, after)
        _log.info("{removed} of {looked} records are collected in {repo}", removed=swept.removed, looked=swept.looked, repo=bucket.repo)

    async def _shelf(self, caller: Caller, own: Snapshot, after: str) -> _Shelf:
        """
        What is kept of the contents behind C{after}: records, and descriptions of parts.
        """
        paths: dict[str, list[str]] = {}
        await self._gather(caller, own, OBJECTS, after, lambda name: len(paths) < MOST, paths)
        last = max(paths, default="") if len(paths) >= MOST else ""
        await self._gather(caller, own, PARTS, after, lambda name: not last or name <= last, paths)
        return _Shelf(own, paths, last)

    async def _gather(
        self, caller: Caller, own: Snapshot, directory: str, after: str, going: Callable[[str], bool], paths: dict[str, list[str]]
    ) -> None:
        """
        Take in the files of a directory behind C{after}, as long as it is going on.
        """
        begin = f"{directory[1:]}/".encode()
        reader = WalkReader(self._pfs, caller, own, self._clock.seconds(), _RUN)
        try:
            await reader.seek(begin + (f"{after}/".encode() + LAST if after else b""))
            while entries := await reader.read(_RUN):
                for entry in entries:
                    path = f"/{entry.name.decode()}"
                    name = "/".join(path.split("/")[2:4])
                    if not entry.name.startswith(begin) or not going(name):
                        return
                    paths.setdefault(name, []).append(path)
        finally:
            reader.close()

    async def _old(self, caller: Caller, bucket: Bucket, shelf: _Shelf, name: str) -> bool:
        """
        Whether what is kept of a content that no commit holds may go: a record that is old and whole, and whatever parts. Parts without
        a record are left over, since the two are committed together. What is damaged, or newer than this program, stays.
        """
        place = f"{OBJECTS}/{name}"
        if place not in shelf.paths[name]:
            return True
        found = valid_records(await self._branches.read(caller, bucket, literal(place), shelf.own.commit))
        await self._pause()
        return any(record.place == place and record.modified < self._clock.seconds() - self._age for record in found)

    async def _remove(self, caller: Caller, bucket: Bucket, shelf: _Shelf, doomed: Sequence[str], reached: str) -> int:
        """
        Commit how far this has come, without what is doomed.
        """
        removed = 0

        async def decide(parent: str) -> Change:
            nonlocal removed
            changed = await self._changed(caller, shelf.own, parent)
            going = [shelf.paths[name] for name in doomed if changed.isdisjoint(shelf.paths[name])]
            removed = len(going)
            return Change((progress,), tuple(path for paths in going for path in paths))

        progress = Put.of(PROGRESS, line("upkeep", {"time": round(self._clock.seconds(), 3), "after": reached}))
        change = Change((progress,), tuple(path for name in doomed for path in shelf.paths[name]))
        try:
            await self._writer.submit(caller, own_branch(bucket), change, decide if doomed else None)
        except ConditionalRequestConflict:
            return 0
        return removed

    async def _changed(self, caller: Caller, own: Snapshot, parent: str) -> set[str]:
        """
        The paths of the own branch at which the commit C{parent} holds something else.
        """
        changed: set[str] = set()
        if parent == own.commit:
            return changed
        now = own.file("/")
        now.commit.id = parent
        stream = self._pfs.stream(methods.DIFF_FILE, pfs.DiffFileRequest(new_file=now, old_file=own.file("/")), caller.token)
        try:
            while diffs := await stream.read():
                changed.update(info.file.path for diff in diffs for info in (diff.new_file, diff.old_file) if info.file_type == pfs.FILE)
        finally:
            stream.cancel()
        return changed

    def _pause(self) -> Deferred[None]:
        """
        Leave PFS to others for a moment.
        """
        return deferLater(self._clock, _PAUSE)
