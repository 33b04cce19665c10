"""
The prices of a real pachd, paid in a time that only the test knows.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.slowed import FILE, FINISHING, MESSAGE, Slowed
from pachgw.embedded.calls import InnerCall
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods
from pachgw.pfs.messages import branch, commit, file, repo
from pachgw.pfs.proto import pfs_pb2 as pfs

REPO = repo("default", "images")


class SlowedTests(SynchronousTestCase):
    """
    L{Slowed}.
    """

    def setUp(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        embedded = EmbeddedPFS(Path(folder), time.time)
        embedded.open()
        self.addCleanup(embedded.close)
        self.now = 0.0
        self.slowed = Slowed(embedded, 1000, self.sleep, lambda: self.now)
        self.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO))

    def sleep(self, seconds: float) -> None:
        """
        Let time pass.
        """
        self.now += seconds

    def call(self, method: methods.Method[Any, Any], request: Any) -> Any:
        """
        Make a call, with a clock that begins at 0.
        """
        self.now = 0.0
        answer = self.slowed.procedures[method.path](request, InnerCall())
        return list(answer) if isinstance(method, methods.ServerStream) else answer

    def write(self, path: str, content: bytes) -> None:
        """
        Write a file.
        """
        first = pfs.ModifyFileRequest(set_commit=commit(REPO, branch_name="master"))
        second = pfs.ModifyFileRequest()
        second.add_file.path = path
        second.add_file.raw.value = content
        self.call(methods.MODIFY_FILE, iter([first, second]))

    def test_finishing(self) -> None:
        """
        A write takes its time, and its commit is finished later; whoever waits for that waits once.
        """
        self.write("/a", b"x")
        self.assertAlmostEqual(self.now, 0.094 + FILE, 4)
        written = self.now
        self.slowed.procedures[methods.INSPECT_BRANCH.path](pfs.InspectBranchRequest(branch=branch(REPO, "master")), InnerCall())
        request = pfs.InspectCommitRequest(commit=commit(REPO, branch_name="master"), wait=pfs.FINISHED)
        self.slowed.procedures[methods.INSPECT_COMMIT.path](request, InnerCall())
        self.assertAlmostEqual(self.now, written + FINISHING)
        self.call(methods.INSPECT_COMMIT, request)
        self.assertAlmostEqual(self.now, 0.011)

    def test_reading(self) -> None:
        """
        A read costs its start and its bytes, which come in large messages.
        """
        content = bytes(MESSAGE + (3 << 20))
        self.write("/a", content)
        request = pfs.GetFileRequest(file=file(commit(REPO, branch_name="master"), "/a"))
        messages = self.call(methods.GET_FILE, request)
        self.assertEqual([len(message.value) for message in messages], [MESSAGE, 3 << 20])
        self.assertGreater(self.now, 0.035 + 22 / 467)
        self.assertEqual(b"".join(self.slowed.content(request, InnerCall())), content)

    def test_walking(self) -> None:
        """
        A walk costs by the entry, and by what the commit is taken to hold.
        """
        self.write("/a", b"x")
        self.call(methods.WALK_FILE, pfs.WalkFileRequest(file=file(commit(REPO, branch_name="master"), "/")))
        self.assertAlmostEqual(self.now, 0.005 + 1000 * 3.4e-6 + 2 * 65e-6)
