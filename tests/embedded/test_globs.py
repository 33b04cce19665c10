"""
Patterns over paths.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.errors import Refused
from pachgw.embedded.globs import literal_prefix, matcher
from pachgw.embedded.paths import clean
from pachgw.pfs.messages import literal

CASES = {
    "/a*": (["/a", "/ab", "/a/"], ["/a/b", "/b"]),
    "/**": (["/a", "/a/b/c"], []),
    "/a?c": (["/abc"], ["/ac", "/a/c"]),
    "/[abc]": (["/a", "/c"], ["/d", "/"]),
    "/[a-c]x": (["/bx"], ["/dx"]),
    "/[!a-c]": (["/d"], ["/a"]),
    "/[^a]": (["/b"], ["/a"]),
    "/{a,b*}": (["/a", "/bcd"], ["/ab"]),
    "/@(a|b)c": (["/ac", "/bc"], ["/abc"]),
    "/+(ab)": (["/ab", "/abab"], ["/"]),
    "/?(x)y": (["/y", "/xy"], ["/xxy"]),
    "/*(x)y": (["/y", "/xxy"], ["/zy"]),
    "/!(a|b)": (["/c", "/ab"], ["/a", "/b"]),
    "/a[*]": (["/a*"], ["/ab"]),
    "/b[\\\\]s": (["/b\\s"], ["/bs"]),
    "/b\\s": ([], ["/b\\s", "/bs"]),
    "/{a,b": (["/a", "/b"], ["/c"]),
    "/@(a": (["/a"], ["/b"]),
    "/a\\": (["/a\\"], ["/a"]),
    "/": (["/"], ["/a"]),
}

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12)


class MatcherTests(SynchronousTestCase):
    """
    L{matcher}.
    """

    def test_cases(self) -> None:
        """
        What matches and what does not.
        """
        for pattern, (matching, others) in CASES.items():
            matches = matcher(pattern)
            for path in matching:
                self.assertTrue(matches(path), f"{pattern} {path}")
            for path in others:
                self.assertFalse(matches(path), f"{pattern} {path}")

    def test_malformed(self) -> None:
        """
        A class without end, a range that goes backwards, an unescaped bracket in a class, and what is too long.
        """
        for pattern in ("/[", "/[a", "/[z-a]", "/[[]", "/" + "a" * 5000, "/" + "?" * 200):
            with self.assertRaises(Refused):
                matcher(pattern)

    def test_prefix(self) -> None:
        """
        The prefix ends before the first special character; a backslash is not one.
        """
        self.assertEqual([literal_prefix(pattern) for pattern in ("/a/b*", "/a\\b", "/a{b}")], ["/a/b", "/a\\b", "/a"])

    @given(PRINTABLE)
    def test_escaped(self, text: str) -> None:
        """
        A path that was escaped matches itself.
        """
        path = clean(text)
        self.assertTrue(matcher(clean(literal(path)))(path), path)

    @given(PRINTABLE, PRINTABLE)
    def test_never_fails_otherwise(self, pattern: str, path: str) -> None:
        """
        A pattern is refused or gives an answer.
        """
        try:
            matches = matcher(clean(pattern))
        except Refused:
            return
        self.assertIn(matches(clean(path)), (True, False))
