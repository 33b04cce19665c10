"""
Answers of the embedded PFS that need not be asked for again, because nothing has changed since.

The store belongs to this process alone, and counts its changes. As long as the count is the same, so is what InspectBranch and its like
answer; taking a known answer saves two changes of thread, which is most of what a small GET costs. Tokens expire without a change, so an
answer is taken for a second at most. In front of a pachd this is of no use: there is no such count.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, Optional, Union, cast

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from zope.interface import implementer

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import IPFS, Content, Messages, MessageSink, Request, Response
from pachgw.pfs.methods import AUTHORIZE, INSPECT_BRANCH, INSPECT_REPO, ClientStream, Method, ServerStream, Unary
from pachgw.pfs.proto import pfs_pb2 as pfs

SECONDS = 1.0
"""
How long an answer is taken.
"""

LIMIT = 1000
"""
How many answers are kept.
"""

REMEMBERED: frozenset[Method[Any, Any]] = frozenset({AUTHORIZE, INSPECT_BRANCH, INSPECT_REPO})
"""
The procedures whose answers depend on the request, the token and the store alone.
"""

Key = tuple[str, bytes, Optional[str]]


class _Answer(NamedTuple):
    """
    A response, or that what was asked for is missing.
    """

    changes: int
    until: float
    response: Any
    missing: Optional[PFSError]


@implementer(IPFS)
class RememberingPFS:
    """
    Another L{IPFS}, some of whose answers are remembered. They are shared: nobody may change them.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, changes: Callable[[], int]) -> None:
        """
        @param changes: how many changes the store has seen. It must not be behind what an answered call has changed.
        """
        self._pfs = ipfs
        self._clock = clock
        self._changes = changes
        self._answers: OrderedDict[Key, _Answer] = OrderedDict()

    def call(
        self, method: Unary[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Deferred[Response]:
        """
        See L{IPFS.call}.
        """
        if method not in REMEMBERED:
            return self._pfs.call(method, request, token, timeout)
        key = (method.name, request.SerializeToString(), token)
        changes = self._changes()
        known = self._answers.get(key)
        if known is not None and known.changes == changes and self._clock.seconds() < known.until:
            return fail(known.missing) if known.missing is not None else succeed(cast(Response, known.response))
        # The count is from before the call: an answer that is newer than its count is only forgotten too early.
        return self._pfs.call(method, request, token, timeout).addBoth(self._remember, key, changes)

    def _remember(self, result: Union[Response, Failure], key: Key, changes: int) -> Union[Response, Failure]:
        until = self._clock.seconds() + SECONDS
        if not isinstance(result, Failure):
            self._answers[key] = _Answer(changes, until, result, None)
        elif isinstance(result.value, PFSError) and result.value.status is Status.NOT_FOUND:
            self._answers[key] = _Answer(changes, until, None, result.value)
        else:
            return result
        self._answers.move_to_end(key)
        if len(self._answers) > LIMIT:
            self._answers.popitem(last=False)
        return result

    def stream(
        self, method: ServerStream[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Messages[Response]:
        """
        See L{IPFS.stream}.
        """
        return self._pfs.stream(method, request, token, timeout)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Content:
        """
        See L{IPFS.content}.
        """
        return self._pfs.content(request, token, timeout)

    def send(
        self, method: ClientStream[Request, Response], token: Optional[str] = None, timeout: Optional[float] = None
    ) -> MessageSink[Request, Response]:
        """
        See L{IPFS.send}.
        """
        return self._pfs.send(method, token, timeout)

    def close(self) -> Deferred[None]:
        """
        See L{IPFS.close}.
        """
        self._answers.clear()
        return self._pfs.close()
