"""
DeleteObjects, both ways.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import Deleted
from pachgw.s3.documents_delete import Deletion, delete_result, parse_delete
from pachgw.s3.errors import AccessDenied, MalformedXML, NotImplemented
from pachgw.s3.xml_writing import text
from tests.s3.validated import is_valid, names, texts, valid

COMMIT = "0123456789abcdef" * 2


def delete(inner: str, attributes: str = "") -> bytes:
    """
    A request.
    """
    return f"<Delete{attributes}>{inner}</Delete>".encode()


class InTests(SynchronousTestCase):
    """
    L{parse_delete}.
    """

    def test_keys(self) -> None:
        """
        Keys exactly, versions, ETags; with and without a namespace.
        """
        inner = "<Object><Key> a&amp;b\n</Key></Object><Object><VersionId>v</VersionId><Key>c</Key><ETag>&quot;e&quot;</ETag></Object>"
        for attributes in ("", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'):
            body = delete(inner, attributes)
            self.assertTrue(is_valid("Delete", body))
            request = parse_delete(body)
            self.assertEqual(request.keys, [Deletion(" a&b\n"), Deletion("c", "v", "e")])
            self.assertFalse(request.quiet)

    def test_quiet(self) -> None:
        """
        Before or behind the keys.
        """
        for inner in ("<Quiet>true</Quiet><Object><Key>a</Key></Object>", "<Object><Key>a</Key></Object><Quiet>TRUE</Quiet>"):
            self.assertTrue(parse_delete(delete(inner)).quiet)
        self.assertFalse(parse_delete(delete("<Quiet>false</Quiet><Object><Key>a</Key></Object>")).quiet)

    def test_limit(self) -> None:
        """
        1 to 1,000 keys.
        """
        self.assertEqual(len(parse_delete(delete("<Object><Key>a</Key></Object>" * 1000)).keys), 1000)
        for count in (0, 1001):
            self.assertRaises(MalformedXML, parse_delete, delete("<Object><Key>a</Key></Object>" * count))

    def test_malformed(self) -> None:
        """
        What the schema does not have is not taken either: nothing is deleted by a guess.
        """
        for inner in (
            "<Object/>",
            "<Object><Key/></Object>",
            "<Object><Key>a</Key><Key>b</Key></Object>",
            "<Object><Key>a</Key><Other/></Object>",
            "<Object><Key>a</Key></Object><Quiet>maybe</Quiet>",
            "<Object><Key>a</Key></Object><Other/>",
            "<Key>a</Key>",
        ):
            self.assertRaises(MalformedXML, parse_delete, delete(inner))
            self.assertFalse(is_valid("Delete", delete(inner)), inner)

    def test_conditions_of_others(self) -> None:
        """
        A condition that is not done here must not be ignored.
        """
        self.assertRaises(NotImplemented, parse_delete, delete("<Object><Key>a</Key><Size>1</Size></Object>"))

    @given(
        st.lists(
            st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1), min_size=1, max_size=9
        )
    )
    def test_any_keys(self, keys: list[str]) -> None:
        """
        Keys come as they were sent, in order.
        """
        request = parse_delete(delete("".join(f"<Object><Key>{escape(key)}</Key></Object>" for key in keys)))
        self.assertEqual([deletion.key for deletion in request.keys], keys)


class OutTests(SynchronousTestCase):
    """
    L{delete_result}.
    """

    results = [
        Deleted("a", COMMIT),
        Deleted("b <"),
        Deleted("c", error=AccessDenied("No & no.")),
        Deleted("d", error=RuntimeError("secret")),
    ]

    def test_results(self) -> None:
        """
        One for each, in order; what went wrong on our side is told without its details.
        """
        root = valid(delete_result(self.results))
        self.assertEqual(names(root), ["Deleted", "Deleted", "Error", "Error"])
        self.assertEqual(texts(root, "Deleted/Key"), ["a", "b <"])
        self.assertEqual(texts(root, "Deleted/DeleteMarkerVersionId"), [COMMIT])
        self.assertEqual(texts(root, "Error/Code"), ["AccessDenied", "InternalError"])
        self.assertEqual(texts(root, "Error/Message")[0], "No & no.")
        self.assertNotIn(text("secret").encode(), delete_result(self.results))

    def test_quiet(self) -> None:
        """
        Errors only.
        """
        self.assertEqual(names(valid(delete_result(self.results, quiet=True))), ["Error", "Error"])
