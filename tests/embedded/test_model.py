"""
Random operations on the embedded PFS and on a plain model of it in memory, which must come to the same.

The model keeps every commit's files in a dictionary, applies modifications one by one, and knows two rules: a path below a file makes a
commit fail, and children of a failed commit start from what its parent held.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, add, by_id, copy, delete, file_set, head

Files = dict[str, bytes]

NAMES = st.sampled_from(["a", "b", "a-b", "a0"])
PATHS = st.lists(NAMES, min_size=1, max_size=2).map(lambda names: "/" + "/".join(names))
CONTENTS = st.one_of(st.binary(max_size=5), st.sampled_from([40_000, 20_000]).map(bytes))
BRANCHES = st.sampled_from(["master", "dev"])

ADD = st.tuples(st.just("add"), PATHS, CONTENTS)
DELETE = st.tuples(st.just("delete"), PATHS, st.just(b""))
EMPTY = st.tuples(st.just("empty"), PATHS, st.just(b""))
FEW = st.sampled_from(["/a", "/b", "/a/b"])
SET_EDITS = st.lists(
    st.one_of(st.tuples(st.just("add"), FEW, CONTENTS), st.tuples(st.just("delete"), FEW, st.just(b""))), min_size=1, max_size=4
)
Edit = tuple[str, str, bytes]


@dataclass
class Commit:
    """
    A commit in the model.

    @ivar files: its content, whether valid or not.
    @ivar base: what its children start from; C{None} while it is open.
    """

    parent: Optional[str]
    files: Files
    base: Optional[Files]


def collides(files: Files) -> bool:
    """
    Whether a path lies below a file.
    """
    return any(other.startswith(path + "/") for path in files for other in files)


def edited(files: Files, edits: list[Edit]) -> Files:
    """
    What edits make of files.
    """
    files = dict(files)
    for kind, path, content in edits:
        if kind == "add":
            files[path] = files.get(path, b"") + content
        elif kind == "delete":
            files.pop(path, None)
        else:
            files = {other: kept for other, kept in files.items() if not other.startswith(path + "/")}
    return files


def as_request(edit: Edit) -> pfs.ModifyFileRequest:
    """
    An edit as a message.
    """
    kind, path, content = edit
    if kind == "add":
        return add(path, content)
    return delete(path if kind == "delete" else path + "/")


def with_directories(files: Files) -> list[str]:
    """
    The paths of files and of the directories that they imply, in the order of PFS.
    """
    directories = {path[: place + 1] for path in files for place, char in enumerate(path) if char == "/"}
    return sorted([*files, *directories])


class Model(RuleBasedStateMachine):
    """
    Does everything twice.
    """

    file_sets = Bundle("file_sets")

    @initialize()
    def begin(self) -> None:
        """
        An empty repo.
        """
        self.folder = Path(tempfile.mkdtemp())
        self.time = 1_700_000_000.0
        self.commits: dict[str, Commit] = {}
        self.heads: dict[str, str] = {}
        self.pfs = EmbeddedPFS(self.folder, lambda: self.time, rest=0)
        self.pfs.open()
        self.do(methods.CREATE_REPO, repo=REPO)

    def teardown(self) -> None:
        """
        In the end every commit holds what it should, and the store is whole.
        """
        if not hasattr(self, "pfs"):
            return
        try:
            for id, commit in self.commits.items():
                self.check(by_id(id), commit)
            assert [answer.error for answer in self.do(methods.FSCK)] == []
        finally:
            self.pfs.close()
            shutil.rmtree(self.folder)

    def do(self, method: methods.Method[Any, Any], **fields: Any) -> Any:
        """
        Call a procedure.
        """
        answer = self.pfs.procedures[method.path](method.request(**fields), InnerCall())
        return list(answer) if isinstance(method, methods.ServerStream) else answer

    def send(self, method: methods.Method[Any, Any], *requests: pfs.ModifyFileRequest) -> Any:
        """
        Call a procedure with a stream.
        """
        return self.pfs.procedures[method.path](iter(requests), InnerCall())

    def is_open(self, branch: str) -> bool:
        """
        Whether a branch's head is open.
        """
        return branch in self.heads and self.commits[self.heads[branch]].base is None

    def advance(self, branch: str) -> Commit:
        """
        Model a new commit on a branch, whose id the store has given.
        """
        parent = self.heads.get(branch)
        files = self.commits[parent].base if parent else {}
        assert files is not None
        id = self.do(methods.INSPECT_BRANCH, branch=messages.branch(REPO, branch)).head.id
        assert id not in self.commits
        self.commits[id] = Commit(parent, files, None)
        self.heads[branch] = id
        return self.commits[id]

    def end(self, commit: Commit) -> None:
        """
        Model the end of a commit.
        """
        parent = self.commits[commit.parent].base if commit.parent else {}
        commit.base = parent if collides(commit.files) else commit.files

    @rule(edits=st.lists(ADD, min_size=2, max_size=4))
    def write_master(self, edits: list[Edit]) -> None:
        """
        ModifyFile that only adds, where most happens.
        """
        self.write("master", edits)

    @rule(branch=BRANCHES, edits=st.lists(st.one_of(ADD, ADD, DELETE, EMPTY), min_size=1, max_size=8))
    def write(self, branch: str, edits: list[Edit]) -> None:
        """
        ModifyFile.
        """
        self.send(methods.MODIFY_FILE, pfs.ModifyFileRequest(set_commit=head(branch)), *map(as_request, edits))
        self.written(branch, edits)

    def written(self, branch: str, edits: list[Edit]) -> None:
        """
        Model ModifyFile.
        """
        if self.is_open(branch):
            commit = self.commits[self.heads[branch]]
            commit.files = edited(commit.files, edits)
        else:
            commit = self.advance(branch)
            commit.files = edited(commit.files, edits)
            self.end(commit)
        self.check(head(branch), commit)

    @rule(branch=BRANCHES, source=BRANCHES, path=PATHS, place=PATHS, append=st.booleans())
    def copy(self, branch: str, source: str, path: str, place: str, append: bool) -> None:
        """
        CopyFile from a sound head.
        """
        if source not in self.heads or collides(self.commits[self.heads[source]].files):
            return
        files = self.commits[self.heads[source]].files
        copied = {place + other[len(path) :]: kept for other, kept in files.items() if other == path or other.startswith(path + "/")}
        request = copy(messages.file(head(source), path), place, append)
        self.send(methods.MODIFY_FILE, pfs.ModifyFileRequest(set_commit=head(branch)), request)
        edits: list[Edit] = []
        for other, kept in copied.items():
            edits += [("add", other, kept)] if append else [("delete", other, b""), ("add", other, kept)]
        self.written(branch, edits)

    @rule(branch=BRANCHES)
    def start(self, branch: str) -> None:
        """
        StartCommit, which is refused on an open head.
        """
        request = {"branch": messages.branch(REPO, branch)}
        if self.is_open(branch):
            try:
                self.do(methods.START_COMMIT, **request)
            except Refused as refused:
                assert "has not been finished" in refused.details
                return
            raise AssertionError("a commit was started on an open one")
        self.do(methods.START_COMMIT, **request)
        self.advance(branch)

    @rule(branch=BRANCHES, error=st.sampled_from(["", "", "given up"]))
    def finish(self, branch: str, error: str) -> None:
        """
        FinishCommit.
        """
        if not self.is_open(branch):
            return
        commit = self.commits[self.heads[branch]]
        self.do(methods.FINISH_COMMIT, commit=head(branch), error=error)
        self.end(commit)
        if error:
            commit.base = self.commits[commit.parent].base if commit.parent else {}
        info = self.do(methods.INSPECT_COMMIT, commit=head(branch))
        assert bool(info.error) == bool(error or collides(commit.files))
        for other, id in self.heads.items():
            if id == self.heads[branch]:
                self.check(head(other), commit)

    @rule(branch=BRANCHES)
    def clear(self, branch: str) -> None:
        """
        ClearCommit.
        """
        if not self.is_open(branch):
            return
        commit = self.commits[self.heads[branch]]
        self.do(methods.CLEAR_COMMIT, commit=head(branch))
        commit.files = (self.commits[commit.parent].base if commit.parent else {}) or {}
        self.check(head(branch), commit)

    @rule(branch=BRANCHES)
    def drop(self, branch: str) -> None:
        """
        DropCommit of a head that has a parent and no children.
        """
        id = self.heads.get(branch)
        if id is None or self.commits[id].parent is None or any(commit.parent == id for commit in self.commits.values()):
            return
        self.do(methods.DROP_COMMIT, commit=head(branch))
        parent = self.commits.pop(id).parent
        assert parent is not None
        self.heads = {name: parent if at == id else at for name, at in self.heads.items()}
        self.check(head(branch), self.commits[parent])

    @rule(branch=BRANCHES, source=BRANCHES)
    def point(self, branch: str, source: str) -> None:
        """
        CreateBranch at another one's finished head.
        """
        if source not in self.heads or self.is_open(source) or self.is_open(branch):
            return
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, branch), head=head(source))
        self.heads[branch] = self.heads[source]
        self.check(head(branch), self.commits[self.heads[branch]])

    @rule(target=file_sets, edits=SET_EDITS)
    def make_set(self, edits: list[Edit]) -> tuple[str, list[Edit]]:
        """
        CreateFileSet.
        """
        return self.send(methods.CREATE_FILE_SET, *map(as_request, edits)).file_set_id, edits

    @rule(target=file_sets, parts=st.lists(file_sets, min_size=1, max_size=3))
    def compose(self, parts: list[tuple[str, list[Edit]]]) -> tuple[str, list[Edit]]:
        """
        ComposeFileSet.
        """
        edits = [edit for _, part in parts for edit in part]
        id = self.do(methods.COMPOSE_FILE_SET, file_set_ids=[id for id, _ in parts], ttl_seconds=600).file_set_id
        files = edited({}, edits)
        if not collides(files):
            self.check_files(file_set(id), files)
        return id, edits

    @rule(branch=BRANCHES, part=consumes(file_sets))
    def add_set(self, branch: str, part: tuple[str, list[Edit]]) -> None:
        """
        AddFileSet, into a commit that is started for it if none is open.
        """
        id, edits = part
        if not self.is_open(branch):
            self.start(branch)
        self.do(methods.ADD_FILE_SET, commit=head(branch), file_set_id=id)
        commit = self.commits[self.heads[branch]]
        commit.files = edited(commit.files, edits)
        self.check(head(branch), commit)

    @rule()
    def reopen(self) -> None:
        """
        Close the store and open it again.
        """
        self.pfs.close()
        self.pfs = EmbeddedPFS(self.folder, lambda: self.time, rest=0)
        self.pfs.open()

    @rule()
    def collect(self) -> None:
        """
        Collect the garbage.
        """
        self.pfs.maintain(threading.Event())

    @invariant()
    def heads_are_known(self) -> None:
        """
        The branches are those of the model and point where they should.
        """
        if hasattr(self, "pfs"):
            assert {info.branch.name: info.head.id for info in self.do(methods.LIST_BRANCH, repo=REPO)} == self.heads

    def check(self, where: pfs.Commit, commit: Commit) -> None:
        """
        Compare a commit that can be read.
        """
        if collides(commit.files):
            try:
                self.do(methods.WALK_FILE, file=messages.file(where, "/"))
            except Refused as refused:
                assert "collision" in refused.details
                return
        else:
            self.check_files(where, commit.files)

    def check_files(self, where: pfs.Commit, files: Files) -> None:
        """
        Compare listings, sizes and contents.
        """
        walked = self.do(methods.WALK_FILE, file=messages.file(where, "/"))
        assert [info.file.path for info in walked] == with_directories(files)
        for info in walked:
            path = info.file.path
            if info.file_type == pfs.FILE:
                request = pfs.GetFileRequest(file=messages.file(where, path))
                assert b"".join(self.pfs.content(request, InnerCall())) == files[path]
            below = [content for other, content in files.items() if other.startswith(path)]
            assert info.size_bytes == sum(map(len, below if info.file_type == pfs.DIR else [files[path]]))


Model.TestCase.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
ModelTests = Model.TestCase
