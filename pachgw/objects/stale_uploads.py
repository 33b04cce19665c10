"""
Forgetting uploads that nobody goes on with, and what became of those that were completed long ago.

The gateway knows no list of repos, so it looks after a repo when somebody begins an upload there: in the background, once an hour at the
most, with the right of whoever came.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.changes import Change
from pachgw.objects.destinations import own_branch
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.upload_records import (
    completed_path,
    completed_records,
    directory_of_upload,
    upload_path,
    upload_records,
)
from pachgw.objects.values import Caller
from pachgw.objects.writer import Writer
from pachgw.s3.buckets import Bucket

AGE = 7 * 24 * 3600.0
"""
Seconds after its begin at which an upload is stale, when nothing else is set.
"""

INTERVAL = 3600.0
"""
Seconds between looks at one repo.
"""

_REPOS = 1000

_log = txaio.make_logger()


class StaleUploads:
    """
    Collects stale uploads.
    """

    def __init__(self, clock: IReactorTime, branches: OwnBranches, writer: Writer, age: float = AGE) -> None:
        """
        @param age: seconds after its begin at which an upload is stale.
        """
        self._clock = clock
        self._branches = branches
        self._writer = writer
        self._age = age
        self._looked: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._running: set[Deferred[None]] = set()

    def consider(self, caller: Caller, bucket: Bucket) -> None:
        """
        Look after a repo, if that has not been done lately. It goes on in the background.
        """
        repo = (bucket.project, bucket.repo)
        now = self._clock.seconds()
        if now - self._looked.get(repo, -INTERVAL) < INTERVAL:
            return
        self._looked[repo] = now
        while len(self._looked) > _REPOS:
            self._looked.popitem(last=False)
        looking = Deferred.fromCoroutine(self.collect(caller, bucket))
        self._running.add(looking)
        looking.addErrback(lambda failure: _log.info("stale uploads could not be collected: {error}", error=failure.value))
        looking.addBoth(lambda _: self._running.discard(looking))

    async def collect(self, caller: Caller, bucket: Bucket) -> None:
        """
        Forget what is stale in a repo, in one commit; in none if there is nothing.
        """
        directories = set(await self._branches.names(caller, bucket, "/uploads/"))
        uploads = list(upload_records(await self._branches.read(caller, bucket, upload_path("*"))))
        completed = list(completed_records(await self._branches.read(caller, bucket, completed_path("*"))))
        before = self._clock.seconds() - self._age
        stale = {record.id for record in uploads if record.started < before}
        orphans = directories - {record.id for record in uploads}
        forgotten = [record.place for record in completed if record.info.modified < before]
        deletes = (*_directories(stale | orphans), *sorted(forgotten))
        if deletes:
            _log.info("{uploads} stale uploads are collected in {repo}", uploads=len(stale | orphans), repo=bucket.repo)
            await self._writer.submit(caller, own_branch(bucket), Change(deletes=deletes))

    def close(self) -> None:
        """
        Stop what goes on.
        """
        for looking in list(self._running):
            looking.cancel()


def _directories(ids: Iterable[str]) -> Iterable[str]:
    return (directory_of_upload(id) for id in sorted(ids))
