"""
Pachyderm 2.0 to 2.11 behind the same door: what these lack is done another way, or refused clearly.

  - Before 2.5 there are no projects: there is only C{default}, and others are not found.
  - Before 2.5 WalkFile, and before 2.4 ListFile, know no markers: the walk begins at the beginning each time, and what lies before the
    marker is dropped here. Reverse order is refused.
  - Before 2.6 a commit is addressed by its branch, and there is no FindCommits.
  - Before 2.8 DeleteRepo does not say whether it deleted anything, and DropCommit is done by DropCommitSet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional, cast

from twisted.internet.defer import Deferred
from zope.interface import implementer

from pachgw.pfs import methods
from pachgw.pfs.adapting import DEFAULT, answered, asked, default_project, missing_project
from pachgw.pfs.errors import Kind, PFSError
from pachgw.pfs.interfaces import IPFS, Content, Messages, MessageSink, Request, Response
from pachgw.pfs.late import Fixed, LateReader, LateWriter
from pachgw.pfs.methods import ClientStream, ServerStream, Unary
from pachgw.pfs.paging import Page
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.versions import Detection, Server


@implementer(IPFS)
class OlderPFS:
    """
    An L{IPFS} that makes another's server look like a current one. To a server that is current everything goes through as it is.
    """

    def __init__(self, pfs: IPFS) -> None:
        self._pfs = pfs
        self._detection = Detection(pfs)

    def call(
        self, method: Unary[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Deferred[Response]:
        """
        See L{IPFS.call}.
        """
        server = self._detection.server
        if server is not None and server.current:
            return self._watched(self._pfs.call(method, request, token, timeout))
        return Deferred.fromCoroutine(self._call(method, request, token, timeout))

    def stream(
        self, method: ServerStream[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Messages[Response]:
        """
        See L{IPFS.stream}.
        """
        server = self._detection.server
        if server is not None and server.current:
            return cast("Messages[Response]", self._pfs.stream(method, request, token, timeout))
        page = Page(request)

        async def begin() -> Any:
            known = await self._server()
            page.server = known
            if not known.projects:
                if method is methods.LIST_PROJECT:
                    return Fixed([default_project()])
                if isinstance(request, pfs.ListRepoRequest) and request.projects and pfs.Project(name=DEFAULT) not in request.projects:
                    return Fixed([])
            if method is methods.FIND_COMMITS and not known.find_commits:
                raise known.lacks("FindCommits", "2.6")
            return self._pfs.stream(method, page.asked(), token, timeout)

        return LateReader(lambda: self._watched(Deferred.fromCoroutine(begin())), page.keep)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Content:
        """
        See L{IPFS.content}.
        """
        server = self._detection.server
        if server is not None and server.current:
            return self._pfs.content(request, token, timeout)

        async def begin() -> Any:
            return self._pfs.content(asked(request, await self._server()), token, timeout)

        return LateReader(lambda: self._watched(Deferred.fromCoroutine(begin())), lambda batch: (batch, True))

    def send(
        self, method: ClientStream[Request, Response], token: Optional[str] = None, timeout: Optional[float] = None
    ) -> MessageSink[Request, Response]:
        """
        See L{IPFS.send}.
        """
        server = self._detection.server
        if server is not None and server.current:
            return cast("MessageSink[Request, Response]", self._pfs.send(method, token, timeout))

        async def begin() -> tuple[Any, Callable[[Request], Request]]:
            known = await self._server()
            return self._pfs.send(method, token, timeout), lambda message: asked(message, known)

        return LateWriter(lambda: self._watched(Deferred.fromCoroutine(begin())))

    def close(self) -> Deferred[None]:
        """
        See L{IPFS.close}.
        """
        return self._pfs.close()

    async def _server(self) -> Server:
        return self._detection.server or await self._detection.find()

    def _watched(self, deferred: Deferred[Any]) -> Deferred[Any]:
        """
        Ask for the version again after anything that may mean that another server has taken the place of this one.
        """

        def failed(failure: Any) -> Any:
            if failure.check(PFSError) and failure.value.kind in (Kind.UNAVAILABLE, Kind.UNIMPLEMENTED):
                self._detection.forget()
            return failure

        return deferred.addErrback(failed)

    async def _call(self, method: Unary[Any, Any], request: Any, token: Optional[str], limit: Optional[float]) -> Any:
        server = await self._server()
        if server.current:
            return await self._watched(self._pfs.call(method, request, token, limit))
        if not server.projects:
            known = await self._without_projects(server, method, request, token)
            if known is not None:
                return known
        if method is methods.DROP_COMMIT and not server.drops_single_commits:
            drop = pfs.DropCommitSetRequest(commit_set=pfs.CommitSet(id=request.commit.id))
            await self._watched(self._pfs.call(methods.DROP_COMMIT_SET, drop, token, limit))
            return pfs.DropCommitResponse()
        return answered(await self._watched(self._pfs.call(method, asked(request, server), token, limit)), server)

    async def _without_projects(self, server: Server, method: Unary[Any, Any], request: Any, token: Optional[str]) -> Any:
        """
        The answers that a server without projects cannot give.

        @return: C{None} for what it can.
        """
        if method in (methods.INSPECT_PROJECT, methods.CREATE_PROJECT, methods.DELETE_PROJECT):
            name = request.project.name
            if method is not methods.INSPECT_PROJECT:
                raise server.lacks(method.name, "2.5")
            if name != DEFAULT:
                raise missing_project(name)
            return default_project()
        if method is methods.AUTHORIZE and request.resource.type == auth.PROJECT:
            if request.resource.name != DEFAULT:
                raise missing_project(request.resource.name)
            # Whoever has a token may list and create repos there.
            who = await self._pfs.call(methods.WHO_AM_I, auth.WhoAmIRequest(), token)
            return auth.AuthorizeResponse(authorized=True, satisfied=request.permissions, principal=who.username)
        return None
