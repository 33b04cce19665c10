"""
Continuation tokens.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.continuation import Continuation, parse_token
from pachgw.s3.errors import InvalidArgument

COMMIT = "0123456789abcdef" * 2
TEXT = st.text(max_size=20)


class TokenTests(SynchronousTestCase):
    """
    L{Continuation.token} and L{parse_token}.
    """

    @given(st.binary(min_size=16, max_size=16), TEXT, TEXT, TEXT, TEXT)
    def test_round_trip(self, commit: bytes, last: str, bucket: str, prefix: str, delimiter: str) -> None:
        """
        Another gateway reads what one has written, and the token needs no escaping in a query.
        """
        place = Continuation(commit.hex(), last)
        token = place.token(bucket, prefix, delimiter)
        self.assertEqual(parse_token(token, bucket, prefix, delimiter), place)
        self.assertRegex(token, r"\A[A-Za-z0-9_-]+\Z")

    def test_bound(self) -> None:
        """
        A token is of no use for another bucket, prefix or delimiter, nor for parts that run together to the same text.
        """
        token = Continuation(COMMIT, "k").token("b", "p", "/")
        for bucket, prefix, delimiter in (("c", "p", "/"), ("b", "", "/"), ("b", "p", ""), ("bp", "", "/"), ("b", "p/", "")):
            self.assertRaises(InvalidArgument, parse_token, token, bucket, prefix, delimiter)

    def test_every_change_is_found(self) -> None:
        """
        A token with any character changed, cut or added is none.
        """
        token = Continuation(COMMIT, "some/key").token("b", "", "")
        for place in range(len(token)):
            for other in "A_=!\x00é":
                changed = token[:place] + other + token[place + 1 :]
                if changed != token:
                    self.assertRaises(InvalidArgument, parse_token, changed, "b", "", "")
            self.assertRaises(InvalidArgument, parse_token, token[:place], "b", "", "")
        for added in ("A", "=", "\n", " "):
            self.assertRaises(InvalidArgument, parse_token, token + added, "b", "", "")

    def test_huge(self) -> None:
        """
        Megabytes are refused unread.
        """
        self.assertRaises(InvalidArgument, parse_token, "A" * 1_000_000, "b", "", "")

    @given(st.text(max_size=100))
    def test_anything(self, text: str) -> None:
        """
        No text that is no token is taken for one.
        """
        self.assertRaises(InvalidArgument, parse_token, text, "b", "", "")
