"""
The keys that PFS can hold.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidFilePath, KeyTooLongError
from pachgw.s3.keys import FORBIDDEN, MAX_KEY, check_key, holds, is_marker, marker_path

GOOD = [
    "a",
    "a/b",
    "a b",
    "~",
    "a\\b",
    "%41",
    "...",
    ".a",
    "a.",
    "dir/",
    "a/..b/",
    "x" * MAX_KEY,
    "'\"&<>#$=;:,|`",
    ".pachgw2",
]
BAD = {
    "": "empty",
    "/": "begins with '/'",
    "/a": "begins with '/'",
    "a//b": "'//'",
    "a//": "'//'",
    ".": "segment '.'",
    "a/../b": "segment '..'",
    "a/..": "segment '..'",
    "../": "segment '..'",
    "é": "U+00E9",
    "a\x00": "U+0000",
    "a\x7f": "U+007F",
    "a\udcff": "U+DCFF",
    "a/.pachgw": "'.pachgw'",
    ".pachgw/a": "'.pachgw'",
    ".pachgw/": "'.pachgw'",
    **{f"a{character}": repr(character) for character in FORBIDDEN},
}


class KeyTests(SynchronousTestCase):
    """
    L{check_key} and L{holds}.
    """

    def test_good(self) -> None:
        """
        What PFS takes is taken.
        """
        for key in GOOD:
            check_key(key)
            self.assertTrue(holds(key), key)

    def test_bad(self) -> None:
        """
        What PFS refuses or would take for something else is refused, and the message names the culprit.
        """
        for key, culprit in BAD.items():
            error = self.assertRaises(InvalidFilePath, check_key, key)
            self.assertIn(culprit, error.message)
            self.assertFalse(holds(key), key)

    def test_length_is_in_bytes(self) -> None:
        """
        The limit counts UTF-8, as AWS does, and goes before what else is wrong.
        """
        self.assertRaises(KeyTooLongError, check_key, "x" * (MAX_KEY + 1))
        self.assertRaises(KeyTooLongError, check_key, "é" * (MAX_KEY // 2 + 1))
        self.assertFalse(holds("x" * (MAX_KEY + 1)))

    def test_markers(self) -> None:
        """
        A marker is known by its slash, and its file is no key of a client's.
        """
        self.assertEqual([is_marker("a/"), is_marker("a"), is_marker("")], [True, False, False])
        self.assertFalse(holds(marker_path("a/")))

    @given(st.text(max_size=40))
    def test_one_answer(self, key: str) -> None:
        """
        Whatever the key, reading and writing agree, and nothing but the two errors comes out.
        """
        try:
            check_key(key)
        except (InvalidFilePath, KeyTooLongError):
            self.assertFalse(holds(key))
        else:
            self.assertTrue(holds(key) and key.isascii() and key.isprintable())
