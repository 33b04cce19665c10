"""
File sets: content that belongs to no commit yet, kept alive while it is needed.

PFS forgets a file set after its time to live. What is gone is never found out by a commit that refers to it, for copying what is
missing is no error there; so a file set is renewed right before the commit.
"""

from __future__ import annotations

import txaio
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

from pachgw.objects.failures import s3_error
from pachgw.objects.values import Caller
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import FILE_SETS, commit, file, repo
from pachgw.pfs.methods import RENEW_FILE_SET
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import DEFAULT_PROJECT

TIME_TO_LIVE = 1800
"""
Seconds that a file set lives without being renewed: the most that PFS allows.
"""

RENEWAL = 240.0
"""
Seconds between renewals. PFS's own default for the time to live is some ten minutes.
"""

_RECENT = 30.0

CONTENT = "/content"
"""
The path at which our file sets hold their one file.
"""

_log = txaio.make_logger()


def file_set_commit(id: str) -> pfs.Commit:
    """
    A file set as the commit through which it is read.
    """
    return commit(repo(DEFAULT_PROJECT, FILE_SETS), id)


class FileSet:
    """
    A file set that is renewed until it is released.

    @ivar id: PFS's name for it.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, id: str, caller: Caller) -> None:
        self.id = id
        self._pfs = ipfs
        self._clock = clock
        self._token = caller.token
        self._renewed = clock.seconds()
        self._loop = LoopingCall(self._keep)
        self._loop.clock = clock
        self._loop.start(RENEWAL, now=False)

    @property
    def content(self) -> pfs.File:
        """
        Its one file.
        """
        return file(file_set_commit(self.id), CONTENT)

    async def renew(self) -> None:
        """
        Make sure that it is there, and will be for a while.

        @raise ServiceUnavailable: it is not.
        """
        if self._clock.seconds() - self._renewed < _RECENT:
            return
        try:
            await self._renew()
        except PFSError as error:
            raise s3_error(error) from error

    def release(self) -> None:
        """
        Renew it no more. PFS forgets it in time.
        """
        if self._loop.running:
            self._loop.stop()

    async def _renew(self) -> None:
        request = pfs.RenewFileSetRequest(file_set_id=self.id, ttl_seconds=TIME_TO_LIVE)
        await self._pfs.call(RENEW_FILE_SET, request, self._token)
        self._renewed = self._clock.seconds()

    def _keep(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._try_to_renew())

    async def _try_to_renew(self) -> None:
        try:
            await self._renew()
        except PFSError as error:
            _log.warn("file set {id} could not be renewed: {error}", id=self.id, error=error)
            if error.kind is Kind.FILE_SET_GONE:
                self.release()
