"""
Who may do what: each request's right is asked of PFS, and so is whether PFS asks for rights at all.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.failures import s3_error
from pachgw.objects.sharing import SharedCalls
from pachgw.objects.values import Caller
from pachgw.pfs import methods
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.s3.errors import AccessDenied

READ = (auth.REPO_READ,)
LIST = (auth.REPO_LIST_FILE,)
WRITE = (auth.REPO_WRITE,)
HISTORY = (auth.REPO_LIST_FILE, auth.REPO_LIST_COMMIT)


class _Question(NamedTuple):
    token: Optional[str]
    project: str
    repo: str
    permissions: tuple[int, ...]


class Rights:
    """
    Asks C{Authorize} for each request, shared by the same requests in flight.

    With auth off in PFS that answers C{UNIMPLEMENTED}, and everybody may do everything. Because auth may be turned on while we
    run, this is believed for C{mode_seconds} only; what a caller may do is believed for C{remember} seconds, by default not at all.
    """

    def __init__(self, pfs: IPFS, clock: IReactorTime, remember: float = 0.0, limit: int = 10_000, mode_seconds: float = 1.0) -> None:
        """
        @param remember: for how many seconds a permission that was granted may be relied on without asking.
        @param limit: how many of those are kept.
        @param mode_seconds: for how many seconds it is believed that auth is on or off.
        """
        self._pfs = pfs
        self._clock = clock
        self._remember = remember
        self._limit = limit
        self._mode_seconds = mode_seconds
        self._mode: Optional[bool] = None
        self._mode_until = 0.0
        self._granted: OrderedDict[_Question, float] = OrderedDict()
        self._questions = SharedCalls(self._ask)
        self._modes = SharedCalls(self._ask_mode)

    def check(self, caller: Caller, project: str, repo: str, permissions: tuple[int, ...]) -> Deferred[None]:
        """
        Whether the caller holds all of some permissions on a repo.

        @param permissions: of C{auth.Permission}.
        @raise AccessDenied: no.
        @raise InvalidAccessKeyId: PFS does not know the token.
        @raise NoSuchBucket: there is no such repo.
        """
        now = self._clock.seconds()
        question = _Question(caller.token, project, repo, permissions)
        if (self._mode is False and now < self._mode_until) or self._granted.get(question, 0.0) > now:
            return succeed(None)
        return self._questions.get(question)

    def required(self) -> Deferred[bool]:
        """
        Whether auth is on in PFS.
        """
        if self._mode is not None and self._clock.seconds() < self._mode_until:
            return succeed(self._mode)
        return self._modes.get(None)

    def _ask(self, question: _Question) -> Deferred[None]:
        return Deferred.fromCoroutine(self._authorize(question))

    def _ask_mode(self, _: None) -> Deferred[bool]:
        return Deferred.fromCoroutine(self._who_am_i())

    async def _authorize(self, question: _Question) -> None:
        resource = auth.Resource(type=auth.REPO, name=f"{question.project}/{question.repo}")
        request = auth.AuthorizeRequest(resource=resource, permissions=question.permissions)  # type: ignore[arg-type]
        try:
            answer = await self._pfs.call(methods.AUTHORIZE, request, question.token)
        except PFSError as error:
            if error.kind is Kind.AUTH_OFF:
                self._learn(False)
                return
            raise s3_error(error) from error
        self._learn(True)
        if not answer.authorized:
            missing = ", ".join(auth.Permission.Name(permission) for permission in answer.missing)
            raise AccessDenied(f"{answer.principal} needs {missing} on {question.project}/{question.repo}.")
        self._grant(question)

    async def _who_am_i(self) -> bool:
        try:
            await self._pfs.call(methods.WHO_AM_I, auth.WhoAmIRequest(), None)
        except PFSError as error:
            if error.kind is Kind.AUTH_OFF:
                self._learn(False)
                return False
            if error.kind is not Kind.UNAUTHENTICATED:
                raise s3_error(error) from error
        self._learn(True)
        return True

    def _learn(self, mode: bool) -> None:
        self._mode = mode
        self._mode_until = self._clock.seconds() + self._mode_seconds

    def _grant(self, question: _Question) -> None:
        if self._remember <= 0:
            return
        self._granted[question] = self._clock.seconds() + self._remember
        self._granted.move_to_end(question)
        while len(self._granted) > self._limit:
            self._granted.popitem(last=False)
