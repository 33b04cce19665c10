"""
A servicer that takes away from another what an older Pachyderm does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.empty_pb2 import Empty

from pachgw.pfs import methods
from pachgw.pfs.adapting import parts
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.proto import version_pb2 as version
from pachgw.pfs.servicer import Procedure, Servicer

SINCE = {
    methods.LIST_PROJECT: 5,
    methods.INSPECT_PROJECT: 5,
    methods.CREATE_PROJECT: 5,
    methods.DELETE_PROJECT: 5,
    methods.DELETE_REPOS: 5,
    methods.FIND_COMMITS: 6,
    methods.DROP_COMMIT: 8,
    methods.SQUASH_COMMIT: 8,
}
"""
The minor version of Pachyderm 2 with which a procedure came.
"""


class Older:
    """
    Pachyderm 2.C{minor}: what came later is not in its messages, neither in what it reads nor in what it writes.

    @ivar asked: the names of the procedures that were called.
    """

    def __init__(self, servicer: Servicer, minor: int) -> None:
        self._servicer = servicer
        self.minor = minor
        self.asked: list[str] = []

    @property
    def procedures(self) -> dict[str, Procedure]:
        """
        See L{Servicer<pachgw.pfs.servicer.Servicer>}.
        """
        made = {
            method.path: self._wrapped(method, self._servicer.procedures[method.path])
            for method in methods.ALL
            if self.minor >= SINCE.get(method, 0)
        }
        made[methods.GET_VERSION.path] = self._version
        return made

    def content(self, request: pfs.GetFileRequest, call: Any) -> Iterator[Any]:
        """
        See L{Servicer<pachgw.pfs.servicer.Servicer>}.
        """
        return self._servicer.content(self._read(request), call)

    def _version(self, request: Empty, call: Any) -> version.Version:
        self.asked.append("GetVersion")
        return version.Version(major=2, minor=self.minor)

    def _wrapped(self, method: methods.Method[Any, Any], procedure: Procedure) -> Procedure:
        def stream(request: Any, call: Any) -> Iterator[Any]:
            for response in procedure(self._read(request), call):
                yield self._written(response)

        def answer(request: Any, call: Any) -> Any:
            self.asked.append(method.name)
            sent = map(self._read, request) if isinstance(method, methods.ClientStream) else self._read(request)
            return self._written(procedure(sent, call))

        return stream if isinstance(method, methods.ServerStream) else answer

    def _read(self, request: Any) -> Any:
        """
        What this server makes of a request: unknown fields are not there.
        """
        copy = type(request)()
        copy.CopyFrom(request)
        if (isinstance(copy, pfs.WalkFileRequest) and self.minor < 5) or (isinstance(copy, pfs.ListFileRequest) and self.minor < 4):
            copy = type(copy)(file=copy.file)
        for part in parts(copy):
            if isinstance(part, pfs.Commit) and self.minor < 6:
                part.ClearField("repo")
                if not part.branch.HasField("repo"):
                    raise PFSError(Status.UNKNOWN, "cannot resolve commit with no repo")
                part.repo.CopyFrom(part.branch.repo)
                if not part.branch.name:
                    part.ClearField("branch")
        if self.minor < 5:
            for part in parts(copy):
                if isinstance(part, pfs.Repo):
                    part.project.name = "default"
                elif isinstance(part, auth.Resource):
                    assert "/" not in part.name
                    part.name = f"default/{part.name}"
                elif isinstance(part, pfs.ListRepoRequest):
                    part.ClearField("projects")
        return copy

    def _written(self, response: Any) -> Any:
        """
        What this server writes.
        """
        if isinstance(response, pfs.DeleteRepoResponse) and self.minor < 8:
            return pfs.DeleteRepoResponse()
        for part in parts(response):
            if isinstance(part, pfs.Commit) and self.minor < 6:
                part.branch.repo.CopyFrom(part.repo)
                part.ClearField("repo")
        if self.minor < 5:
            for part in parts(response):
                if isinstance(part, pfs.Repo):
                    part.ClearField("project")
        return response
