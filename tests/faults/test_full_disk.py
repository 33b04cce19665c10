"""
The embedded PFS on a disk that fills up.
"""

from __future__ import annotations

import random
import shutil

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code, Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.mounts import MountedCase
from tests.embedded.pfs_case import REPO, add, head

Files = dict[str, bytes]


class FullDiskTests(MountedCase):
    """
    ModifyFile until nothing fits any more.
    """

    def setUp(self) -> None:
        super().setUp()
        self.folder = self.place / "data"
        self.served = self.opened()
        self.addCleanup(lambda: self.served.close())

    def opened(self) -> EmbeddedPFS:
        """
        Open the store.
        """
        served = EmbeddedPFS(self.folder, lambda: 1_700_000_000.0)
        served.open()
        return served

    def write(self, path: str, data: bytes) -> None:
        """
        Make a commit of one file.
        """
        requests = iter([pfs.ModifyFileRequest(set_commit=head()), add(path, data)])
        self.served.procedures[methods.MODIFY_FILE.path](requests, InnerCall())

    def fill(self, size: int) -> Files:
        """
        Write files of a size until ten were refused.

        @return: those that were not.
        """
        chance = random.Random(size)
        files: Files = {}
        refused = 0
        while refused < 10:
            path, data = f"/{len(files):05}", chance.randbytes(size)
            try:
                self.write(path, data)
                files[path] = data
            except Refused as refusal:
                self.assertIs(refusal.code, Code.RESOURCE_EXHAUSTED, refusal.details)
                self.assertIn("no space is left on the disk", refusal.details)
                refused += 1
        return files

    def prove(self, files: Files) -> None:
        """
        The branch holds just these files, and the store is whole.
        """
        walk = methods.WALK_FILE.request(file=messages.file(head(), "/"))
        infos = self.served.procedures[methods.WALK_FILE.path](walk, InnerCall())
        paths = [info.file.path for info in infos if info.file_type == pfs.FILE]
        self.assertEqual(paths, sorted(files))
        for path in paths:
            request = pfs.GetFileRequest(file=messages.file(head(), path))
            self.assertEqual(b"".join(self.served.content(request, InnerCall())), files[path])
        self.assertEqual(list(self.served.procedures[methods.FSCK.path](pfs.FsckRequest(), InnerCall())), [])

    def test_refused_and_whole(self) -> None:
        """
        Small and large files are refused when there is no space, and everything that was acknowledged is there: then, after opening
        again, and when there is space again and writing goes on.
        """
        ballast = self.place / "ballast"
        for size in (3000, 50_000):
            ballast.write_bytes(bytes(1_000_000))
            self.served.procedures[methods.CREATE_REPO.path](methods.CREATE_REPO.request(repo=REPO), InnerCall())
            files = self.fill(size)
            self.assertGreater(len(files), 5)
            self.prove(files)
            self.served.close()
            ballast.unlink()
            self.served = self.opened()
            self.prove(files)
            files["/last"] = b"L" * 50_000
            self.write("/last", files["/last"])
            self.prove(files)
            self.served.close()
            shutil.rmtree(self.folder)
            self.served = self.opened()
