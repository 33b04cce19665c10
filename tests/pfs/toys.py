"""
A servicer with no file system behind it, whose methods answer, refuse, wait and break as a test wants.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Optional, Union

from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads

from pachgw.pfs.methods import ALL
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.proto import version_pb2 as version


class Refusal(Exception):
    """
    A servicer's own error.
    """

    def __init__(self, code: object, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class Signal:
    """
    Something that happens in a thread, awaited in the reactor's.
    """

    def __init__(self, reactor: IReactorFromThreads) -> None:
        self._reactor = reactor
        self._set = threading.Event()
        self.happened: Deferred[None] = Deferred()

    def set(self) -> None:
        """
        It has happened; once is enough.
        """
        if not self._set.is_set():
            self._set.set()
            self._reactor.callFromThread(self.happened.callback, None)

    def is_set(self) -> bool:
        """
        Whether it has happened.
        """
        return self._set.is_set()


class Toy:
    """
    @ivar stuck: a call has begun to wait for the end of its caller's patience.
    @ivar released: that call has seen the end.
    @ivar token: of the last unary call.
    @ivar given: how many responses L{ListRepo}, or bytes L{GetFile}, have given.
    @ivar closed: a stream has been closed before its end.
    @ivar taken: what a client stream brought.
    @ivar gate: a client stream waits for it before it takes anything.
    @ivar mute: L{GetVersion} does not answer.
    @ivar broken: how the client stream ended when it did not end well.
    """

    def __init__(self, reactor: IReactorFromThreads) -> None:
        self.stuck, self.released, self.closed, self.broken = (Signal(reactor) for _ in range(4))
        self.token: Optional[str] = None
        self.given = 0
        self.mute = False
        self.taken: list[pfs.ModifyFileRequest] = []
        self.gate = threading.Event()
        self.gate.set()

    @property
    def procedures(self) -> dict[str, Any]:
        """
        See L{Servicer<pachgw.pfs.servicer.Servicer>}.
        """
        return {method.path: getattr(self, method.name) for method in ALL if hasattr(self, method.name)}

    def content(self, request: pfs.GetFileRequest, call: Any) -> Iterator[Union[bytes, memoryview]]:
        """
        As L{GetFile}.
        """
        for message in self.GetFile(request, call):
            yield message.value

    def GetVersion(self, request: Empty, call: Any) -> version.Version:
        """
        Answers, but not while it is C{mute}.
        """
        if self.mute:
            self.wait(call)
        self.token = call.token
        return version.Version(major=2, minor=12)

    def InspectRepo(self, request: pfs.InspectRepoRequest, call: Any) -> pfs.RepoInfo:
        """
        Answers; refuses for C{missing}, breaks for C{broken}, waits for C{stuck}.
        """
        name = request.repo.name
        if name == "missing":
            raise Refusal(5, "repo default/missing not found")
        if name == "broken":
            raise ValueError("secret")
        if name == "stuck":
            self.wait(call)
        return pfs.RepoInfo(repo=request.repo)

    def wait(self, call: Any) -> None:
        """
        Block until the call has ended.
        """
        over = threading.Event()
        if call.add_callback(over.set):
            self.stuck.set()
            over.wait()
        self.released.set()

    def ListRepo(self, request: pfs.ListRepoRequest, call: Any) -> Iterator[pfs.RepoInfo]:
        """
        As many repos as the page is large; then refuses if the type is C{refuse}.
        """
        try:
            for number in range(request.page.page_size):
                self.given += 1
                yield pfs.RepoInfo(repo=pfs.Repo(name=f"r{number}"))
        except GeneratorExit:
            self.closed.set()
            raise
        if request.type == "refuse":
            raise Refusal("PERMISSION_DENIED", "not yours")

    def SubscribeCommit(self, request: pfs.SubscribeCommitRequest, call: Any) -> Iterator[pfs.CommitInfo]:
        """
        One commit, and then a wait for the end.
        """
        yield pfs.CommitInfo(description="first")
        self.wait(call)

    def GetFile(self, request: pfs.GetFileRequest, call: Any) -> Iterator[BytesValue]:
        """
        As many bytes as the offset says, in messages of the size that the path's number says.
        """
        left, size = request.offset, int(request.file.path)
        block = bytes(range(256)) * (size // 256 + 1)
        while left > 0:
            part = block[: min(size, left)]
            left -= len(part)
            self.given += len(part)
            yield BytesValue(value=part)
            yield BytesValue()

    def ModifyFile(self, requests: Iterator[pfs.ModifyFileRequest], call: Any) -> Empty:
        """
        Takes everything; refuses when it comes upon the path C{refuse}.
        """
        self.gate.wait()
        try:
            for request in requests:
                if request.add_file.path == "refuse":
                    raise Refusal("UNKNOWN", "path (refuse) invalid")
                self.taken.append(request)
        except Refusal:
            raise
        except Exception:
            self.broken.set()
            raise
        return Empty()
