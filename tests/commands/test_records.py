"""
C{records}, as a program.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from pachgw.commands.records import RecordsOptions
from pachgw.embedded.calls import InnerCall
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.objects.modifications import add_file
from pachgw.objects.records import ObjectRecord
from pachgw.pfs.messages import commit, repo
from pachgw.pfs.methods import CREATE_REPO, MODIFY_FILE
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.metadata import Metadata
from tests.clients.gateways import ROOT


class RecordsTests(SynchronousTestCase):
    """
    A store with one record, of an object that no branch has.
    """

    def setUp(self) -> None:
        """The store, closed."""
        self.folder = Path(self.mktemp()).resolve()
        store = EmbeddedPFS(self.folder, time.time)
        store.open()
        data = repo("default", "data")
        store.procedures[CREATE_REPO.path](pfs.CreateRepoRequest(repo=data), InnerCall())
        record = ObjectRecord("/a", bytes(32), 1, 1000.0, Metadata(user={"colour": "blue"}))
        target = pfs.ModifyFileRequest(set_commit=commit(data, branch_name="_pachgw_"))
        store.procedures[MODIFY_FILE.path](iter([target, add_file(record.place, record.line())]), InnerCall())
        store.close()

    def run_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        command = [sys.executable, "-m", "pachgw", "records", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    def test_list_and_collect(self) -> None:
        """The records are printed as they are kept; what is left over is removed."""
        where = ["--data-dir", str(self.folder)]
        [line] = self.run_command(*where, "--left-over", "data").stdout.splitlines()
        self.assertEqual((json.loads(line)["path"], json.loads(line)["user"]), ("/a", {"colour": "blue"}))
        self.assertEqual(self.run_command(*where, "--collect", "data").stdout, "Removed 1 records.\n")
        done = self.run_command(*where, "default/data")
        self.assertEqual((done.stdout, done.returncode), ("", 0))

    def test_no_folder(self) -> None:
        """A folder that is not there is not made."""
        missing = self.folder / "missing"
        done = self.run_command("--data-dir", str(missing), "data")
        self.assertEqual((done.returncode, missing.exists()), (1, False))
        self.assertIn("is no folder of a store", done.stderr)

    def test_options(self) -> None:
        """A repo with and without its project; the environment names a pachd."""
        options = RecordsOptions({"PACHD_ADDRESS": "grpc://host:1"})
        options.parseOptions(["vision/images"])
        self.assertEqual((options["project"], options["repo"], options.settings.pachd), ("vision", "images", "grpc://host:1"))
        options = RecordsOptions()
        options.parseOptions(["images"])
        self.assertEqual((options["project"], options["repo"], options.settings.pachd), ("default", "images", None))
