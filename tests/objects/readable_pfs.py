"""
The fake PFS of the writer's tests, with what the reader calls beside: it counts calls, and gives streams in portions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Optional

from google.protobuf.message import Message
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.changes import hash_of
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.methods import Method
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.objects.fake_pfs import FakeCommit, FakePFS

PORTION = 7


class PortionedStream:
    """
    A few items at each read.
    """

    def __init__(self, items: Deferred[list[Any]], portion: int, fake: ReadablePFS) -> None:
        self._items = items
        self._fake = fake
        self._portion = portion
        self._left: Optional[list[Any]] = None
        self.cancelled = False

    def read(self) -> Deferred[list[Any]]:
        """See L{Messages<pachgw.pfs.interfaces.Messages>}."""
        if self.cancelled:
            return fail(CancelledError())
        if self._left is not None:
            return succeed(self._take(self._left))
        return self._items.addCallback(self._take)

    def cancel(self) -> None:
        """See L{Messages<pachgw.pfs.interfaces.Messages>}."""
        self.cancelled = True
        self._items.addErrback(lambda _: None)

    def _take(self, items: list[Any]) -> list[Any]:
        self._left = items[self._portion :]
        self._fake.read += len(items[: self._portion])
        return items[: self._portion]


class ReadablePFS(FakePFS):
    """
    As L{FakePFS}, and readable.

    @ivar rights: by token, the permissions on the repo; C{None} with auth off.
    @ivar portion: how many messages a stream gives at a time, or how many bytes of content.
    @ivar read: how many messages streams have given.
    """

    def __init__(self, clock: IReactorTime) -> None:
        super().__init__(clock)
        self.rights: Optional[dict[Optional[str], set[int]]] = None
        self.portion = PORTION
        self.offsets: list[int] = []
        self.read = 0
        self.streams: list[PortionedStream] = []

    def fill(self, files: dict[str, bytes], branch: str = "master") -> FakeCommit:
        """
        Commit files as somebody else, over what is there.
        """
        commit = self.open(branch)
        commit.files.update(files)
        commit.close()
        return commit

    def remove(self, paths: Iterable[str], branch: str = "master") -> FakeCommit:
        """
        Commit the absence of files as somebody else.
        """
        commit = self.open(branch)
        for path in paths:
            del commit.files[path]
        commit.close()
        return commit

    def counted(self, act: Callable[[], object]) -> list[str]:
        """
        Which procedures something calls, in order of their names.
        """
        before = len(self.calls)
        act()
        return sorted(self.calls[before:])

    def stream(self, method: Method[Any, Any], request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS<pachgw.pfs.interfaces.IPFS>}."""
        return self._portioned(self._perform(method, request, token), self.portion)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS<pachgw.pfs.interfaces.IPFS>}."""
        self.calls.append("GetFile")
        self.offsets.append(request.offset)
        try:
            content = self._find(request.file)[request.offset :]
        except PFSError as error:
            return self._portioned(fail(error), 1)
        return self._portioned(succeed([content[at : at + self.portion] for at in range(0, len(content), self.portion)]), 1)

    def _portioned(self, items: Deferred[list[Any]], portion: int) -> PortionedStream:
        stream = PortionedStream(items, portion, self)
        self.streams.append(stream)
        return stream

    def _at(self, commit: pfs.Commit) -> FakeCommit:
        if commit.id and commit.id not in self.commits and not commit.branch.name:
            raise PFSError(Status.ABORTED, "panic: what pachd 2.12 says to a missing commit that is named without a branch")
        return super()._at(commit)

    def _ListCommit(self, request: pfs.ListCommitRequest) -> list[pfs.CommitInfo]:
        unlimited = pfs.ListCommitRequest(to=request.to, number=request.number or 10**6)
        return super()._ListCommit(unlimited)

    def _InspectFile(self, request: pfs.InspectFileRequest) -> pfs.FileInfo:
        info = super()._InspectFile(request)
        self._stamp(info, self._at(request.file.commit))
        return info

    def _WalkFile(self, request: pfs.WalkFileRequest) -> list[pfs.FileInfo]:
        commit = self._at(request.file.commit)
        root = request.file.path.rstrip("/") + "/"
        after = request.paginationMarker.path if request.HasField("paginationMarker") else ""
        entries = [path for path in _tree(commit.files) if path.startswith(root) and path.encode() > after.encode()]
        if not entries and root != "/":
            raise PFSError(Status.NOT_FOUND, f"commit/{commit.id} does not contain item: ({root})")
        return [self._info(commit, path) for path in entries[: request.number or None]]

    def _DiffFile(self, request: pfs.DiffFileRequest) -> list[pfs.DiffFileResponse]:
        new = self._at(request.new_file.commit)
        old = self._at(request.old_file.commit) if request.HasField("old_file") else new.parent
        before = old.files if old is not None else {}
        found = []
        for path in sorted(new.files.keys() | before.keys()):
            if new.files.get(path) != before.get(path):
                response = pfs.DiffFileResponse()
                if path in new.files:
                    response.new_file.CopyFrom(self._info(new, path))
                if path in before and old is not None:
                    response.old_file.CopyFrom(self._info(old, path))
                found.append(response)
        return found

    def _WhoAmI(self, request: Message) -> auth.WhoAmIResponse:
        self._permissions()
        return auth.WhoAmIResponse(username="pach:root")

    def _Authorize(self, request: auth.AuthorizeRequest) -> auth.AuthorizeResponse:
        held = self._permissions()
        missing = [permission for permission in request.permissions if permission not in held]
        return auth.AuthorizeResponse(authorized=not missing, missing=missing, principal="robot:tester")

    def _permissions(self) -> set[int]:
        if self.rights is None:
            raise PFSError(Status.UNIMPLEMENTED, "the auth service is not activated")
        token = self.tokens[-1]
        if token not in self.rights:
            raise PFSError(Status.UNAUTHENTICATED, "provided auth token is corrupted or has expired (try logging in again)")
        return self.rights[token]

    def _info(self, commit: FakeCommit, path: str) -> pfs.FileInfo:
        info = pfs.FileInfo(file=pfs.File(commit=pfs.Commit(id=commit.id), path=path), file_type=pfs.DIR)
        if not path.endswith("/"):
            content = commit.files[path]
            info.file_type, info.size_bytes, info.hash = pfs.FILE, len(content), hash_of(content)
        self._stamp(info, commit)
        return info

    def _stamp(self, info: pfs.FileInfo, commit: FakeCommit) -> None:
        if not commit.open:
            info.committed.seconds = int(commit.started)


def _tree(files: Iterable[str]) -> list[str]:
    """
    Files and the directories above them, in PFS's order.
    """
    found = set(files)
    for path in list(found):
        parts = path.split("/")
        found.update("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))
    return sorted(found, key=str.encode)
