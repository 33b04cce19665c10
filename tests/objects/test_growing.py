"""
Reading an index while it is built.
"""

from __future__ import annotations

from typing import Optional

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects import growing
from pachgw.objects.blocks import Entry, pack
from pachgw.objects.cursors import IndexReader
from pachgw.objects.growing import GrowingReader, Growth
from pachgw.objects.index import Index
from pachgw.objects.pages import Page, read_page

names = st.lists(st.text("ab/", min_size=1, max_size=4), max_size=25, unique=True).map(sorted)


def entry(name: str) -> Entry:
    """
    A file.
    """
    return Entry(name.encode(), 1, 1.0, bytes(32))


def whole(found: list[str]) -> Index:
    """
    The index as it will be.
    """
    return Index(list(pack([entry(name) for name in found])))


class GrowingTests(SynchronousTestCase):
    """
    A page that is read as the files come.
    """

    def page(self, growth: Growth, found: list[str], prefix: str, delimiter: str, after: str, limit: int) -> Deferred[Page]:
        """
        Begin to read a page.
        """
        reader = GrowingReader(growth, lambda: IndexReader(whole(found)))
        return Deferred.fromCoroutine(read_page(reader, prefix.encode(), delimiter.encode(), after.encode(), limit))

    @settings(max_examples=300, deadline=None)
    @given(
        names,
        st.text("ab/", max_size=2),
        st.sampled_from(["", "/", "a"]),
        st.text("ab/", max_size=2),
        st.integers(1, 6),
        st.integers(1, 7),
        st.one_of(st.none(), st.integers(0, 4)),
    )
    def test_any_pace(
        self, found: list[str], prefix: str, delimiter: str, after: str, limit: int, portion: int, abandoned: Optional[int]
    ) -> None:
        """
        However many files come at a time, and also when the building is given up in the middle, the page is the same.
        """
        self.patch(growing, "BLOCK", 3)
        growth = Growth()
        pages: list[Page] = []
        self.page(growth, found, prefix, delimiter, after, limit).addCallback(pages.append)
        for number, start in enumerate(range(0, len(found), portion)):
            if number == abandoned:
                growth.abandon()
                break
            growth.add([entry(name) for name in found[start : start + portion]])
        else:
            growth.complete()
        expected = self.successResultOf(
            Deferred.fromCoroutine(read_page(IndexReader(whole(found)), prefix.encode(), delimiter.encode(), after.encode(), limit))
        )
        self.assertEqual(pages, [expected])

    def test_first_page_comes_early(self) -> None:
        """
        A page is answered as soon as its files are there.
        """
        growth = Growth()
        page = self.page(growth, [], "", "", "", 10)
        growth.add([entry(f"{number:04}") for number in range(100)])
        self.assertNoResult(page)
        growth.add([entry(f"{number:04}") for number in range(100, 200)])
        self.assertEqual(len(self.successResultOf(page).entries), 10)

    def test_reader_leaves(self) -> None:
        """
        Who gives up waiting is not woken, and hinders nobody.
        """
        growth = Growth()
        gone, page = (self.page(growth, [], "", "", "", 10) for _ in range(2))
        gone.cancel()
        self.failureResultOf(gone, CancelledError)
        growth.complete()
        self.assertEqual(self.successResultOf(page).entries, [])
