"""
CopyObject: by reference, whatever the size, between any two places that the caller may read and write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.objects.changes import Change
from pachgw.objects.contents import Contents
from pachgw.objects.destinations import branch_of, place
from pachgw.objects.interfaces import OpenObject
from pachgw.objects.paths import Names
from pachgw.objects.replacing import Replacer
from pachgw.objects.resolving import Resolver
from pachgw.objects.sharing import together
from pachgw.objects.spool import Spooled
from pachgw.objects.values import Caller, ObjectInfo, Source, Written
from pachgw.pfs import messages
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import Conditions
from pachgw.s3.copy_source import check_changes_something
from pachgw.s3.errors import NoSuchKey
from pachgw.s3.metadata import Metadata

Open = Callable[[Caller, Bucket, str, Optional[str]], Deferred[OpenObject]]
"""
Finds an object that the caller may read: L{IObjects.open<pachgw.objects.interfaces.IObjects.open>}.
"""


def origin(names: Names, source: Source, info: ObjectInfo) -> pfs.File:
    """
    The file of a source, in the commit that was read. Its path is a literal glob.
    """
    where = messages.commit(messages.repo(source.bucket.project, source.bucket.repo), info.version)
    return messages.file(where, messages.literal(names.path(source.key)))


class Copies:
    """
    Copies objects.
    """

    def __init__(self, ipfs: IPFS, resolver: Resolver, open: Open, replacer: Replacer) -> None:
        self._pfs = ipfs
        self._resolver = resolver
        self._open = open
        self._replacer = replacer

    async def copy(
        self, caller: Caller, source: Source, bucket: Bucket, key: str, metadata: Optional[Metadata], conditions: Conditions
    ) -> Written:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        check_changes_something(source, bucket, key, metadata is not None)
        opening = self._open(caller, source.bucket, source.key, source.version)
        target, opened = await together(Deferred.fromCoroutine(place(self._resolver, caller, bucket, key)), opening)
        info = opened.info
        source.conditions.check_copy(info.etag, info.modified)
        await self._replacer.refuse_early(target, conditions)
        content = Spooled(b"" if info.size == 0 else origin(self._resolver.names, source, info), info.size, info.hash)
        kept = info.metadata if metadata is None else metadata
        written = await self._replacer.replace(target, content, kept, info.checksums, conditions)
        if isinstance(content.content, pfs.File):
            change = Change((content.put(target.path),))
            if not await Contents(self._pfs, branch_of(bucket).repo).hold(written.info.version, [change], caller.token):
                raise NoSuchKey("The source was taken away while it was being copied.", Key=source.key)
        return written
