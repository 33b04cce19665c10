"""
DeleteObject and DeleteObjects.

What is not there is deleted already: it makes no commit when that is known, or can be found out with a few calls. Deleting a directory's
marker takes away only the marker, and none of the files below. A directory goes with its last file, marked or not: clients that want an
empty directory to stay put its marker again, as they do on S3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.objects.changes import Change
from pachgw.objects.destinations import branch_of, destination
from pachgw.objects.failures import s3_error
from pachgw.objects.paths import Names
from pachgw.objects.resolving import Resolver, Snapshot
from pachgw.objects.sharing import all_of
from pachgw.objects.standing import Standing
from pachgw.objects.values import Caller, Deleted, Deletion, etag_of
from pachgw.objects.writer import Writer
from pachgw.pfs.errors import PFSError
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import Conditions
from pachgw.s3.errors import NotImplemented, S3Error
from pachgw.s3.keys import marker_path

FEW = 8
"""
So many keys are looked at before a commit is made for them. More are deleted without a look when no index is at hand.
"""


def file_of(names: Names, key: str) -> Optional[str]:
    """
    The path of the file that goes when a key is deleted, C{None} for a key that PFS cannot hold.
    """
    directory = names.directory_of(key)
    return names.path_of(key) if directory is None else marker_path(directory)


class Deletes:
    """
    Takes objects away.
    """

    def __init__(self, resolver: Resolver, standing: Standing, writer: Writer) -> None:
        self._resolver = resolver
        self._standing = standing
        self._writer = writer

    async def delete(self, caller: Caller, bucket: Bucket, key: str, conditions: Conditions) -> Deleted:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        [deleted] = await self._delete(caller, bucket, [_Wish(key, file_of(self._resolver.names, key), conditions)])
        if deleted.error is not None:
            raise deleted.error
        return deleted

    async def delete_many(self, caller: Caller, bucket: Bucket, keys: Sequence[Deletion]) -> Sequence[Deleted]:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        return await self._delete(caller, bucket, [_wish(self._resolver.names, deletion) for deletion in keys])

    async def _delete(self, caller: Caller, bucket: Bucket, wishes: Sequence[_Wish]) -> Sequence[Deleted]:
        snapshot = await destination(self._resolver, caller, bucket)
        change = await self._change(caller, snapshot, wishes, None)
        version = None
        if change.deletes:
            conditional = any(wish.conditions for wish in wishes)

            async def decide(parent: str) -> Change:
                return await self._change(caller, snapshot, wishes, parent)

            landed = await self._writer.submit(caller, branch_of(bucket), change, decide if conditional else None)
            version = landed.id
        return [Deleted(wish.key, version if wish.going else None, wish.error) for wish in wishes]

    async def _change(self, caller: Caller, snapshot: Snapshot, wishes: Sequence[_Wish], parent: Optional[str]) -> Change:
        """
        What has to go. Each wish learns whether it does, or why not.

        @param parent: the commit to look at, if it is not the snapshot's.
        """
        look = len(wishes) <= FEW or self._standing.index(snapshot, parent) is not None
        await all_of([Deferred.fromCoroutine(self._judge(caller, snapshot, wish, parent, look)) for wish in wishes])
        return Change(deletes=tuple(dict.fromkeys(wish.path for wish in wishes if wish.going and wish.path is not None)))

    async def _judge(self, caller: Caller, snapshot: Snapshot, wish: _Wish, parent: Optional[str], look: bool) -> None:
        wish.going = wish.path is not None and wish.error is None
        if wish.path is None or not wish.going or not (look or wish.conditions):
            return
        try:
            found = await self._standing.find(caller, snapshot, wish.path, parent)
            wish.going = found is not None and not found.directory
            wish.conditions.check_delete(etag_of(found.hash) if wish.going and found is not None else None)
        except PFSError as error:
            raise s3_error(error) from error
        except S3Error as error:
            wish.going, wish.error = False, error


class _Wish:
    """
    A key that is to go.

    @ivar path: its file.
    @ivar going: whether it goes.
    @ivar error: why not.
    """

    def __init__(self, key: str, path: Optional[str], conditions: Conditions, error: Optional[S3Error] = None) -> None:
        self.key = key
        self.path = path
        self.conditions = conditions
        self.error = error
        self.going = False


def _wish(names: Names, deletion: Deletion) -> _Wish:
    conditions = Conditions(if_match=(deletion.etag,)) if deletion.etag is not None else Conditions()
    error = NotImplemented("Commits do not change, so a single version cannot be deleted.") if deletion.version is not None else None
    return _Wish(deletion.key, file_of(names, deletion.key), conditions, error)
