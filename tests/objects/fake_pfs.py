"""
A PFS in memory for tests of the writer: as much of it as the writer calls, at once and in one thread.

A test may hold the calls of a procedure until it lets them go, lose their answers, or have them fail, which a real store cannot be asked
to do at a given moment. What PFS does is from C{shared/pfs/behaviour.md}.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from typing import Any, Optional

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from zope.interface import implementer

from pachgw.objects.changes import ancestors, hash_of
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import FILE_SETS
from pachgw.pfs.methods import Method
from pachgw.pfs.proto import pfs_pb2 as pfs

REPO = pfs.Repo(name="images", type="user", project=pfs.Project(name="default"))
MASTER = pfs.Branch(repo=REPO, name="master")


def unknown(details: str) -> PFSError:
    """
    What PFS says to most mistakes.
    """
    return PFSError(Status.UNKNOWN, details)


class FakeCommit:
    """
    A commit of the fake.
    """

    def __init__(self, id: str, parent: Optional[FakeCommit], description: str, started: float) -> None:
        self.id = id
        self.parent = parent
        self.description = description
        self.started = started
        self.files: dict[str, bytes] = dict(parent.whole()) if parent is not None else {}
        self.open = True
        self.error = ""

    def whole(self) -> dict[str, bytes]:
        """
        What its successors begin with.
        """
        if self.error:
            return self.parent.whole() if self.parent is not None else {}
        return self.files

    def close(self) -> None:
        """
        Finish and validate.
        """
        self.open = False
        for path in self.files:
            for above in ancestors(path):
                if above in self.files:
                    self.error = f"file / directory path collision ({path})"

    def info(self) -> pfs.CommitInfo:
        """
        As InspectCommit shows it.
        """
        info = pfs.CommitInfo(commit=pfs.Commit(repo=REPO, id=self.id), description=self.description, error=self.error)
        info.started.seconds = int(self.started)
        if self.parent is not None:
            info.parent_commit.CopyFrom(pfs.Commit(repo=REPO, id=self.parent.id))
        if not self.open:
            info.finishing.seconds = info.finished.seconds = int(self.started)
        return info


class FakeStream:
    """
    Messages that are all there.
    """

    def __init__(self, messages: Deferred[list[Any]]) -> None:
        self._messages: Optional[Deferred[list[Any]]] = messages

    def read(self) -> Deferred[list[Any]]:
        """See L{Messages<pachgw.pfs.interfaces.Messages>}."""
        messages, self._messages = self._messages, None
        return messages if messages is not None else succeed([])

    def cancel(self) -> None:
        """See L{Messages<pachgw.pfs.interfaces.Messages>}."""


class FakeSink:
    """
    Takes messages and hands them over at the end.
    """

    def __init__(self, finish: Callable[[list[Any]], Deferred[Any]], broken: Optional[Exception]) -> None:
        self._finish = finish
        self._broken = broken
        self._messages: list[Any] = []
        self.cancelled = False

    def write(self, message: Any) -> Deferred[None]:
        """See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}."""
        self._messages.append(message)
        return succeed(None) if self._broken is None else fail(self._broken)

    def finish(self) -> Deferred[Any]:
        """See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}."""
        return self._finish(self._messages)

    def cancel(self) -> None:
        """See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}."""
        self.cancelled = True


@implementer(IPFS)
class FakePFS:
    """
    One repo with branches.

    @ivar calls: the names of the procedures that were called, in order.
    @ivar before: by procedure, a function that is called before each; it may raise.
    @ivar after: by procedure, a function that is called after each; it may raise, and so lose the answer.
    @ivar latency: by procedure, how long a call takes, in seconds.
    @ivar validates_late: whether a commit's error shows only to those who wait for its end.
    @ivar refusals: the errors that the next commits get when they are finished.
    @ivar break_writes: what every write to a client stream fails with.
    @ivar largest_message: in bytes, of those in client streams.
    @ivar held: by procedure, the calls that wait to be let go; only for those in C{holding}, where C{InspectCommit finished} are
        those that wait.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._ids = 0
        self.commits: dict[str, FakeCommit] = {}
        self.branches: dict[str, FakeCommit] = {}
        self.provenance: dict[str, list[pfs.Branch]] = {}
        self.file_sets: dict[str, dict[str, bytes]] = {}
        self.calls: list[str] = []
        self.tokens: list[Optional[str]] = []
        self.before: dict[str, Callable[[], object]] = {}
        self.after: dict[str, Callable[[], object]] = {}
        self.holding: set[str] = set()
        self.held: list[Deferred[None]] = []
        self.largest_message = 0
        self.validates_late = False
        self.refusals: list[str] = []
        self.latency: Callable[[str], float] = lambda _: 0.0
        self.break_writes: Optional[Exception] = None
        first = self._start("master", "")
        first.close()

    def head(self, branch: str = "master") -> FakeCommit:
        """
        A branch's head.
        """
        return self.branches[branch]

    def history(self, branch: str = "master") -> list[FakeCommit]:
        """
        A branch's commits, newest first.
        """
        found = []
        commit: Optional[FakeCommit] = self.branches[branch]
        while commit is not None:
            found.append(commit)
            commit = commit.parent
        return found

    def put(self, path: str, content: bytes, branch: str = "master") -> FakeCommit:
        """
        Write as somebody else.
        """
        commit = self._start(branch, "")
        commit.files[path] = content
        commit.close()
        return commit

    def open(self, branch: str = "master", description: str = "") -> FakeCommit:
        """
        Start a commit as somebody else.
        """
        return self._start(branch, description)

    def release(self) -> None:
        """
        Let go what is held.
        """
        held, self.held = self.held, []
        for waiting in held:
            if not waiting.called:
                waiting.callback(None)

    def call(self, method: Method[Any, Any], request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> Deferred[Any]:
        """See L{IPFS}."""
        return self._perform(method, request, token)

    def stream(self, method: Method[Any, Any], request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> FakeStream:
        """See L{IPFS}."""
        return FakeStream(self._perform(method, request, token))

    def send(self, method: Method[Any, Any], token: Optional[str] = None, timeout: Optional[float] = None) -> FakeSink:
        """See L{IPFS}."""
        return FakeSink(lambda messages: self._perform(method, messages, token), self.break_writes)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> FakeStream:
        """See L{IPFS}."""
        return FakeStream(maybeDeferred(self._read, request.file, request.offset))

    def close(self) -> Deferred[None]:
        """See L{IPFS}."""
        return succeed(None)

    def _perform(self, method: Method[Any, Any], request: Any, token: Optional[str]) -> Deferred[Any]:
        self.calls.append(method.name)
        self.tokens.append(token)
        waits = f"{method.name} finished" if getattr(request, "wait", 0) == pfs.FINISHED else method.name
        held = not self.holding.isdisjoint({waits, method.name})
        latency = self.latency(method.name)
        gate: Deferred[None] = Deferred() if held else deferLater(self._clock, latency) if latency else succeed(None)
        if held:
            self.held.append(gate)

        def perform(_: None) -> Any:
            self.before.get(method.name, lambda: None)()
            answer = getattr(self, f"_{method.name}")(request)
            self.after.get(method.name, lambda: None)()
            return answer

        return gate.addCallback(perform)

    def _start(self, branch: str, description: str) -> FakeCommit:
        head = self.branches.get(branch)
        if head is not None and head.open:
            raise unknown(f"parent commit default/images@{head.id} has not been finished")
        self._ids += 1
        commit = FakeCommit(f"{self._ids:032x}", head, description, self._clock.seconds())
        self.commits[commit.id] = self.branches[branch] = commit
        return commit

    def _at(self, commit: pfs.Commit) -> FakeCommit:
        found = self.commits.get(commit.id) if commit.id else self.branches.get(commit.branch.name)
        if found is None:
            raise PFSError(Status.NOT_FOUND, f"pick commit tx: commit default/images@{commit.id} not found")
        return found

    def _files(self, commit: pfs.Commit) -> dict[str, bytes]:
        if commit.repo.name == FILE_SETS:
            if commit.id not in self.file_sets:
                raise PFSError(Status.NOT_FOUND, f"file set {commit.id} not found")
            return self.file_sets[commit.id]
        return self._at(commit).files

    def _find(self, file: pfs.File) -> bytes:
        files = self._files(file.commit)
        path = re.sub(r"\[\\?(.)\]", r"\1", file.path)
        if path not in files:
            raise PFSError(Status.NOT_FOUND, f"file {path} not found in repo default/images at commit ")
        return files[path]

    def _read(self, file: pfs.File, offset: int) -> list[bytes]:
        self.calls.append("GetFile")
        self.tokens.append(None)
        self.before.get("GetFile", lambda: None)()
        return [self._find(file)[offset:]]

    def _GetFileTAR(self, request: pfs.GetFileRequest) -> list[BytesValue]:
        pattern = re.compile(re.escape(request.file.path).replace(r"\*", "[^/]*"))
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as writer:
            for path, content in sorted(self._files(request.file.commit).items()):
                if pattern.fullmatch(path):
                    entry = tarfile.TarInfo(path)
                    entry.size = len(content)
                    writer.addfile(entry, io.BytesIO(content))
        return [BytesValue(value=archive.getvalue())]

    def _InspectBranch(self, request: pfs.InspectBranchRequest) -> pfs.BranchInfo:
        name = request.branch.name
        if name not in self.branches:
            raise PFSError(Status.NOT_FOUND, f'branch "{name}" not found in repo default/images')
        head = pfs.Commit(repo=REPO, id=self.branches[name].id)
        return pfs.BranchInfo(branch=request.branch, head=head, direct_provenance=self.provenance.get(name, []))

    def _InspectCommit(self, request: pfs.InspectCommitRequest) -> Any:
        commit = self._at(request.commit)
        if request.wait == pfs.FINISHED and commit.open:
            raise PFSError(Status.DEADLINE_EXCEEDED, "still open")
        info = commit.info()
        if self.validates_late and request.wait != pfs.FINISHED:
            info.ClearField("error")
            info.ClearField("finished")
        return info

    def _ListCommit(self, request: pfs.ListCommitRequest) -> list[pfs.CommitInfo]:
        commit: Optional[FakeCommit] = self._at(request.to)
        found: list[pfs.CommitInfo] = []
        while commit is not None and (not request.number or len(found) < request.number):
            found.append(commit.info())
            commit = commit.parent
        return found

    def _ListFile(self, request: pfs.ListFileRequest) -> list[pfs.FileInfo]:
        directory = request.file.path
        below = {path.removeprefix(directory) for path in self._files(request.file.commit) if path.startswith(directory)}
        names = {rest.partition("/")[0] + ("/" if "/" in rest else "") for rest in below}
        return [pfs.FileInfo(file=pfs.File(path=directory + name)) for name in sorted(names)]

    def _StartCommit(self, request: pfs.StartCommitRequest) -> pfs.Commit:
        return pfs.Commit(repo=REPO, id=self._start(request.branch.name, request.description).id)

    def _FinishCommit(self, request: pfs.FinishCommitRequest) -> Empty:
        commit = self._at(request.commit)
        if not commit.open:
            raise unknown(f"commit default/images@{commit.id} has already finished")
        self._close(commit)
        return Empty()

    def _close(self, commit: FakeCommit) -> None:
        commit.close()
        if self.refusals:
            commit.error = self.refusals.pop(0)

    def _ClearCommit(self, request: pfs.ClearCommitRequest) -> Empty:
        commit = self._at(request.commit)
        commit.files = dict(commit.parent.whole()) if commit.parent is not None else {}
        return Empty()

    def _DropCommit(self, request: pfs.DropCommitRequest) -> pfs.DropCommitResponse:
        commit = self._at(request.commit)
        if commit not in self.branches.values() or commit.parent is None:
            raise unknown("commit has children")
        for name, head in self.branches.items():
            if head is commit:
                self.branches[name] = commit.parent
        del self.commits[commit.id]
        return pfs.DropCommitResponse()

    def _InspectFile(self, request: pfs.InspectFileRequest) -> pfs.FileInfo:
        files = self._files(request.file.commit)
        path = request.file.path.rstrip("/")
        below = [name for name in files if name.startswith(f"{path}/")]
        if path in files and below:
            raise unknown(f"file / directory path collision ({below[0]})")
        info = pfs.FileInfo(file=request.file)
        if path in files:
            info.file_type, info.size_bytes, info.hash = pfs.FILE, len(files[path]), hash_of(files[path])
        elif below:
            info.file_type = pfs.DIR
        else:
            raise PFSError(Status.NOT_FOUND, f"file {path} not found in repo default/images at commit ")
        return info

    def _ModifyFile(self, messages: list[pfs.ModifyFileRequest]) -> Empty:
        target = messages[0].set_commit
        commit = self._at(target) if target.id or target.branch.name in self.branches else None
        if commit is not None and target.id and not commit.open:
            raise unknown(f"commit default/images@{commit.id} has already finished")
        one_off = commit is None or not commit.open
        if commit is None or one_off:
            commit = self._start(target.branch.name, "")
        try:
            self._modify(commit.files, messages[1:])
        except PFSError:
            if one_off and commit.parent is not None:
                self.branches[target.branch.name] = commit.parent
            raise
        if one_off:
            self._close(commit)
        return Empty()

    def _modify(self, files: dict[str, bytes], messages: list[pfs.ModifyFileRequest]) -> None:
        for message in messages:
            self.largest_message = max(self.largest_message, message.ByteSize())
            body: Message = getattr(message, str(message.WhichOneof("body")))
            if isinstance(body, pfs.AddFile):
                if "*" in body.path:
                    raise unknown(f"path ({body.path}) invalid: globbing character (*) not allowed in path")
                files[body.path] = files.get(body.path, b"") + body.raw.value
            elif isinstance(body, pfs.DeleteFile):
                if body.path.endswith("/"):
                    for path in [path for path in files if path.startswith(body.path)]:
                        del files[path]
                files.pop(body.path, None)
            elif isinstance(body, pfs.CopyFile):
                content = self._find(body.src)
                files[body.dst] = (files.get(body.dst, b"") if body.append else b"") + content

    def _CreateFileSet(self, messages: list[pfs.ModifyFileRequest]) -> pfs.CreateFileSetResponse:
        self._ids += 1
        id = f"{self._ids:032x}"
        files: dict[str, bytes] = {}
        self._modify(files, messages)
        self.file_sets[id] = files
        return pfs.CreateFileSetResponse(file_set_id=id)

    def _ComposeFileSet(self, request: pfs.ComposeFileSetRequest) -> pfs.CreateFileSetResponse:
        files: dict[str, bytes] = {}
        for id in request.file_set_ids:
            for path, content in self.file_sets[id].items():
                files[path] = files.get(path, b"") + content
        self._ids += 1
        self.file_sets[f"{self._ids:032x}"] = files
        return pfs.CreateFileSetResponse(file_set_id=f"{self._ids:032x}")

    def _Authorize(self, request: object) -> object:
        raise PFSError(Status.UNIMPLEMENTED, "the auth service is not activated")

    def _RenewFileSet(self, request: pfs.RenewFileSetRequest) -> Empty:
        if request.file_set_id not in self.file_sets:
            raise PFSError(Status.NOT_FOUND, f"tracker does not contain item: (fileset/{request.file_set_id})")
        return Empty()
