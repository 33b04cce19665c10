"""
C{fsck}, C{gc} and C{auth} on a folder.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from pachgw.__main__ import main
from pachgw.commands.auth import read_resource
from pachgw.embedded.calls import InnerCall
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs.messages import commit, repo
from pachgw.pfs.methods import CREATE_REPO, DELETE_REPO, MODIFY_FILE, WHO_AM_I
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs

ROOT = "root-token-of-the-test"


class FolderTests(SynchronousTestCase):
    """
    A store with one repo, which asks for tokens.
    """

    def setUp(self) -> None:
        """The store, closed."""
        home = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, home)
        self.folder = home / "data"
        self.token_file = home / "token"
        self.token_file.write_text(ROOT, encoding="utf-8")
        store = EmbeddedPFS(self.folder, time.time)
        store.open()
        store.activate_auth(ROOT)
        store.procedures[CREATE_REPO.path](pfs.CreateRepoRequest(repo=repo("default", "data")), InnerCall(ROOT))
        store.close()

    def run_command(self, name: str, *arguments: str, token: bool = True) -> str:
        """What a command prints."""
        options = ["--data-dir", str(self.folder), *(["--root-token-file", str(self.token_file)] if token else [])]
        output = io.StringIO()
        with redirect_stdout(output):
            main([name, *options, *arguments])
        return output.getvalue()

    def test_fsck(self) -> None:
        """A whole store is said to be whole."""
        self.assertEqual(self.run_command("fsck"), f"{self.folder} is whole.\n")

    def test_fsck_of_a_damaged_store(self) -> None:
        """What is wrong is said, and the status too; contents of the right size are not looked at when it has to be quick."""
        chunk = self.put("/large", b"L" * 100_000)
        chunk.write_bytes(b"M" * 100_000)
        self.assertIn("is whole", self.run_command("fsck", "--quick"))
        output = io.StringIO()
        with redirect_stdout(output):
            error = self.assertRaises(SystemExit, main, ["fsck", "--data-dir", str(self.folder)])
        self.assertEqual(error.code, 1)
        self.assertIn("has other bytes than its hash says", output.getvalue())

    def test_fsck_of_leftovers(self) -> None:
        """What nothing refers to is no damage, and gone after a collection."""
        self.put("/large", b"L" * 100_000)
        store = EmbeddedPFS(self.folder, time.time)
        store.open()
        store.procedures[DELETE_REPO.path](pfs.DeleteRepoRequest(repo=repo("default", "data"), force=True), InnerCall(ROOT))
        store.close()
        self.assertIn("gc removes them", self.run_command("fsck"))
        self.assertIn("Removed 1 files", self.run_command("gc"))
        self.assertEqual(self.run_command("fsck"), f"{self.folder} is whole.\n")

    def put(self, path: str, content: bytes) -> Path:
        """Put a file; where its chunk lies."""
        store = EmbeddedPFS(self.folder, time.time)
        store.open()
        requests = [pfs.ModifyFileRequest(set_commit=commit(repo("default", "data"), branch_name="master"))]
        requests.append(pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw={"value": content})))
        store.procedures[MODIFY_FILE.path](iter(requests), InnerCall(ROOT))
        store.close()
        return next(file for file in (self.folder / "chunks").rglob("*") if file.is_file())

    def test_gc(self) -> None:
        """A collection says what it has removed."""
        self.assertRegex(self.run_command("gc"), r"^Removed \d+ files")

    def test_tokens(self) -> None:
        """A token is made, may do what it is granted, and is revoked."""
        token = self.run_command("auth", "make-token", "reader").strip()
        self.run_command("auth", "grant", "robot:reader", "repo:data", "repoReader", "repoWriter")
        self.assertIn("robot:reader repoReader repoWriter\n", self.run_command("auth", "show", "repo:default/data"))
        self.assertEqual(self.who(token), "robot:reader")
        self.run_command("auth", "grant", "robot:reader", "repo:data")
        self.assertNotIn("robot:reader", self.run_command("auth", "show", "repo:data"))
        self.patch(sys, "stdin", io.StringIO(token + "\n"))
        self.assertEqual(self.run_command("auth", "revoke-token"), "Revoked 1 token.\n")

    def who(self, token: str) -> str:
        """Who a token belongs to."""
        store = EmbeddedPFS(self.folder, time.time)
        store.open()
        self.addCleanup(store.close)
        answer = store.procedures[WHO_AM_I.path](WHO_AM_I.request(), InnerCall(token))
        store.close()
        return str(answer.username)

    def test_rotate_root(self) -> None:
        """The root token can be replaced; the old one is then refused."""
        token = self.run_command("auth", "rotate-root").strip()
        self.assertNotEqual(token, ROOT)
        self.assertRaises(SystemExit, self.run_command, "auth", "rotate-root")
        self.token_file.write_text(token, encoding="utf-8")
        self.run_command("auth", "rotate-root")

    def test_deactivate(self) -> None:
        """Auth can be switched off."""
        self.run_command("auth", "deactivate")
        self.assertIn("is whole", self.run_command("fsck", token=False))

    def test_without_token(self) -> None:
        """Without the root token nothing is done."""
        error = self.assertRaises(SystemExit, self.run_command, "auth", "make-token", "x", token=False)
        self.assertIn("token", str(error))

    def test_no_folder(self) -> None:
        """A folder that is not there is not made."""
        error = self.assertRaises(SystemExit, main, ["fsck", "--data-dir", "/does/not/exist"])
        self.assertIn("/does/not/exist", str(error))

    def test_resources(self) -> None:
        """Resources are named by words."""
        self.assertEqual(read_resource("cluster"), auth.Resource(type=auth.CLUSTER))
        self.assertEqual(read_resource("project:p"), auth.Resource(type=auth.PROJECT, name="p"))
        self.assertEqual(read_resource("repo:r"), auth.Resource(type=auth.REPO, name="default/r"))
        for text in ("", "cluster:x", "project:", "branch:b"):
            self.assertRaises(UsageError, read_resource, text)

    def test_unknown_command(self) -> None:
        """A command that is not there is refused, with those that are."""
        error = self.assertRaises(SystemExit, main, ["fsk"])
        self.assertIn("fsck", str(error))

    def test_wrong_options(self) -> None:
        """A wrong option is refused, with where to look."""
        error = self.assertRaises(SystemExit, main, ["gc", "--nonsense"])
        self.assertIn("python -m pachgw gc --help", str(error))
