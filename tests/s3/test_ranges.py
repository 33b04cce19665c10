"""
Byte ranges.
"""

from __future__ import annotations

from typing import Optional

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidArgument, InvalidRange
from pachgw.s3.ranges import foreseen, parse_copy_range, select


def chosen(header: Optional[str], size: int) -> Optional[str]:
    """
    Content-Range of the answer, C{None} for the whole.
    """
    span = select(header, size)
    return span and span.content_range


class RangeTests(SynchronousTestCase):
    """
    C{Range}.
    """

    def test_forms(self) -> None:
        """
        Both ends, open, suffix; a last byte or a suffix beyond the object is cut to it.
        """
        for header, answer in (
            ("bytes=0-0", "bytes 0-0/10"),
            ("bytes=2-4", "bytes 2-4/10"),
            ("bytes=2-400", "bytes 2-9/10"),
            ("bytes=9-", "bytes 9-9/10"),
            ("bytes=-3", "bytes 7-9/10"),
            ("bytes=-30", "bytes 0-9/10"),
            ("BYTES= 1-2 ", "bytes 1-2/10"),
            ("bytes=00001-2", "bytes 1-2/10"),
            ("bytes=5-99999999999999999999999", "bytes 5-9/10"),
        ):
            self.assertEqual(chosen(header, 10), answer, header)

    def test_whole(self) -> None:
        """
        No header, several ranges, another unit and what cannot be read mean the whole object.
        """
        for header in (
            None,
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=4-2",
            "bytes=0-1,3-4",
            "items=0-1",
            "bytes=a-b",
            "bytes=-1-2",
            "bytes=+1-2",
            "bytes=1-٣",
        ):
            self.assertIsNone(select(header, 10), header)
        self.assertIsNone(select("bytes=" + "1" * 5000 + "-", 10))

    def test_foreseen(self) -> None:
        """
        What can be told before the size is known: all but what is counted from the end, or lies behind any file.
        """
        cases: list[tuple[Optional[str], Optional[tuple[int, Optional[int]]]]] = [
            (None, (0, None)),
            ("bytes=0-1,3-4", (0, None)),
            ("bytes=-", (0, None)),
            ("bytes=4-2", (0, None)),
            ("bytes=4-", (4, None)),
            ("bytes=4-9", (4, 6)),
            ("bytes=-3", None),
            ("bytes=99999999999999999999-", None),
        ]
        for header, expected in cases:
            with self.subTest(header):
                self.assertEqual(foreseen(header), expected)

    def test_unsatisfiable(self) -> None:
        """
        A range without a byte is 416 with the size, and so is any range of an empty object.
        """
        for header, size in (("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)):
            error = self.assertRaises(InvalidRange, select, header, size)
            self.assertEqual(error.headers, {"Content-Range": f"bytes */{size}"})

    @given(st.integers(1, 60), st.none() | st.integers(0, 70), st.none() | st.integers(0, 70))
    def test_against_slices(self, size: int, first: Optional[int], last: Optional[int]) -> None:
        """
        The bytes are those that a plain reading of the RFC selects.
        """
        text = bytes(range(size))
        header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
        if first is None:
            expected = None if last is None else text[-last:] if last else b""
        elif last is None:
            expected = text[first:]
        else:
            expected = text[first : last + 1] if first <= last else None
        if expected == b"":
            self.assertRaises(InvalidRange, select, header, size)
            return
        span = select(header, size)
        self.assertEqual(span and text[span.start : span.start + span.length], expected)

    @given(st.text(max_size=30), st.integers(0, 100))
    def test_anything(self, tail: str, size: int) -> None:
        """
        No header does worse than C{InvalidRange}, and a span lies within the object.
        """
        try:
            span = select("bytes=" + tail, size)
        except InvalidRange:
            return
        self.assertTrue(span is None or (span.length > 0 and span.start + span.length <= size))


class CopyRangeTests(SynchronousTestCase):
    """
    C{x-amz-copy-source-range}.
    """

    def test_strict(self) -> None:
        """
        Only C{bytes=first-last} will do.
        """
        self.assertEqual(parse_copy_range("bytes=0-9"), (0, 9))
        for header in ("", "0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5", "bytes=2-1", "bytes=-1"):
            self.assertRaises(InvalidArgument, parse_copy_range, header)
