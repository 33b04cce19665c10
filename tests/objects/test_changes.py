"""
What changes say of themselves.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode

from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.changes import INLINE_LIMIT, Change, Footprint, Put, ancestors, hash_of, joined


class HashTests(SynchronousTestCase):
    """
    PFS's hash of small files.
    """

    def test_as_recorded(self) -> None:
        """
        The hashes that a real pachd gave (C{recorded-main.json}: an empty file, C{1}, C{x}).
        """
        self.assertEqual(hash_of(b""), b64decode("DldRwCblQ7Loqy6wYJnaodHl30d3j3eH+qtFzfEv46g="))
        self.assertEqual(hash_of(b"1"), b64decode("zuGzQZeCrZLsLf/tbT82y5n0vo9ygP/jqHSwK/+pqGE="))
        self.assertEqual(hash_of(b"x"), b64decode("yQATu1dpZVyhLY0/Tw+W8SNh452w7VefUY9PvWefffM="))

    def test_any_size(self) -> None:
        """
        However it is computed, it is the same.
        """
        for size in (1, 2047, 2048, 4096, 16 * 1024, 16 * 1024 + 1, INLINE_LIMIT):
            content = bytes(index % 253 for index in range(size))
            chunk = hashlib.blake2b(content, digest_size=32).digest()
            self.assertEqual(hash_of(content), hashlib.blake2b(chunk, digest_size=32).digest(), str(size))


class JoinedTests(SynchronousTestCase):
    """
    Several changes as one.
    """

    def test_all_of_each(self) -> None:
        """
        Nothing is left out, and the order is kept.
        """
        first, second = (Change((Put.of(f"/{name}", b""),), (f"/x{name}",), (f"/y{name}",)) for name in "ab")
        self.assertEqual(joined([first, second]), Change((*first.puts, *second.puts), ("/xa", "/xb"), ("/ya", "/yb")))


class FootprintTests(SynchronousTestCase):
    """
    Which changes may share a commit.
    """

    def meets(self, first: Change, second: Change) -> bool:
        """
        Whether the second must wait for the first; it does not matter which is which.
        """
        answers = {Footprint([first]).meets(second), Footprint([second]).meets(first)}
        self.assertEqual(len(answers), 1)
        return answers.pop()

    def test_ancestors(self) -> None:
        """
        The directories above a path, nearest first.
        """
        self.assertEqual(list(ancestors("/a/b/c")), ["/a/b", "/a"])
        self.assertEqual(list(ancestors("/a")), [])

    def test_together(self) -> None:
        """
        Different files go together, also in one directory, also when both make the same marker superfluous.
        """
        first = Change((Put.of("/a/b", b""),), sweeps=("/a/.pachgw",))
        second = Change((Put.of("/a/c", b""),), ("/d",), ("/a/.pachgw",))
        self.assertFalse(self.meets(first, second))

    def test_apart(self) -> None:
        """
        The same file, a file where another needs a directory, what is within a directory that goes, and a marker and its directory's file.
        """
        put = Change((Put.of("/a/b", b""),), sweeps=("/a/.pachgw",))
        for other in (
            put,
            Change(deletes=("/a/b",)),
            Change((Put.of("/a", b""),)),
            Change((Put.of("/a/b/c", b""),)),
            Change(deletes=("/a/",)),
            Change((Put.of("/a/.pachgw", b""),)),
        ):
            self.assertTrue(self.meets(put, other), str(other))
