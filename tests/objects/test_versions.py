"""
Versions against a naive model.
"""

from __future__ import annotations

from typing import Optional

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.history import Histories
from pachgw.objects.resolving import Resolver
from pachgw.objects.rights import Rights
from pachgw.objects.values import Caller, VersionListing, VersionQuery
from pachgw.objects.versions import Versions
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.errors import ServiceUnavailable
from tests.objects.readable_pfs import ReadablePFS

NOBODY = Caller()
IMAGES = parse_bucket("images")

keys = st.sampled_from(["a", "a/x", "a/y", "b", "b-1", "c/d/e", "c/d/f", "d"])
histories = st.lists(st.dictionaries(keys, st.one_of(st.none(), st.binary(max_size=2)), max_size=4), max_size=8)

Row = tuple[str, str, bool, Optional[int]]


def rows(listing: VersionListing) -> list[Row]:
    """
    What a page says of each version.
    """
    return [(each.key, each.version, each.latest, None if each.info is None else each.info.size) for each in listing.versions]


class VersionsTests(SynchronousTestCase):
    """
    The history of keys.
    """

    def setUp(self) -> None:
        """
        A PFS without files.
        """
        self.begin()

    def begin(self) -> None:
        """
        Anew.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = ReadablePFS(self.clock)
        self.versions = Versions(Resolver(self.pfs, Rights(self.pfs, self.clock)), Histories(self.pfs))

    def page(self, query: VersionQuery, bucket: Bucket = IMAGES) -> VersionListing:
        """
        A page of versions.
        """
        return self.successResultOf(self.versions.list(NOBODY, bucket, query))

    def write(self, history: list[dict[str, Optional[bytes]]]) -> list[Row]:
        """
        Make commits.

        @return: the versions that they make, in order.
        """
        made: dict[str, list[tuple[str, Optional[int]]]] = {}
        for commit in history:
            head = self.pfs.open()
            for key, content in commit.items():
                before = head.files.get(f"/{key}")
                if content is None:
                    head.files.pop(f"/{key}", None)
                elif before is None or content:
                    head.files[f"/{key}"] = content
                after = head.files.get(f"/{key}")
                if after != before:
                    made.setdefault(key, []).insert(0, (head.id, None if after is None else len(after)))
            head.open = False
        return [(key, id, at == 0, size) for key in sorted(made) for at, (id, size) in enumerate(made[key])]

    @settings(max_examples=150, deadline=None)
    @given(histories, st.sampled_from(["", "a", "c/", "zz"]), st.integers(1, 5))
    def test_pages_join(self, history: list[dict[str, Optional[bytes]]], prefix: str, limit: int) -> None:
        """
        Page after page, every version comes once, newest first within its key, and the newest is the latest.
        """
        self.begin()
        expected = [row for row in self.write(history) if row[0].startswith(prefix)]
        found: list[Row] = []
        query = VersionQuery(prefix=prefix, limit=limit)
        while True:
            page = self.page(query)
            found += rows(page)
            if not page.truncated:
                break
            query = VersionQuery(prefix, "", page.next_key, page.next_version, limit)
        self.assertEqual(found, expected)

    @settings(max_examples=100, deadline=None)
    @given(histories, st.integers(1, 3))
    def test_delimiter(self, history: list[dict[str, Optional[bytes]]], limit: int) -> None:
        """
        What lies below a common prefix is one row.
        """
        self.begin()
        expected = self.write(history)
        found: list[Row] = []
        prefixes: list[str] = []
        query = VersionQuery(delimiter="/", limit=limit)
        while True:
            page = self.page(query)
            found += rows(page)
            prefixes += page.prefixes
            if not page.truncated:
                break
            query = VersionQuery("", "/", page.next_key, page.next_version, limit)
        self.assertEqual(found, [row for row in expected if "/" not in row[0]])
        self.assertEqual(prefixes, sorted({row[0].split("/")[0] + "/" for row in expected if "/" in row[0]}))

    def test_delete_marker(self) -> None:
        """
        A removed key's newest version is a delete marker, with the time of the commit that removed it.
        """
        self.pfs.fill({"/a": b"1"})
        self.clock.advance(10)
        gone = self.pfs.remove(["/a"]).id
        newest, first = self.page(VersionQuery()).versions
        self.assertEqual((newest.version, newest.latest, newest.info, newest.modified), (gone, True, None, 1010.0))
        self.assertEqual((first.latest, first.modified), (False, 1000.0))

    def test_only_new_commits_are_asked(self) -> None:
        """
        What a finished commit changed is asked once; another page costs the head, and a new commit one difference.
        """
        for number in range(5):
            self.pfs.fill({"/a": b"%d" % number})
        self.page(VersionQuery())
        self.assertEqual(self.pfs.counted(lambda: self.page(VersionQuery(limit=2))), ["InspectBranch"])
        self.pfs.fill({"/b": b"1"})
        self.assertEqual(self.pfs.counted(lambda: self.page(VersionQuery())), ["DiffFile", "InspectBranch", "ListCommit"])

    def test_open_head_is_not_remembered(self) -> None:
        """
        What an open commit holds by now is shown, and asked again.
        """
        head = self.pfs.open()
        head.files["/a"] = b"1"
        self.assertEqual([each.key for each in self.page(VersionQuery()).versions], ["a"])
        head.files["/b"] = b"1"
        self.assertEqual([each.key for each in self.page(VersionQuery()).versions], ["a", "b"])

    def test_refused_commit_is_no_version(self) -> None:
        """
        A commit whose content PFS refused changed nothing.
        """
        self.pfs.fill({"/a": b"1"})
        self.pfs.fill({"/a/b": b"1", "/c": b"1"})
        after = self.pfs.fill({"/d": b"1"}).id
        self.assertEqual([(each.key, each.version == after) for each in self.page(VersionQuery()).versions], [("a", False), ("d", True)])

    def test_commit_bucket(self) -> None:
        """
        A commit's bucket has the history up to that commit.
        """
        first = self.pfs.fill({"/a": b"1"}).id
        self.pfs.fill({"/a": b"22"})
        bucket = Bucket("default", "images", "master", first)
        self.assertEqual(rows(self.page(VersionQuery(), bucket)), [("a", first, True, 1)])

    def test_many_below_a_prefix_are_skipped(self) -> None:
        """
        A common prefix with many keys below it ends where the next begins.
        """
        self.pfs.fill({f"/a/{number:04}": b"1" for number in range(1000)} | {"/b/1": b"1", "/c": b"1"})
        page = self.page(VersionQuery(delimiter="/"))
        self.assertEqual((page.prefixes, [each.key for each in page.versions]), (["a/", "b/"], ["c"]))

    def test_directory_marker_is_no_version(self) -> None:
        """
        The empty file that keeps a directory is not shown.
        """
        self.pfs.fill({"/d/.pachgw": b"", "/e": b"1"})
        self.assertEqual([each.key for each in self.page(VersionQuery()).versions], ["e"])

    def test_pfs_away(self) -> None:
        """
        Whichever call fails, the answer is that PFS is away, and the next one is whole.
        """
        self.pfs.fill({"/a": b"1"})
        for procedure in ("ListCommit", "DiffFile"):
            self.pfs.before[procedure] = _away
            self.failureResultOf(self.versions.list(NOBODY, IMAGES, VersionQuery()), ServiceUnavailable)
            del self.pfs.before[procedure]
        self.assertEqual([each.key for each in self.page(VersionQuery()).versions], ["a"])

    def test_no_entries(self) -> None:
        """
        A limit of 0, or a prefix that no key can have, gives an empty page.
        """
        self.pfs.fill({"/a": b"1"})
        for query in (VersionQuery(limit=0), VersionQuery(prefix="\u00e9")):
            self.assertEqual((rows(self.page(query)), self.page(query).truncated), ([], False))


def _away() -> None:
    raise PFSError(Status.UNAVAILABLE, "connection refused")
