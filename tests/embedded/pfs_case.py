"""
An embedded PFS for tests, with short words for what they do to it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code, Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import messages
from pachgw.pfs import methods as all_methods
from pachgw.pfs.methods import Method
from pachgw.pfs.proto import pfs_pb2 as pfs

REPO = messages.repo("default", "data")


def add(path: str, content: bytes, datum: str = "") -> pfs.ModifyFileRequest:
    """
    A message that appends to a file.
    """
    request = pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, datum=datum))
    request.add_file.raw.value = content
    return request


def delete(path: str, datum: str = "") -> pfs.ModifyFileRequest:
    """
    A message that deletes a file, or a directory if the path ends with a slash.
    """
    return pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path, datum=datum))


def copy(source: pfs.File, target: str, append: bool = False) -> pfs.ModifyFileRequest:
    """
    A message that copies.
    """
    return pfs.ModifyFileRequest(copy_file=pfs.CopyFile(dst=target, src=source, append=append))


def head(branch: str = "master", repo: pfs.Repo = REPO) -> pfs.Commit:
    """
    The head of a branch.
    """
    return messages.commit(repo, branch_name=branch)


def by_id(id: str, repo: pfs.Repo = REPO) -> pfs.Commit:
    """
    A commit by its id.
    """
    return messages.commit(repo, id)


def file_set(id: str) -> pfs.Commit:
    """
    A file set as a commit.
    """
    return messages.commit(messages.repo("default", messages.FILE_SETS), id)


class PFSCase(SynchronousTestCase):
    """
    A test with an open, empty store that has one repo, C{data}, without branches.

    @ivar time: what the store takes for now, in seconds.
    @ivar token: what calls carry.
    """

    def setUp(self) -> None:
        self.time = 1_700_000_000.0
        self.token: Optional[str] = None
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.pfs = self.opened()
        self.addCleanup(lambda: self.pfs.close())
        self.do(all_methods.CREATE_REPO, repo=REPO)

    def opened(self) -> EmbeddedPFS:
        """
        Open the store.
        """
        embedded = EmbeddedPFS(self.folder / "data", lambda: self.time)
        embedded.open()
        return embedded

    def reopen(self) -> None:
        """
        Close the store and open it again.
        """
        self.pfs.close()
        self.pfs = self.opened()

    def do(self, method: Method[Any, Any], call: Optional[InnerCall] = None, **fields: Any) -> Any:
        """
        Call a procedure with a request of these fields.

        @return: the response, or a list of them.
        """
        call = call or InnerCall(self.token)
        answer = self.pfs.procedures[method.path](method.request(**fields), call)
        return list(answer) if isinstance(answer, Iterator) else answer

    def write(self, *requests: pfs.ModifyFileRequest, to: Optional[pfs.Commit] = None) -> None:
        """
        Call ModifyFile, on C{master} if nothing else is said.
        """
        first = pfs.ModifyFileRequest(set_commit=to or head())
        self.pfs.procedures[all_methods.MODIFY_FILE.path](iter([first, *requests]), InnerCall(self.token))

    def make_set(self, *requests: pfs.ModifyFileRequest) -> str:
        """
        Call CreateFileSet.

        @return: the id.
        """
        id: str = self.pfs.procedures[all_methods.CREATE_FILE_SET.path](iter(requests), InnerCall(self.token)).file_set_id
        return id

    def start(self, branch: str = "master", repo: pfs.Repo = REPO, **fields: Any) -> str:
        """
        Start a commit.

        @return: its id.
        """
        id: str = self.do(all_methods.START_COMMIT, branch=messages.branch(repo, branch), **fields).id
        return id

    def finish(self, commit: pfs.Commit, **fields: Any) -> None:
        """
        Finish a commit.
        """
        self.do(all_methods.FINISH_COMMIT, commit=commit, **fields)

    def info(self, commit: Optional[pfs.Commit] = None) -> pfs.CommitInfo:
        """
        What InspectCommit tells.
        """
        found: pfs.CommitInfo = self.do(all_methods.INSPECT_COMMIT, commit=commit or head())
        return found

    def read(self, path: str, commit: Optional[pfs.Commit] = None) -> bytes:
        """
        The content of a file.
        """
        request = pfs.GetFileRequest(file=messages.file(commit or head(), messages.literal(path)))
        return b"".join(self.pfs.content(request, InnerCall(self.token)))

    def paths(self, commit: Optional[pfs.Commit] = None) -> list[str]:
        """
        The paths of all files of a commit.
        """
        walked = self.do(all_methods.WALK_FILE, file=messages.file(commit or head(), "/"))
        return [info.file.path for info in walked if info.file_type == pfs.FILE]

    def files(self, commit: Optional[pfs.Commit] = None) -> dict[str, bytes]:
        """
        All files of a commit with their contents.
        """
        return {path: self.read(path, commit) for path in self.paths(commit)}

    @contextmanager
    def refuses(self, phrase: str, code: Code = Code.UNKNOWN) -> Iterator[None]:
        """
        What is done in the block must be refused.
        """
        with self.assertRaises(Refused) as caught:
            yield
        refused = caught.exception
        self.assertEqual((refused.code, phrase in refused.details), (code, True), f"{refused} lacks {phrase!r}")

    def findings(self) -> Iterable[str]:
        """
        What the check of the store finds.
        """
        return [response.error for response in self.do(all_methods.FSCK)]
