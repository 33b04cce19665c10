"""
The process that L{tests.faults.test_kill} kills: an embedded PFS under random load, and a journal of what it has acknowledged.

Run as C{python -m tests.faults.victim FOLDER SEED}. Each branch has a thread that writes to it, and one thread collects garbage all the
time. Standard output gets a line of JSON before each modification, and another one when it was acknowledged; the modifications of one
branch do not overlap.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import messages
from pachgw.pfs.proto import pfs_pb2 as pfs

REPO = messages.repo("default", "load")
BRANCHES = ("one", "two", "three")
FILE_SETS = "three"
"""
The branch that is written to by way of file sets; the others are by ModifyFile.
"""

Stamp = tuple[int, int]
"""
What a file's bytes are made from: a seed and their number.
"""

Changes = dict[str, Optional[Stamp]]


def content(stamp: Stamp) -> bytes:
    """
    The bytes of a file.
    """
    return random.Random(stamp[0]).randbytes(stamp[1])


def draw_changes(chance: random.Random) -> Changes:
    """
    A few random modifications: small files, chunk files, empty files, and removals.
    """
    changes: Changes = {}
    for _ in range(chance.choice((1, 1, 4, 20))):
        path = f"/{chance.choice('abc')}/{chance.randrange(40)}"
        size = chance.choice((0, 10, 3000, 33_000, 100_000))
        changes[path] = None if chance.random() < 0.2 else (chance.randrange(2**16), size)
    return changes


def as_requests(changes: Changes, target: Optional[pfs.Commit]) -> Iterator[pfs.ModifyFileRequest]:
    """
    The stream of modifications that makes these changes.
    """
    if target is not None:
        yield pfs.ModifyFileRequest(set_commit=target)
    for path, stamp in changes.items():
        yield pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))
        if stamp is not None:
            data = content(stamp)
            for start in range(0, len(data) or 1, 20_000):
                add = pfs.AddFile(path=path)
                add.raw.value = data[start : start + 20_000]
                yield pfs.ModifyFileRequest(add_file=add)


class Load:
    """
    Random load on an embedded PFS.
    """

    def __init__(self, served: EmbeddedPFS, seed: int) -> None:
        self._served = served
        self._seed = seed

    def call(self, method: str, request: Any) -> Any:
        """
        Call a procedure of C{pfs_v2.API}.
        """
        return self._served.procedures[f"/pfs_v2.API/{method}"](request, InnerCall())

    def run(self) -> None:
        """
        Work until the process is killed.
        """
        self.call("CreateRepo", pfs.CreateRepoRequest(repo=REPO, update=True))
        threads = [threading.Thread(target=self._guarded, args=(self._write, branch)) for branch in BRANCHES]
        threads.append(threading.Thread(target=self._guarded, args=(self._collect, "")))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _guarded(self, work: Any, branch: str) -> None:
        """
        An error ends the whole process, so that the test sees it.
        """
        try:
            work(branch)
        except BaseException as error:
            _say({"failed": repr(error)})
            os._exit(3)

    def _write(self, branch: str) -> None:
        chance = random.Random(f"{self._seed} {branch}")
        while True:
            changes = draw_changes(chance)
            _say({"branch": branch, "begin": changes})
            if branch == FILE_SETS:
                self._write_file_set(branch, changes)
            else:
                self.call("ModifyFile", as_requests(changes, messages.commit(REPO, branch_name=branch)))
            _say({"branch": branch, "done": True})

    def _write_file_set(self, branch: str, changes: Changes) -> None:
        id = self.call("CreateFileSet", as_requests(changes, None)).file_set_id
        commit = self.call("StartCommit", pfs.StartCommitRequest(branch=messages.branch(REPO, branch)))
        self.call("AddFileSet", pfs.AddFileSetRequest(commit=commit, file_set_id=id))
        self.call("FinishCommit", pfs.FinishCommitRequest(commit=commit))

    def _collect(self, _: str) -> None:
        stop = threading.Event()
        while True:
            self._served.maintain(stop)
            time.sleep(0.01)


def _say(line: dict[str, Any]) -> None:
    """
    Write one line at once, so that lines of several threads do not mix.
    """
    os.write(1, json.dumps(line).encode() + b"\n")


def finish_open_heads(load: Load) -> None:
    """
    End the commit that a killed process has left open.
    """
    try:
        info = load.call("InspectBranch", pfs.InspectBranchRequest(branch=messages.branch(REPO, FILE_SETS)))
        load.call("FinishCommit", pfs.FinishCommitRequest(commit=info.head))
    except Refused:
        return  # there is none


if __name__ == "__main__":
    served = EmbeddedPFS(Path(sys.argv[1]), time.time)
    served.open()
    load = Load(served, int(sys.argv[2]))
    finish_open_heads(load)
    load.run()
