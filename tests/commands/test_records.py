"""
C{records}: on an embedded PFS in this thread, and as a program on a folder.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from pachgw.commands.records import RecordsOptions, act
from pachgw.embedded.calls import InnerCall
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.objects.modifications import add_file
from pachgw.objects.old_commits import AGE
from pachgw.objects.records import ObjectRecord
from pachgw.options import ROOT_TOKEN_VARIABLE
from pachgw.pfs.errors import PFSError
from pachgw.pfs.messages import commit, repo
from pachgw.pfs.methods import CREATE_REPO, MODIFY_FILE, SQUASH_COMMIT
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.status import Status
from pachgw.s3.metadata import Checksum, Metadata
from tests.clients.gateways import ROOT
from tests.objects.direct_pfs import DirectPFS, EmbeddedTestCase

METADATA = Metadata({"content-type": "text/x-log", "cache-control": "no-cache"}, {"colour": "blue"})
RECORD = ObjectRecord("/a", bytes(32), 1, 1000.0, METADATA, (Checksum("CRC32", "AAAAAA=="),))
"""
Of an object that no commit holds.
"""


def parsed(*arguments: str, **environment: str) -> RecordsOptions:
    """
    A command line.
    """
    options = RecordsOptions(environment)
    options.parseOptions(arguments)
    return options


class OptionsTests(SynchronousTestCase):
    """
    Which PFS, whose right, and which bucket.
    """

    def test_bucket(self) -> None:
        """A bucket is named as in S3."""
        bucket = parsed("list", "dev.images.vision").subOptions["bucket"]
        self.assertEqual((bucket.project, bucket.repo), ("vision", "images"))
        self.assertRaises(UsageError, parsed, "list", "a..b")
        self.assertRaises(UsageError, parsed, "list")

    def test_no_command(self) -> None:
        """Without a command there is nothing to do."""
        self.assertRaises(UsageError, parsed)

    def test_where(self) -> None:
        """A folder by default; the environment names a pachd, unless a folder is given; both are too much."""
        where = {"PACHD_ADDRESS": "grpc://host:1"}
        self.assertIsNone(parsed("list", "data").settings.pachd)
        self.assertEqual(parsed("list", "data", **where).settings.pachd, "grpc://host:1")
        self.assertEqual(parsed("--pachd", "b:2", "list", "data", **where).settings.pachd, "b:2")
        settings = parsed("--data-dir", "x", "list", "data", **where).settings
        self.assertEqual((settings.pachd, settings.data_dir), (None, Path("x")))
        self.assertRaises(UsageError, parsed, "--data-dir", "x", "--pachd", "b:2", "list", "data")

    def test_token(self) -> None:
        """A token is in a file, or in the environment."""
        path = Path(self.mktemp())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret\n", encoding="utf-8")
        self.assertEqual(parsed("--token-file", str(path), "list", "data").caller.token, "secret")
        self.assertEqual(parsed("list", "data", **{ROOT_TOKEN_VARIABLE: "other"}).caller.token, "other")
        self.assertIsNone(parsed("list", "data").caller.token)


class CommandTests(EmbeddedTestCase):
    """
    What is printed.
    """

    def setUp(self) -> None:
        """A repo with the record."""
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.pfs: DirectPFS = self.open_pfs(self.clock)
        self.data = self.repo(self.pfs, "default", "data", ["master"])
        self.commit(self.pfs, self.data, "_pachgw_", {RECORD.place: RECORD.line()})

    def run_command(self, *arguments: str) -> tuple[str, object]:
        """What a command prints, and the status with which it ends."""
        options = parsed(*arguments)
        output = io.StringIO()
        ends: list[object] = []
        with redirect_stdout(output):
            running = Deferred.fromCoroutine(act(self.pfs, self.clock, options.caller, options.subOptions))
            running.addBoth(ends.append)
            for _ in range(100):
                self.clock.advance(0.1)
        [end] = ends
        if isinstance(end, Failure):
            end.trap(SystemExit)
            return output.getvalue(), end.value.code  # type: ignore[attr-defined]
        return output.getvalue(), 0

    def test_list(self) -> None:
        """A table of all that is known."""
        output, status = self.run_command("list", "data")
        self.assertEqual(status, 0)
        head, row = output.splitlines()
        for column, value in (("TIME", "1970-01-01T00:16:40.000Z"), ("HASH", "0" * 64), ("CONTENT TYPE", "text/x-log"), ("PATH", "/a ")):
            self.assertEqual(head.index(column), row.index(value))
        for value in ("cache-control='no-cache'", "x-amz-meta-colour='blue'", "CRC32=AAAAAA=="):
            self.assertIn(value, row)

    def test_check(self) -> None:
        """What no commit needs is told; damage too, and it is the status."""
        output, status = self.run_command("check", "data")
        self.assertEqual(status, 0)
        self.assertIn(f"orphan  {RECORD.place}  /a", output)
        self.assertIn("1 can be collected", output)
        self.commit(self.pfs, self.data, "_pachgw_", {"/objects/x/y": b"{"})
        output, status = self.run_command("check", "data")
        self.assertEqual(status, 1)
        self.assertIn("damaged  /objects/x/y", output)

    def test_export(self) -> None:
        """Records as they are kept."""
        self.assertEqual(self.run_command("export", "data"), (RECORD.line().decode(), 0))

    def test_collect(self) -> None:
        """What no commit needs is removed, and old commits are squashed."""
        self.commit(self.pfs, self.data, "_pachgw_", {"/other": b"1"})
        self.clock.advance(3 * AGE)
        self.assertEqual(self.collected(), (1, 1, 1))
        self.assertEqual(self.run_command("export", "data"), ("", 0))
        self.assertEqual(self.collected(), (0, 0, 0))

    def test_collect_without_the_right(self) -> None:
        """Who may not squash commits is told so, and has collected nevertheless."""
        call = self.pfs.call

        def refuse(method: object, *arguments: object) -> object:
            if method is SQUASH_COMMIT:
                return fail(PFSError(Status.PERMISSION_DENIED, "not authorized"))
            return call(method, *arguments)  # type: ignore[arg-type]

        self.commit(self.pfs, self.data, "_pachgw_", {"/other": b"1"})
        self.clock.advance(3 * AGE)
        self.patch(self.pfs, "call", refuse)
        output, status = self.run_command("collect", "data")
        self.assertEqual(status, 0)
        self.assertIn("Removed the records of 1 of 1", output)
        self.assertIn("only a clusterAdmin", output)

    def collected(self) -> tuple[int, int, int]:
        """How many records are removed, of how many, and how many commits squashed."""
        output, status = self.run_command("collect", "data")
        self.assertEqual(status, 0)
        match = re.fullmatch(r"Removed the records of (\d+) of (\d+) contents\.\nSquashed (\d+) old commits of .*\n", output)
        assert match is not None
        return int(match[1]), int(match[2]), int(match[3])

    def test_no_repo(self) -> None:
        """A repo that is not there is told."""
        for command in ("list", "check", "export", "collect"):
            _, status = self.run_command(command, "missing")
            self.assertIn("no such repo", str(status))


class ProgramTests(SynchronousTestCase):
    """
    The program, on a folder that no gateway has open.
    """

    def run_program(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        command = [sys.executable, "-m", "pachgw", "records", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    def test_folder(self) -> None:
        """What a folder holds, as lines of JSON; damage is the status."""
        folder = Path(self.mktemp()).resolve()
        store = EmbeddedPFS(folder, time.time)
        store.open()
        data = repo("default", "data")
        store.procedures[CREATE_REPO.path](pfs.CreateRepoRequest(repo=data), InnerCall())
        target = pfs.ModifyFileRequest(set_commit=commit(data, branch_name="_pachgw_"))
        files = [add_file(RECORD.place, RECORD.line()), add_file("/objects/x/y", b"{")]
        store.procedures[MODIFY_FILE.path](iter([target, *files]), InnerCall())
        store.close()
        [line] = self.run_program("--data-dir", str(folder), "export", "data").stdout.splitlines()
        self.assertEqual((json.loads(line)["path"], json.loads(line)["user"]), ("/a", {"colour": "blue"}))
        checked = self.run_program("--data-dir", str(folder), "check", "data")
        self.assertEqual((checked.returncode, checked.stdout.count("damaged")), (1, 1))

    def test_no_folder(self) -> None:
        """A folder that is not there is not made."""
        missing = Path(self.mktemp()).resolve()
        done = self.run_program("--data-dir", str(missing), "list", "data")
        self.assertEqual((done.returncode, missing.exists()), (1, False))
        self.assertIn("is no folder of a store", done.stderr)
