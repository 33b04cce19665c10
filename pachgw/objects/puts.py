"""
PutObject.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from pachgw.objects.batches import Decide
from pachgw.objects.changes import Change, Landed, Put, ancestors
from pachgw.objects.destinations import branch_of, destination
from pachgw.objects.interfaces import Body
from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.spool import Spool, Spooled
from pachgw.objects.standing import Found, Standing
from pachgw.objects.values import Caller, ObjectInfo, Written, etag_of
from pachgw.objects.writer import Writer
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import Conditions
from pachgw.s3.errors import InvalidFilePath
from pachgw.s3.keys import check_key, is_marker, marker_path
from pachgw.s3.metadata import Checksum, Metadata


def sweeps(path: str) -> Iterator[str]:
    """
    The markers that a file at a path makes superfluous: those of the directories above it.
    """
    return (marker_path(f"{above}/") for above in ancestors(path))


class Puts:
    """
    Puts objects in place of what is there.
    """

    def __init__(self, resolver: Resolver, standing: Standing, spool: Spool, writer: Writer) -> None:
        self._resolver = resolver
        self._standing = standing
        self._spool = spool
        self._writer = writer

    async def put(self, caller: Caller, bucket: Bucket, key: str, body: Body, metadata: Metadata, conditions: Conditions) -> Written:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        check_key(key)
        snapshot = await destination(self._resolver, caller, bucket)
        if is_marker(key):
            return await self._put_marker(caller, bucket, snapshot, key, body, metadata, conditions)
        path = f"/{key}"
        self._standing.refuse_collision(snapshot, path)
        await self._refuse_early(caller, snapshot, path, conditions)
        spooled = await self._spool.take(body, caller)
        try:
            landed = await self.write(caller, bucket, snapshot, spooled, path, conditions)
        finally:
            spooled.release()
        return written(key, spooled.put(path), landed, metadata, body.checksums())

    async def write(
        self, caller: Caller, bucket: Bucket, snapshot: Snapshot, spooled: Spooled, path: str, conditions: Conditions
    ) -> Landed:
        """
        Commit content that is at hand.

        @param snapshot: of the bucket, as L{destination} gave it.
        """
        change = Change((spooled.put(path),), sweeps=tuple(sweeps(path)), renew=spooled.renew)
        return await self._writer.submit(caller, branch_of(bucket), change, self.decide(caller, snapshot, path, change, conditions))

    def decide(self, caller: Caller, snapshot: Snapshot, path: str, change: Change, conditions: Conditions) -> Optional[Decide]:
        """
        How a conditional write is decided: by what is at its path in the commit before it.
        """
        if not conditions:
            return None

        async def decide(parent: str) -> Change:
            conditions.check_write(_etag(await self._standing.find(caller, snapshot, path, parent)))
            return change

        return decide

    async def _refuse_early(self, caller: Caller, snapshot: Snapshot, path: str, conditions: Conditions) -> None:
        """
        Look at the conditions before the body has been read: what does not hold now spares the client the sending.
        """
        if conditions:
            conditions.check_write(_etag(await self._standing.find(caller, snapshot, path)))

    async def _put_marker(
        self, caller: Caller, bucket: Bucket, snapshot: Snapshot, key: str, body: Body, metadata: Metadata, conditions: Conditions
    ) -> Written:
        """
        Make a directory that has no files. One that has some is there already.
        """
        if body.length or (await self._spool.take(body, caller)).size:
            raise InvalidFilePath(
                "PFS has directories, so a key that ends in '/' holds no bytes. Leave the '/' off, or send nothing.", Key=key
            )
        found = await self._standing.find(caller, snapshot, f"/{key[:-1]}")
        conditions.check_write(_etag(found))
        put = Put.of(f"/{marker_path(key)}", b"")
        if found is not None and found.directory:
            landed = Landed(snapshot.commit, "", snapshot.branch.updated_at.seconds)
        else:
            self._standing.refuse_collision(snapshot, put.path)
            landed = await self._writer.submit(caller, branch_of(bucket), Change((put,)))
        return written(key, put, landed, metadata, body.checksums())


def written(key: str, put: Put, landed: Landed, metadata: Optional[Metadata], checksums: tuple[Checksum, ...]) -> Written:
    """
    What to tell of a file that has been put.
    """
    return Written(ObjectInfo(key, put.size, put.hash, landed.finished, landed.id, metadata, checksums, marker=is_marker(key)))


def _etag(found: Optional[Found]) -> Optional[str]:
    return None if found is None else etag_of(found.hash)
