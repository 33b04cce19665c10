"""
The process of the embedded PFS is killed at random moments, again and again on the same folder, and each time the store is proved against
the journal of what it had acknowledged.

A modification that was acknowledged is there. One that was not, because the process died in it, is there as a whole or not at all.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import messages
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.faults.victim import BRANCHES, REPO, Changes, Load, Stamp, content

ROUNDS = int(os.environ.get("PACHGW_TEST_KILLS", "4"))
"""
How many times to kill; more of them find more.
"""

Files = dict[str, Stamp]


def changed(files: Files, changes: Changes) -> Files:
    """
    The files after some modifications.
    """
    merged = {**files, **{path: tuple(stamp) if stamp else None for path, stamp in changes.items()}}
    return {path: stamp for path, stamp in merged.items() if stamp is not None}  # type: ignore[misc]


class Journal:
    """
    What a process has said.

    @ivar files: by branch, with everything that was acknowledged.
    @ivar unsure: by branch, what was begun and not acknowledged.
    """

    def __init__(self) -> None:
        self.files: dict[str, Files] = {branch: {} for branch in BRANCHES}
        self.unsure: dict[str, Changes] = {}

    def note(self, line: bytes) -> bool:
        """
        Take in a line.

        @return: whether it is an acknowledgement.
        """
        said = json.loads(line)
        if "failed" in said:
            raise AssertionError(said["failed"])
        if "begin" in said:
            self.unsure[said["branch"]] = said["begin"]
            return False
        branch = said["branch"]
        self.files[branch] = changed(self.files[branch], self.unsure.pop(branch))
        return True

    def settle(self, branch: str, found: dict[str, bytes]) -> bool:
        """
        Compare what a branch holds, and learn whether the last modification got through.

        @return: whether it is what it may be.
        """
        candidates = [self.files[branch]]
        if branch in self.unsure:
            candidates.append(changed(self.files[branch], self.unsure.pop(branch)))
        for files in candidates:
            if {path: content(stamp) for path, stamp in files.items()} == found:
                self.files[branch] = files
                return True
        return False


class KillTests(SynchronousTestCase):
    """
    SIGKILL.
    """

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pachgw-kill-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.journal = Journal()

    def run_and_kill(self, seed: int, acknowledgements: int) -> None:
        """
        Let a process work until it has acknowledged so much, and kill it in whatever it is doing then.
        """
        command = [sys.executable, "-m", "tests.faults.victim", str(self.folder), str(seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            deadline = threading.Timer(60, process.kill)
            deadline.start()
            try:
                for line in process.stdout:
                    acknowledgements -= self.journal.note(line)
                    if not acknowledgements:
                        process.kill()
                self.assertLessEqual(acknowledgements, 0, "it did not get so far in a minute")
            finally:
                process.kill()
                deadline.cancel()

    def prove(self) -> None:
        """
        Open what is left, check it, and compare it with the journal.
        """
        served = EmbeddedPFS(self.folder, time.time)
        served.open()
        try:
            load = Load(served, 0)
            self.assertEqual(list((self.folder / "unfinished").iterdir()), [])
            for _ in range(2):
                self.assertEqual(list(load.call("Fsck", pfs.FsckRequest())), [])
                for branch in BRANCHES:
                    self.assertTrue(self.journal.settle(branch, self.read(served, branch)), f"branch {branch}")
                served.maintain(threading.Event())
        finally:
            served.close()

    def read(self, served: EmbeddedPFS, branch: str) -> dict[str, bytes]:
        """
        All files of a branch; none if there is no such branch yet.
        """
        commit = messages.commit(REPO, branch_name=branch)
        try:
            infos = list(served.procedures["/pfs_v2.API/WalkFile"](pfs.WalkFileRequest(file=messages.file(commit, "/")), InnerCall()))
        except Refused:
            return {}
        paths = [info.file.path for info in infos if info.file_type == pfs.FILE]
        return {path: b"".join(served.content(pfs.GetFileRequest(file=messages.file(commit, path)), InnerCall())) for path in paths}

    def test_again_and_again(self) -> None:
        """
        Nothing that was acknowledged is lost, and nothing is half there, however often the process dies.
        """
        chance = random.Random(20)
        for round in range(ROUNDS):
            self.run_and_kill(round, chance.randrange(5, 60))
            self.prove()
        self.assertTrue(all(self.journal.files.values()))
