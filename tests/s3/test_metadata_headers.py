"""
Metadata in headers.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidArgument, MetadataTooLarge
from pachgw.s3.metadata import Metadata
from pachgw.s3.metadata_headers import MAX_USER, parse_metadata, replaces_metadata, user_headers


def user(value: str) -> str:
    """
    The text that is kept of a header's value.
    """
    return parse_metadata({"x-amz-meta-a": value}).user["a"]


class ParsingTests(SynchronousTestCase):
    """
    L{parse_metadata}.
    """

    def test_kept_headers(self) -> None:
        """
        The headers that come back, and no other; an empty one says nothing.
        """
        headers = {
            "content-type": "text/x",
            "cache-control": "no-cache",
            "expires": "0",
            "content-language": "",
            "host": "h",
            "content-length": "1",
        }
        self.assertEqual(parse_metadata(headers), Metadata({"content-type": "text/x", "cache-control": "no-cache", "expires": "0"}))

    def test_aws_chunked_is_of_the_transfer(self) -> None:
        """
        It is taken out of Content-Encoding, wherever it stands; a value without it stays as it was given.
        """
        for value, kept in (
            ("aws-chunked", None),
            ("aws-chunked,gzip", "gzip"),
            ("gzip, AWS-chunked", "gzip"),
            ("gzip,br", "gzip,br"),
            ("aws-chunked,gzip,br", "gzip, br"),
            ("aws-chunked,", None),
        ):
            self.assertEqual(parse_metadata({"content-encoding": value}).headers.get("content-encoding"), kept)

    def test_text(self) -> None:
        """
        UTF-8 and RFC 2047 are read, what is neither is latin-1, what only looks like RFC 2047 stays.
        """
        for value, text in (
            ("plain", "plain"),
            ("", ""),
            (" a b ", "a b"),
            ("é".encode().decode("latin-1"), "é"),
            ("\xe9", "é"),
            ("=?UTF-8?B?w6k=?=", "é"),
            ("=?utf-8?q?a_=C3=A9?=", "a é"),
            ("=?ISO-8859-1?Q?=E9?=", "é"),
            ("=?utf-8?b?%?=", "=?utf-8?b?%?="),
            ("=?utf-7?Q?+AOk-?=", "=?utf-7?Q?+AOk-?="),
            ("=?", "=?"),
        ):
            self.assertEqual(user(value), text, value)

    def test_size(self) -> None:
        """
        Names and values together may have 2 KiB, counted in UTF-8.
        """
        parse_metadata({"x-amz-meta-ab": "x" * (MAX_USER - 2)})
        self.assertRaises(MetadataTooLarge, parse_metadata, {"x-amz-meta-ab": "x" * (MAX_USER - 1)})
        self.assertRaises(MetadataTooLarge, parse_metadata, {"x-amz-meta-ab": "\xe9" * (MAX_USER // 2)})

    def test_names_and_values_that_are_no_headers(self) -> None:
        """
        They could come from a query, and must not go out as headers.
        """
        for headers in ({"x-amz-meta-": "1"}, {"x-amz-meta-a\r\nb": "1"}, {"x-amz-meta-a b": "1"}, {"content-type": "a\r\nb: c"}):
            self.assertRaises(InvalidArgument, parse_metadata, headers)

    def test_directive(self) -> None:
        """
        COPY unless it says REPLACE.
        """
        name = "x-amz-metadata-directive"
        self.assertEqual(
            [replaces_metadata({}), replaces_metadata({name: "COPY"}), replaces_metadata({name: "REPLACE"})], [False, False, True]
        )
        self.assertRaises(InvalidArgument, replaces_metadata, {name: "MERGE"})


class ResponseTests(SynchronousTestCase):
    """
    L{user_headers}.
    """

    def test_ascii_stays(self) -> None:
        """
        What every header can carry is not encoded.
        """
        self.assertEqual(user_headers(Metadata(user={"mtime": "1622683896.5"})), {"x-amz-meta-mtime": "1622683896.5"})

    @given(st.text(max_size=60))
    def test_round_trip(self, text: str) -> None:
        """
        Any text comes back as it was, in visible ASCII: nothing can break out of its header.
        """
        value = user_headers(Metadata(user={"a": text}))["x-amz-meta-a"]
        self.assertRegex(value, r"\A[ -~]*\Z")
        self.assertEqual(user(value), text)

    @given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
    def test_anything_can_be_shown(self, value: str) -> None:
        """
        Whatever arrives and is kept can be shown, and sent again gives the same.
        """
        kept = parse_metadata({"x-amz-meta-a": value})
        self.assertEqual(parse_metadata(user_headers(kept)), kept)
