"""
Joining parts without copying their bytes: a file set for each part, each a single reference, layered in their order.

PFS concatenates what several layers add to one path; several references within one set it refuses.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import DeferredSemaphore
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.contents import Contents
from pachgw.objects.file_sets import CONTENT, TIME_TO_LIVE, FileSet, file_set_commit
from pachgw.objects.modifications import copy_file
from pachgw.objects.sharing import all_of
from pachgw.objects.spool import Spooled, spooled
from pachgw.objects.values import Caller
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.methods import COMPOSE_FILE_SET, CREATE_FILE_SET
from pachgw.pfs.proto import pfs_pb2 as pfs

AT_ONCE = 8
"""
How many file sets are made at once.
"""

GROUP = 500
"""
How many file sets are layered at once: they must not expire while others are made.
"""


CUTTING = 3600.0
"""
Seconds that pachd may take to tell the hash of what is joined: it cuts the content anew where parts meet, which for small parts is all of
it, and reads some 50 to 100 MiB a second for that.
"""


class Joiner:
    """
    Joins files.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._contents = Contents(ipfs, file_set_commit("").repo)

    async def join(self, caller: Caller, sources: Sequence[pfs.File], size: int) -> Spooled:
        """
        One content made of several.

        @param sources: the files, with literal paths, in order.
        @param size: what they should have in all, in bytes.
        """
        groups = [
            await self._layer(caller, await self._sets(caller, sources[start : start + GROUP])) for start in range(0, len(sources), GROUP)
        ]
        id = groups[0] if len(groups) == 1 else await self._layer(caller, groups)
        return await spooled(self._contents, FileSet(self._pfs, self._clock, id, caller), size, caller, CUTTING)

    async def _sets(self, caller: Caller, sources: Sequence[pfs.File]) -> Sequence[str]:
        semaphore = DeferredSemaphore(AT_ONCE)
        making = [semaphore.run(self._set, caller, source) for source in sources]
        return await all_of(making)

    async def _set(self, caller: Caller, source: pfs.File) -> str:
        sink = self._pfs.send(CREATE_FILE_SET, caller.token)
        try:
            await sink.write(copy_file(CONTENT, source, append=True))
            return (await sink.finish()).file_set_id
        except BaseException:
            sink.cancel()
            raise

    async def _layer(self, caller: Caller, ids: Sequence[str]) -> str:
        request = pfs.ComposeFileSetRequest(file_set_ids=ids, ttl_seconds=TIME_TO_LIVE)
        return (await self._pfs.call(COMPOSE_FILE_SET, request, caller.token)).file_set_id
