"""
Listings against a naive model: from PFS page by page, from an index that is being built, and from a complete one.
"""

from __future__ import annotations

from typing import Optional

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.store import ObjectStore, ReadingSettings
from pachgw.objects.values import Caller, Listing, ListQuery
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.errors import InvalidArgument, NoSuchBucket
from tests.objects.readable_pfs import ReadablePFS

NOBODY = Caller()
IMAGES = parse_bucket("images")
EMPTY_MARKER = ".pachgw"

segments = st.text("ab-. 0~", min_size=1, max_size=3).filter(lambda text: text not in (".", ".."))
paths = st.lists(segments, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


def without_collisions(found: list[str]) -> list[str]:
    """
    Paths of which none is another's directory.
    """
    return [path for path in found if not any(other.startswith(f"{path}/") for other in found)]


trees = st.lists(paths, max_size=30, unique=True).map(without_collisions)
markers = st.lists(segments, max_size=3, unique=True)
texts = st.text("ab-. 0~/é", max_size=4)


def visible(files: list[str]) -> list[str]:
    """
    The keys that a tree shows.
    """
    keys = []
    for path in files:
        directory, _, name = path.rpartition("/")
        if name != EMPTY_MARKER or not directory:
            keys.append(path[1:])
        elif sum(other.startswith(f"{directory}/") for other in files) == 1:
            keys.append(f"{directory[1:]}/")
    return sorted(keys, key=str.encode)


def model(keys: list[str], query: ListQuery) -> tuple[list[str], list[str], bool]:
    """
    What a listing holds, by AWS's description of it.
    """
    rows: list[tuple[str, bool]] = []
    for key in keys:
        if not key.startswith(query.prefix) or key.encode() <= query.after.encode():
            continue
        cut = key.find(query.delimiter, len(query.prefix)) if query.delimiter else -1
        row = (key, False) if cut < 0 else (key[: cut + len(query.delimiter)], True)
        if row not in rows and not (row[1] and row[0] == query.after):
            rows.append(row)
    page = rows[: query.limit]
    return [name for name, group in page if not group], [name for name, group in page if group], len(rows) > len(page) > 0


class ListingTests(SynchronousTestCase):
    """
    Pages of keys.
    """

    def setUp(self) -> None:
        """
        A PFS without files.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = ReadablePFS(self.clock)
        self.store = ObjectStore(self.pfs, self.clock)

    def page(self, query: ListQuery, store: Optional[ObjectStore] = None) -> Listing:
        """
        A page of the bucket.
        """
        return self.successResultOf((store or self.store).list(NOBODY, IMAGES, query))

    def compare(self, keys: list[str], query: ListQuery, store: ObjectStore) -> None:
        """
        That a page is the model's.
        """
        page = self.page(query, store)
        self.assertEqual(([info.key for info in page.objects], list(page.prefixes), page.truncated), model(keys, query), query)

    @settings(max_examples=150, deadline=None)
    @given(trees, markers, texts, st.sampled_from(["", "/", "a", "b/", "é"]), texts, st.integers(1, 12))
    def test_model(self, tree: list[str], markers: list[str], prefix: str, delimiter: str, after: str, limit: int) -> None:
        """
        Any tree, prefix, delimiter, marker and limit: the same page from PFS, as from the index.
        """
        pfs = ReadablePFS(self.clock)
        taken = {path.split("/")[1] for path in tree if path.count("/") == 1}
        files = tree + [f"/{name}/{EMPTY_MARKER}" for name in markers if name not in taken]
        files = list(dict.fromkeys(files))
        pfs.fill({path: b"" if path.endswith(EMPTY_MARKER) else path.encode() for path in files})
        query = ListQuery(prefix, delimiter, after, limit=limit)
        self.compare(visible(files), query, ObjectStore(pfs, self.clock, ReadingSettings(index_memory=0)))
        warm = ObjectStore(pfs, self.clock)
        self.compare(visible(files), query, warm)
        self.compare(visible(files), query, warm)

    @settings(max_examples=60, deadline=None)
    @given(trees, st.sampled_from(["", "/"]), st.integers(1, 5), st.booleans())
    def test_pages_join(self, tree: list[str], delimiter: str, limit: int, indexed: bool) -> None:
        """
        Page after page by token, everything comes once, in order, although others write meanwhile.
        """
        pfs = ReadablePFS(self.clock)
        pfs.fill(dict.fromkeys(tree, b"x"))
        store = ObjectStore(pfs, self.clock, ReadingSettings(index_memory=2**20 if indexed else 0))
        objects: list[str] = []
        prefixes: list[str] = []
        token = ""
        while True:
            page = self.page(ListQuery(delimiter=delimiter, token=token, limit=limit), store)
            objects += [info.key for info in page.objects]
            prefixes += page.prefixes
            if not page.truncated:
                break
            token = page.token
            pfs.fill({f"/zzz/{len(pfs.commits)}": b"later"})
        whole = model(visible(tree), ListQuery(delimiter=delimiter, limit=10**6))
        self.assertEqual((objects, prefixes), whole[:2])

    def test_first_page_streams(self) -> None:
        """
        The first page of a cold commit is answered before the index is complete, which then goes on growing; one walk serves both.
        """
        self.pfs.fill({f"/{number:04}": b"x" for number in range(2000)})
        self.pfs.portion = 300
        self.pfs.holding.add("WalkFile")
        waiting = self.store.list(NOBODY, IMAGES, ListQuery(limit=100))
        self.pfs.release()
        page = self.successResultOf(waiting)
        self.assertEqual([info.key for info in page.objects], [f"{number:04}" for number in range(100)])
        self.assertEqual(self.pfs.calls.count("WalkFile"), 1)

    def test_delimiter_does_not_wait_for_the_index(self) -> None:
        """
        While an index is built, a listing that skips most of the commit reads from PFS instead of waiting for all of it.
        """
        self.pfs.fill({f"/{directory}/{number:03}": b"x" for directory in "ab" for number in range(500)})
        self.pfs.holding.add("InspectCommit")
        self.store.list(NOBODY, IMAGES, ListQuery(limit=1000))
        self.assertEqual(self.page(ListQuery(delimiter="/")).prefixes, ["a/", "b/"])
        self.pfs.release()

    def test_many_skips_change_over(self) -> None:
        """
        A listing of very many common prefixes does not make a call for each: it goes on with the index, which grows meanwhile.
        """
        directories = [f"{number:03}" for number in range(300)]
        self.pfs.fill({f"/{directory}/{number}": b"x" for directory in directories for number in range(30)})
        page = self.page(ListQuery(delimiter="/"))
        self.assertEqual(page.prefixes, [f"{directory}/" for directory in directories])
        self.assertLess(self.pfs.calls.count("WalkFile"), 20)

    def test_second_listing_costs_the_head_alone(self) -> None:
        """
        Once the index is there, a page of any kind costs one InspectBranch.
        """
        self.pfs.fill({f"/{number:04}": b"x" for number in range(300)})
        self.page(ListQuery())
        for query in (ListQuery(), ListQuery(delimiter="0"), ListQuery(after="0200"), ListQuery(prefix="01")):
            self.assertEqual(self.pfs.counted(lambda query=query: self.page(query)), ["InspectBranch"])  # type: ignore[misc]

    def test_large_commit_skips(self) -> None:
        """
        A commit that is too large for an index is paged, and a listing with a delimiter does not read what lies below its prefixes.
        """
        self.pfs.fill({f"/{directory}/{number:04}": b"x" for directory in "abcde" for number in range(1000)})
        self.pfs.portion = 50
        store = ObjectStore(self.pfs, self.clock, ReadingSettings(index_memory=10_000))
        self.page(ListQuery(delimiter="/"), store)
        self.pfs.read = 0
        page = self.page(ListQuery(delimiter="/"), store)
        self.assertEqual(page.prefixes, ["a/", "b/", "c/", "d/", "e/"])
        self.assertLess(self.pfs.read, 1000)

    def test_no_limit_no_entries(self) -> None:
        """
        A limit of 0 gives an empty page that is not truncated.
        """
        self.pfs.fill({"/a": b"x"})
        page = self.page(ListQuery(limit=0))
        self.assertEqual((list(page.objects), page.truncated), ([], False))

    def test_token_of_a_dropped_commit(self) -> None:
        """
        A token whose commit has gone is told so.
        """
        self.pfs.fill({"/a": b"x", "/b": b"x"})
        token = self.page(ListQuery(limit=1)).token
        dropped = self.pfs.head()
        assert dropped.parent is not None
        self.pfs.branches["master"] = dropped.parent
        del self.pfs.commits[dropped.id]
        self.failureResultOf(self.store.list(NOBODY, IMAGES, ListQuery(token=token)), InvalidArgument)

    def test_missing_branch(self) -> None:
        """
        A branch that is not there is no bucket, and neither is the gateway's own.
        """
        self.failureResultOf(self.store.list(NOBODY, parse_bucket("dev.images"), ListQuery()), NoSuchBucket)
        self.pfs.fill({"/record": b"x"}, "_pachgw_")
        self.failureResultOf(self.store.list(NOBODY, parse_bucket("_pachgw_.images"), ListQuery()), NoSuchBucket)

    def test_open_head_is_read_and_not_remembered(self) -> None:
        """
        What somebody writes into an open head is seen by the next request.
        """
        head = self.pfs.open()
        head.files["/a"] = b"x"
        self.assertEqual([info.key for info in self.page(ListQuery()).objects], ["a"])
        head.files["/b"] = b"x"
        self.assertEqual([info.key for info in self.page(ListQuery()).objects], ["a", "b"])
