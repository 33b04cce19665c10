"""
Conditional requests.
"""

from __future__ import annotations

from typing import Optional

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.conditions import (
    COPY_SOURCE,
    NONE,
    Conditions,
    check_supported_delete,
    check_supported_write,
    parse_conditions,
    range_applies,
)
from pachgw.s3.errors import InvalidArgument, NotImplemented, NotModified, PreconditionFailed, S3Error

THEN = 784111777
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"


def read(headers: dict[str, str], etag: str = "e", modified: float = THEN + 0.9) -> int:
    """
    The status of a GET.
    """
    try:
        parse_conditions(headers).check_read(etag, modified)
    except S3Error as error:
        return error.status
    return 200


class ParsingTests(SynchronousTestCase):
    """
    L{parse_conditions}.
    """

    def test_nothing(self) -> None:
        """
        A request without the headers has no conditions, and dates that are none are ignored.
        """
        self.assertEqual(parse_conditions({"range": "bytes=0-1", "if-modified-since": "yesterday"}), NONE)
        self.assertFalse(NONE)
        self.assertTrue(Conditions(if_modified_since=0))

    def test_etags(self) -> None:
        """
        Lists, with and without quotes, weak ones, commas within quotes, and C{*}.
        """
        for text, etags in (
            ('"a"', ("a",)),
            ("a", ("a",)),
            (' "a" , b,"c,d"', ("a", "b", "c,d")),
            ('W/"a"', ("W/a",)),
            ("*", ("*",)),
            ('"*"', ("*",)),
            ('"a-1"', ("a-1",)),
        ):
            self.assertEqual(parse_conditions({"if-match": text}).if_match, etags, text)
        self.assertEqual(parse_conditions({"if-none-match": 'W/"a"'}).if_none_match, ("a",))

    def test_no_etags(self) -> None:
        """
        A list that is none is refused: a condition must not be lost.
        """
        for text in ("", " ", ",", '"a', '"a" "b"', ",".join(["a"] * 101)):
            self.assertRaises(InvalidArgument, parse_conditions, {"if-match": text})

    def test_source(self) -> None:
        """
        The headers about a copy's source are others.
        """
        headers = {COPY_SOURCE + "if-match": '"a"', COPY_SOURCE + "if-unmodified-since": DATE, "if-match": '"b"'}
        self.assertEqual(parse_conditions(headers, COPY_SOURCE), Conditions(if_match=("a",), if_unmodified_since=THEN))

    @given(st.text(max_size=30))
    def test_anything(self, text: str) -> None:
        """
        No header does worse than C{InvalidArgument}, and a condition is never dropped.
        """
        try:
            conditions = parse_conditions({"if-match": text})
        except InvalidArgument:
            return
        self.assertTrue(conditions.if_match)


class ReadTests(SynchronousTestCase):
    """
    L{Conditions.check_read} and L{Conditions.check_copy}.
    """

    def test_each(self) -> None:
        """
        Each header by itself.
        """
        for headers, status in (
            ({"if-match": '"e"'}, 200),
            ({"if-match": "*"}, 200),
            ({"if-match": '"x", "e"'}, 200),
            ({"if-match": '"x"'}, 412),
            ({"if-match": 'W/"e"'}, 412),
            ({"if-none-match": '"x"'}, 200),
            ({"if-none-match": '"e"'}, 304),
            ({"if-none-match": 'W/"e"'}, 304),
            ({"if-none-match": "*"}, 304),
            ({"if-modified-since": DATE}, 304),
            ({"if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT"}, 200),
            ({"if-unmodified-since": DATE}, 200),
            ({"if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT"}, 412),
        ):
            self.assertEqual(read(headers), status, headers)

    def test_precedence(self) -> None:
        """
        ETags go before dates, both ways, and 412 before 304.
        """
        old = "Sun, 06 Nov 1994 08:49:36 GMT"
        for headers, status in (
            ({"if-match": '"e"', "if-unmodified-since": old}, 200),
            ({"if-match": '"x"', "if-unmodified-since": LATER}, 412),
            ({"if-none-match": '"e"', "if-modified-since": old}, 304),
            ({"if-none-match": '"x"', "if-modified-since": LATER}, 200),
            ({"if-match": '"x"', "if-none-match": '"e"'}, 412),
            ({"if-match": '"e"', "if-none-match": '"e"'}, 304),
        ):
            self.assertEqual(read(headers), status, headers)

    def test_copy(self) -> None:
        """
        A copy knows no 304.
        """
        for conditions in (Conditions(if_none_match=("e",)), Conditions(if_modified_since=THEN), Conditions(if_match=("x",))):
            self.assertRaises(PreconditionFailed, conditions.check_copy, "e", THEN)
        Conditions(if_match=("e",), if_none_match=("x",)).check_copy("e", THEN)

    def test_not_modified_is_no_failure(self) -> None:
        """
        The error of a 304 is its own class.
        """
        self.assertRaises(NotModified, Conditions(if_none_match=("*",)).check_read, "e", THEN)

    def test_if_range(self) -> None:
        """
        The range holds for the same object only: by strong ETag, or by its exact date.
        """
        for value, applies in ((None, True), ('"e"', True), ('"x"', False), ('W/"e"', False), (DATE, True), (LATER, False)):
            self.assertEqual(range_applies(value, "e", THEN + 0.5), applies, value)


class WriteTests(SynchronousTestCase):
    """
    Conditional writes and deletes.
    """

    def outcome(self, conditions: Conditions, etag: Optional[str]) -> str:
        """
        The code of a write's answer.
        """
        try:
            conditions.check_write(etag)
        except S3Error as error:
            return error.code
        return "OK"

    def test_write(self) -> None:
        """
        Create only, replace only what is known, and both against nothing.
        """
        create, replace = Conditions(if_none_match=("*",)), Conditions(if_match=("e",))
        self.assertEqual([self.outcome(create, etag) for etag in (None, "e")], ["OK", "PreconditionFailed"])
        self.assertEqual([self.outcome(replace, etag) for etag in (None, "e", "x")], ["NoSuchKey", "OK", "PreconditionFailed"])
        self.assertEqual([self.outcome(Conditions(if_match=("*",)), etag) for etag in (None, "e")], ["NoSuchKey", "OK"])
        self.assertEqual([self.outcome(NONE, etag) for etag in (None, "e")], ["OK", "OK"])

    def test_write_unless_it_is_that(self) -> None:
        """
        C{If-None-Match} with ETags, which AWS does not take, and both headers together.
        """
        unless, both = Conditions(if_none_match=("e", "f")), Conditions(if_match=("e", "g"), if_none_match=("e",))
        self.assertEqual([self.outcome(unless, etag) for etag in (None, "e", "x")], ["OK", "PreconditionFailed", "OK"])
        self.assertEqual([self.outcome(both, etag) for etag in (None, "e", "g")], ["NoSuchKey", "PreconditionFailed", "OK"])

    def test_delete(self) -> None:
        """
        What is gone already may be deleted whatever was expected.
        """
        conditions = Conditions(if_match=("e",))
        conditions.check_delete(None)
        conditions.check_delete("e")
        self.assertRaises(PreconditionFailed, conditions.check_delete, "x")

    def test_not_supported(self) -> None:
        """
        Conditions that are not done on a write are refused, never ignored.
        """
        self.assertRaises(NotImplemented, check_supported_write, Conditions(if_unmodified_since=THEN))
        for conditions in (Conditions(if_none_match=("e",)), Conditions(if_match=("e",)), Conditions(if_modified_since=THEN), NONE):
            check_supported_write(conditions)
        self.assertRaises(NotImplemented, check_supported_delete, Conditions(if_none_match=("*",)))
        check_supported_delete(Conditions(if_match=("e",)))
