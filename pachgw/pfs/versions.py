"""
Which pachd it is, and what that one cannot do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from google.protobuf.empty_pb2 import Empty
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.methods import GET_VERSION
from pachgw.pfs.proto import version_pb2 as version


@dataclass(frozen=True)
class Server:
    """
    A version of Pachyderm. A build without a version of its own says 0.0, and is taken to be current.

    Sources for what came when: C{shared/pfs/wire.md}, and the C{pfs.proto} of each release.
    """

    major: int
    minor: int

    @property
    def current(self) -> bool:
        """
        Whether it has everything that is done another way for others.
        """
        return self._has(8)

    @property
    def projects(self) -> bool:
        """
        Whether repos are in projects.
        """
        return self._has(5)

    @property
    def list_markers(self) -> bool:
        """
        Whether ListFile knows C{paginationMarker}, C{number} and C{reverse}.
        """
        return self._has(4)

    @property
    def walk_markers(self) -> bool:
        """
        Whether WalkFile does.
        """
        return self._has(5)

    @property
    def commit_repo(self) -> bool:
        """
        Whether a commit names its repo itself, and not only by its branch.
        """
        return self._has(6)

    @property
    def find_commits(self) -> bool:
        """
        Whether there is FindCommits.
        """
        return self._has(6)

    @property
    def drops_single_commits(self) -> bool:
        """
        Whether there is DropCommit, and not only DropCommitSet.
        """
        return self._has(8)

    @property
    def tells_deleted(self) -> bool:
        """
        Whether DeleteRepo says that it has deleted something.
        """
        return self._has(8)

    def lacks(self, what: str, since: str) -> PFSError:
        """
        The refusal of something that came later.
        """
        return PFSError(Status.UNIMPLEMENTED, f"{what} needs Pachyderm {since} or later; this one is {self.major}.{self.minor}")

    def _has(self, minor: int) -> bool:
        return self.major == 0 or (self.major, self.minor) >= (2, minor)


class Detection:
    """
    Finds out which server it is, once, when that is first needed.

    @ivar server: what was found; C{None} while it is not known.
    """

    def __init__(self, pfs: IPFS) -> None:
        self._pfs = pfs
        self._waiting: list[Deferred[Server]] = []
        self.server: Optional[Server] = None

    def find(self) -> Deferred[Server]:
        """
        Ask the server, or wait with those who have asked.

        @raise PFSError: (by the Deferred) it cannot be reached, or is older than 2.0.
        """
        waiter: Deferred[Server] = Deferred()
        self._waiting.append(waiter)
        if len(self._waiting) == 1:
            answer: Deferred[Any] = self._pfs.call(GET_VERSION, Empty())
            answer.addCallbacks(self._read, self._unknown).addBoth(self._tell)
        return waiter

    def forget(self) -> None:
        """
        The server may have been replaced by another: ask again at the next opportunity.
        """
        self.server = None

    def _read(self, answer: version.Version) -> Server:
        if answer.major == 1:
            raise PFSError(Status.UNIMPLEMENTED, f"Pachyderm {answer.major}.{answer.minor} is too old: pachgw needs 2.0 or later")
        return Server(answer.major, answer.minor)

    def _unknown(self, failure: Failure) -> Server:
        failure.trap(PFSError)
        if failure.value.status is Status.UNIMPLEMENTED:  # type: ignore[union-attr]
            return Server(0, 0)
        failure.raiseException()

    def _tell(self, result: object) -> None:
        if isinstance(result, Server):
            self.server = result
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(result)  # type: ignore[arg-type] # a Failure becomes an errback
