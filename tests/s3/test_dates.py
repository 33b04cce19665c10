"""
The forms of times.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.dates import http_date, iso_date, parse_http_date


class DateTests(SynchronousTestCase):
    """
    Writing and reading.
    """

    def test_shown(self) -> None:
        """
        Headers and documents show the same whole second.
        """
        self.assertEqual(http_date(1622683896.9), "Thu, 03 Jun 2021 01:31:36 GMT")
        self.assertEqual(iso_date(1622683896.9), "2021-06-03T01:31:36.000Z")

    def test_three_forms(self) -> None:
        """
        RFC 9110 wants the obsolete forms read too.
        """
        for text in ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"):
            self.assertEqual(parse_http_date(text), 784111777, text)

    def test_no_date(self) -> None:
        """
        What is no date is nothing, not an error.
        """
        for text in ("", "tomorrow", "Sun, 99 Nov 1994 08:49:37 GMT", "0", "Sun, 06 Nov 1994 08:49:37 +999999", "x" * 100_000):
            self.assertIsNone(parse_http_date(text), text[:40])

    @given(st.integers(0, 253402300799))
    def test_round_trip(self, seconds: int) -> None:
        """
        What is written is read.
        """
        self.assertEqual(parse_http_date(http_date(seconds)), seconds)

    @given(st.text(max_size=80))
    def test_anything(self, text: str) -> None:
        """
        No text raises.
        """
        self.assertIsInstance(parse_http_date(text), (int, type(None)))
