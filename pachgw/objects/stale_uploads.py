"""
Forgetting uploads that nobody goes on with, and what became of those that were completed long ago: when somebody begins an upload in the
repo, once an hour at the most.
"""

from __future__ import annotations

from collections.abc import Iterable

import txaio
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.changes import Change
from pachgw.objects.destinations import own_branch
from pachgw.objects.occasions import Occasions
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
        self._occasions = Occasions(clock, self.collect, "stale uploads could not be collected", INTERVAL)

    def consider(self, caller: Caller, bucket: Bucket) -> None:
        """
        Look after a repo, if that has not been done lately. It goes on in the background.
        """
        self._occasions.consider(caller, bucket)

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
        self._occasions.close()


def _directories(ids: Iterable[str]) -> Iterable[str]:
    return (directory_of_upload(id) for id in sorted(ids))
