"""
XML of clients that mean harm, or do not know what they do.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import MalformedXML, MaxMessageLengthExceeded, MissingRequestBodyError, S3Error
from pachgw.s3.xml_reading import MAX_BODY, parse

LAUGHS = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>"""
OUTSIDE = b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"""


class ParseTests(SynchronousTestCase):
    """
    L{parse}.
    """

    def test_text_is_exact(self) -> None:
        """
        White space, entities of XML itself, references, CDATA and comments within a text.
        """
        self.assertEqual(parse(b"<a> b\n&amp;&#x1F600;<!-- c --><![CDATA[<d>]]><?e f?>g </a>", "a").text, " b\n&\U0001f600<d>g ")

    def test_encoding_is_utf8(self) -> None:
        """
        With a byte order mark or not; another encoding is not looked for.
        """
        self.assertEqual(parse("\ufeff<a>é</a>".encode(), "a").text, "é")
        for body in ("<a>é</a>".encode("latin-1"), "<a>é</a>".encode("utf-16"), b"<a>\xff</a>"):
            self.assertRaises(MalformedXML, parse, body, "a")

    def test_namespaces(self) -> None:
        """
        S3's, with or without its slash, or none; another's elements do not exist.
        """
        for namespace in (
            "http://s3.amazonaws.com/doc/2006-03-01/",
            "http://s3.amazonaws.com/doc/2006-03-01",
            "http://doc.s3.amazonaws.com/2006-03-01",
        ):
            self.assertEqual(parse(f'<x:a xmlns:x="{namespace}"><x:b/></x:a>'.encode(), "a").values(frozenset({"b"})), {"b": ""})
        self.assertRaises(MalformedXML, parse, b'<a xmlns="urn:x"/>', "a")
        self.assertRaises(MalformedXML, parse(b'<a><b xmlns="urn:x"/></a>', "a").values, frozenset({"b"}))

    def test_not_xml(self) -> None:
        """
        What is not well-formed, or another document.
        """
        for body in (
            b" ",
            b"a",
            b"<a>",
            b"<a></b>",
            b"<a/><a/>",
            b"<b/>",
            b"<a>&nbsp;</a>",
            b"<a>\x00</a>",
            b"<a>&#0;</a>",
            b"<?xml version='1.0'?>",
        ):
            self.assertRaises(MalformedXML, parse, body, "a")

    def test_nothing(self) -> None:
        """
        No body at all is an error of its own.
        """
        self.assertRaises(MissingRequestBodyError, parse, b"", "a")

    def test_no_document_type(self) -> None:
        """
        So there are no entities to laugh about, and nothing is read from elsewhere.
        """
        for body in (LAUGHS, OUTSIDE, b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/"><a/>', LAUGHS.decode().encode("utf-16")):
            self.assertRaises(MalformedXML, parse, body, "a")

    def test_size(self) -> None:
        """
        2 MiB is the end, and many elements, deep or wide, are refused before there is a tree.
        """
        self.assertRaises(MaxMessageLengthExceeded, parse, b"<a>" + b" " * MAX_BODY + b"</a>", "a")
        self.assertEqual(len(parse(b"<a>" + b" " * (MAX_BODY - 7) + b"</a>", "a").text), MAX_BODY - 7)
        self.assertRaises(MalformedXML, parse, b"<a>" + b"<b/>" * 999 + b"</a>", "a")
        self.assertRaises(MalformedXML, parse, b"<a>" * 400 + b"</a>" * 400, "a")

    def test_values(self) -> None:
        """
        Each name once, and none but those that are known.
        """
        node = parse(b"<a><b>1</b><c>2</c></a>", "a")
        self.assertEqual(node.values(frozenset({"b", "c", "d"})), {"b": "1", "c": "2"})
        self.assertRaises(MalformedXML, node.values, frozenset({"b"}))
        self.assertRaises(MalformedXML, parse(b"<a><b/><b/></a>", "a").values, frozenset({"b"}))

    @given(st.binary(max_size=200))
    def test_anything(self, body: bytes) -> None:
        """
        No bytes do worse than an error of S3.
        """
        try:
            parse(body, "a")
        except S3Error as error:
            self.assertEqual(error.status, 400)
