"""
PutObject.
"""

from __future__ import annotations

from pachgw.objects.destinations import place
from pachgw.objects.interfaces import Body
from pachgw.objects.replacing import Replacer, holds_bytes
from pachgw.objects.resolving import Resolver
from pachgw.objects.spool import Spool
from pachgw.objects.values import Caller, Written
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import Conditions
from pachgw.s3.keys import is_marker
from pachgw.s3.metadata import Metadata


class Puts:
    """
    Puts objects in place of what is there.
    """

    def __init__(self, resolver: Resolver, spool: Spool, replacer: Replacer) -> None:
        self._resolver = resolver
        self._spool = spool
        self._replacer = replacer

    async def put(self, caller: Caller, bucket: Bucket, key: str, body: Body, metadata: Metadata, conditions: Conditions) -> Written:
        """
        See L{IObjects<pachgw.objects.interfaces.IObjects>}.
        """
        target = await place(self._resolver, caller, bucket, key)
        if is_marker(target.path) and body.length:
            raise holds_bytes(key)
        await self._replacer.refuse_early(target, conditions)
        content = await self._spool.take(body, caller)
        try:
            return await self._replacer.replace(target, content, metadata, body.checksums(), conditions)
        finally:
            content.release()
