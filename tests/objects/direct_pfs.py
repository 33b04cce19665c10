"""
The embedded PFS without its threads: each call is answered before it returns, so that tests need no reactor.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Optional

from twisted.internet.defer import CancelledError, Deferred, execute, fail, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import carried
from pachgw.pfs.interfaces import IPFS, Content
from pachgw.pfs.proto import pfs_pb2 as pfs

PORTION = 100


class DirectStream:
    """
    What a procedure gives, some at a time.
    """

    def __init__(self, items: Iterator[Any], call: InnerCall) -> None:
        self._items = items
        self._call = call

    def read(self) -> Deferred[list[Any]]:
        """See L{Messages<pachgw.pfs.interfaces.Messages>}."""
        if not self._call.is_active():
            return fail(CancelledError())
        return execute(_translated, lambda: list(islice(self._items, PORTION)))

    def cancel(self) -> None:
        """See L{Messages<pachgw.pfs.interfaces.Messages>}."""
        if self._call.is_active():
            self._call.cancel()
            close = getattr(self._items, "close", None)
            if close is not None:
                close()


class DirectSink:
    """
    Messages for a procedure that takes them all at the end.
    """

    def __init__(self, finish: Any) -> None:
        self._finish = finish
        self._messages: list[Any] = []

    def write(self, message: Any) -> Deferred[None]:
        """See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}."""
        self._messages.append(message)
        return succeed(None)

    def finish(self) -> Deferred[Any]:
        """See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}."""
        return execute(_translated, lambda: self._finish(iter(self._messages)))

    def cancel(self) -> None:
        """See L{MessageSink<pachgw.pfs.interfaces.MessageSink>}."""


@implementer(IPFS)
class DirectPFS:
    """
    L{IPFS} on an embedded PFS, in one thread.

    @ivar calls: the names of the procedures that were called, in order.
    """

    def __init__(self, embedded: EmbeddedPFS) -> None:
        self.embedded = embedded
        self.calls: list[str] = []

    def call(self, method: methods.Method[Any, Any], request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS}."""
        return execute(_translated, lambda: self._procedure(method)(request, InnerCall(token)))

    def stream(self, method: methods.Method[Any, Any], request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS}."""
        call = InnerCall(token)
        return DirectStream(_late(lambda: self._procedure(method)(request, call)), call)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS}."""
        self.calls.append("GetFile")
        call = InnerCall(token)
        return DirectStream(_late(lambda: self.embedded.content(request, call)), call)

    def send(self, method: methods.Method[Any, Any], token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS}."""
        return DirectSink(lambda requests: self._procedure(method)(requests, InnerCall(token)))

    def close(self) -> Deferred[None]:
        """See L{IPFS}."""
        return succeed(None)

    def _procedure(self, method: methods.Method[Any, Any]) -> Any:
        self.calls.append(method.name)
        return self.embedded.procedures[method.path]


class EmbeddedTestCase(SynchronousTestCase):
    """
    A test on a new embedded PFS.
    """

    def bytes_of(self, content: Content) -> bytes:
        """
        All that a content gives.
        """
        found = b""
        while buffers := self.successResultOf(content.read()):
            found += b"".join(buffers)
        return found

    def open_pfs(self, clock: IReactorTime) -> DirectPFS:
        """
        A PFS that ends with the test.
        """
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        embedded = EmbeddedPFS(Path(folder) / "data", clock.seconds)
        embedded.open()
        self.addCleanup(embedded.close)
        return DirectPFS(embedded)

    def repo(self, ipfs: DirectPFS, project: str, name: str, branches: Sequence[str], token: Optional[str] = None) -> pfs.Repo:
        """
        Make a repo with branches.
        """
        repo = messages.repo(project, name)
        self.successResultOf(ipfs.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=repo), token))
        for branch in branches:
            request = pfs.CreateBranchRequest(branch=messages.branch(repo, branch))
            self.successResultOf(ipfs.call(methods.CREATE_BRANCH, request, token))
        return repo

    def commit(self, ipfs: DirectPFS, repo: pfs.Repo, branch: str, files: dict[str, Optional[bytes]], token: Optional[str] = None) -> str:
        """
        Commit files, and with C{None} their absence.

        @return: the commit's id.
        """
        target = messages.commit(repo, branch_name=branch)
        self.successResultOf(_sent(ipfs.send(methods.MODIFY_FILE, token), modifications(target, files)))
        finished = pfs.InspectCommitRequest(commit=target, wait=pfs.FINISHED)
        info = self.successResultOf(ipfs.call(methods.INSPECT_COMMIT, finished, token))
        return str(info.commit.id)


def modifications(target: pfs.Commit, files: dict[str, Optional[bytes]]) -> Iterator[pfs.ModifyFileRequest]:
    """
    The messages that put files and take them away.
    """
    yield pfs.ModifyFileRequest(set_commit=target)
    for path, content in files.items():
        yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))
        if content is not None:
            add = pfs.AddFile(path=path)
            add.raw.value = content
            yield pfs.ModifyFileRequest(add_file=add)


def _sent(sink: DirectSink, requests: Iterable[Any]) -> Deferred[Any]:
    for request in requests:
        sink.write(request)
    return sink.finish()


def _late(start: Any) -> Iterator[Any]:
    yield from start()


def _translated(act: Any) -> Any:
    """
    As the bridge does: what a procedure refuses becomes an error of PFS.
    """
    try:
        return act()
    except Exception as error:
        known = carried(error)
        if known is None:
            raise
        raise known from error
