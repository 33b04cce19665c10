"""
Writing of XML.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.xml_writing import DECLARATION, document, element, optional, text, url_encoded


def round_trip(value: str) -> str:
    """
    What a client reads of a value.
    """
    return etree.fromstring(document("a", [text(value)])).text or ""


class TextTests(SynchronousTestCase):
    """
    L{text} and what is made of it.
    """

    @given(st.text())
    def test_always_well_formed(self, value: str) -> None:
        """
        Whatever is written can be read, and is the same but for what XML cannot hold.
        """
        held = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in value)
        self.assertEqual(round_trip(value), held)

    def test_surrogates(self) -> None:
        """
        Half a character, from bytes that were not UTF-8, does not break the document.
        """
        self.assertEqual(round_trip("a\udcffb"), "a\ufffdb")

    def test_elements(self) -> None:
        """
        Booleans and numbers are written as XML has them, and nothing for nothing.
        """
        self.assertEqual(element("a", True) + element("a", False) + element("a", 7), "<a>true</a><a>false</a><a>7</a>")
        self.assertEqual(optional("a", None) + optional("a", "") + optional("a", 0), "<a>0</a>")

    def test_document(self) -> None:
        """
        The declaration comes first, by itself, and the namespace is S3's unless there is none.
        """
        self.assertEqual(document("a", ["b"], namespace=""), DECLARATION + b"<a>b</a>")
        self.assertEqual(etree.fromstring(document("a", [])).tag, "{http://s3.amazonaws.com/doc/2006-03-01/}a")

    def test_url_encoding(self) -> None:
        """
        Slashes stay, a space is C{%20} (botocore does not read a plus as one), and all else is UTF-8.
        """
        self.assertEqual(url_encoded("foo+1/b r~\x01é"), "foo%2B1/b%20r~%01%C3%A9")
