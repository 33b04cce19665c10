"""
The escaping of keys that PFS cannot hold.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.escaping import escape, path_prefix, unescape
from pachgw.s3.keys import MARKER_NAME, holds

PIECES = [
    "%",
    "25",
    "2B",
    "2F",
    "2E",
    "C3",
    "A9",
    "E2",
    "82",
    "AC",
    "41",
    "/",
    ".",
    "..",
    MARKER_NAME,
    "pachgw",
    "a",
    "+",
    "é",
    "€",
    "😀",
    "\x00",
    "\x7f",
    " ",
    "~",
]
KEYS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join) | st.text(
    st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20
)
PATHS = (
    st.lists(st.sampled_from([piece for piece in PIECES if piece.isascii() and piece.isprintable() and piece != "+"]), min_size=1)
    .map("".join)
    .filter(holds)
)


def segments(path: str, key_of: bool) -> list[str]:
    """
    The names of a path, a directory's with its slash, as keys show them if C{key_of}.
    """
    parts = [part for part in path.replace("/", "/\n").split("\n") if part]
    return [unescape(part) for part in parts] if key_of else parts


class EscapeTests(SynchronousTestCase):
    """
    L{escape} and L{unescape}.
    """

    def test_examples(self) -> None:
        """
        The rules as they are documented.
        """
        for key, path in (
            ("report (1).csv", "report %281%29.csv"),
            ("a+b@c", "a%2Bb%40c"),
            ("ü😀", "%C3%BC%F0%9F%98%80"),
            ("a%2Bb", "a%252Bb"),
            ("a%252Bb", "a%25252Bb"),
            ("a%C3%A9", "a%25C3%A9"),
            ("100%", "100%"),
            ("%41", "%41"),
            ("%2b", "%2b"),
            ("%25", "%25"),
            ("a%C3", "a%C3"),
            ("a//b", "a/%2Fb"),
            ("/", "%2F"),
            ("//a", "%2F/a"),
            ("a//", "a/%2F"),
            ("a%2Fb", "a%2Fb"),
            ("a/%2Fb", "a/%252Fb"),
            (".", "%2E"),
            ("a/../b", "a/%2E./b"),
            ("a/%2E./b", "a/%252E./b"),
            ("a/.b", "a/.b"),
            ("a/.pachgw", "a/%2Epachgw"),
            (".pachgw/a", "%2Epachgw/a"),
            ("plain/key.txt", "plain/key.txt"),
            ("dir/", "dir/"),
        ):
            self.assertEqual(escape(key), path, key)
            self.assertEqual(unescape(path), key, path)

    @given(KEYS)
    def test_any_key(self, key: str) -> None:
        """
        PFS can hold every key's path, and the key comes back.
        """
        path = escape(key)
        self.assertTrue(holds(path), path)
        self.assertEqual(unescape(path), key)

    @given(PATHS)
    def test_any_path(self, path: str) -> None:
        """
        Every path that PFS can hold is the path of the key that it shows.
        """
        self.assertEqual(escape(unescape(path)), path)

    @given(KEYS)
    def test_only_what_must(self, key: str) -> None:
        """
        A key that PFS can hold and that has no escape in it stays what it is.
        """
        if holds(key) and "%" not in key:
            self.assertEqual(escape(key), key)

    @given(KEYS, KEYS)
    def test_prefix(self, prefix: str, rest: str) -> None:
        """
        All keys of a prefix lie where the search for it looks.
        """
        self.assertTrue(escape(prefix + rest).startswith(path_prefix(prefix)))

    @given(KEYS, KEYS)
    def test_order(self, one: str, other: str) -> None:
        """
        Sorting the names of each directory as keys show them gives the order of the keys.
        """
        by_names = segments(escape(one), True) < segments(escape(other), True)
        self.assertEqual(by_names, one < other)
