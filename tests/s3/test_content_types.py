"""
Types of what was written without one.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.content_types import SNIFFED, UNKNOWN, by_content, by_name


class NameTests(SynchronousTestCase):
    """
    L{by_name}.
    """

    def test_extensions(self) -> None:
        """
        As the documents show, with the charset on text, whatever the case.
        """
        for key, content_type in (
            ("file.txt", "text/plain; charset=utf-8"),
            ("a/b.CSV", "text/csv; charset=utf-8"),
            ("a.json", "application/json"),
            ("a.png", "image/png"),
            ("a.parquet", "application/vnd.apache.parquet"),
            ("a.tar.gz", "application/gzip"),
            ("a.tgz", "application/gzip"),
            ("data:text.html", "text/html; charset=utf-8"),
            ("dir/", "application/x-directory"),
        ):
            self.assertEqual(by_name(key), content_type, key)

    def test_nothing_to_say(self) -> None:
        """
        No extension, an unknown one, a hidden file, an extension of the directory only.
        """
        for key in ("a", "a.unheard", ".txt", "a.txt/b", "", "data:image/gif,x"):
            self.assertIsNone(by_name(key), key)


class ContentTests(SynchronousTestCase):
    """
    L{by_content}.
    """

    def test_signatures(self) -> None:
        """
        First bytes that everybody knows.
        """
        for head, content_type in (
            (b"\x89PNG\r\n\x1a\nrest", "image/png"),
            (b"PAR1\x15\x04", "application/vnd.apache.parquet"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
            (b"RIFF\x00\x00\x00\x00????", UNKNOWN),
            (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
            (b" \n<!DOCTYPE HTML>", "text/html; charset=utf-8"),
            (b"<?xml version='1.0'?>", "text/xml; charset=utf-8"),
            (b"hello\n", "text/plain; charset=utf-8"),
            ("ü".encode() * 600, "text/plain; charset=utf-8"),
            (b"hello\x00", UNKNOWN),
            (b"\xff\xfe\x00", UNKNOWN),
            (b"", UNKNOWN),
        ):
            self.assertEqual(by_content(head), content_type, head[:20])

    def test_cut_character(self) -> None:
        """
        Text is text also when the last character is cut.
        """
        self.assertEqual(by_content(("x" + "é" * SNIFFED).encode()[:SNIFFED]), "text/plain; charset=utf-8")

    @given(st.binary(max_size=64))
    def test_anything(self, head: bytes) -> None:
        """
        Whatever the bytes, there is a type.
        """
        self.assertIn("/", by_content(head))
