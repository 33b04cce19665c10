"""
Reading the contents of an archive.
"""

from __future__ import annotations

import io
import tarfile

from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.tar_contents import tar_contents


def archive(*files: tuple[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    """
    An archive of files; a name that ends in a slash is a directory's.
    """
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=format) as writer:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.size = len(content)
            writer.addfile(entry, io.BytesIO(content))
    return written.getvalue()


class TarTests(SynchronousTestCase):
    """
    What is a file's content and what is not.
    """

    def test_files(self) -> None:
        """
        Contents of any length in order; directories and extended headers have none.
        """
        files = [("a/", b""), ("a/1", b"x" * 512), ("a/2", b""), ("long" * 100, b"y" * 513), ("a/3", b"z")]
        for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
            self.assertEqual(tar_contents(archive(*files, format=format)), b"x" * 512 + b"y" * 513 + b"z")

    def test_nothing(self) -> None:
        """
        An empty archive, and none at all.
        """
        self.assertEqual(tar_contents(archive()), b"")
        self.assertEqual(tar_contents(b""), b"")

    def test_damaged(self) -> None:
        """
        What was cut short, or is no archive.
        """
        with self.assertRaises(ValueError):
            tar_contents(archive(("a", b"x" * 1000))[:1024])
        with self.assertRaises(ValueError):
            tar_contents(b"no archive " * 100)
