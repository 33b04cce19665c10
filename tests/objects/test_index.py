"""
The index of a commit, the memory of indexes, and how they are built.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects import building
from pachgw.objects.blocks import BLOCK, Entry, pack
from pachgw.objects.changes import hash_of
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName, Indexes
from pachgw.objects.store import ObjectStore, ReadingSettings
from pachgw.objects.values import Caller, ListQuery, ObjectInfo
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.buckets import parse_bucket
from tests.objects.readable_pfs import ReadablePFS

NOBODY = Caller()
IMAGES = parse_bucket("images")


def entry(name: str, size: int = 1, modified: float = 1.0) -> Entry:
    """
    A file.
    """
    return Entry(name.encode(), size, modified, bytes(32))


def index_of(names: list[str]) -> Index:
    """
    An index of files.
    """
    return Index(list(pack([entry(name) for name in sorted(names)])))


def names_in(index: Index) -> list[str]:
    """
    All names, in order.
    """
    return [entry.name.decode() for block in index.blocks for entry in block.entries()]


names = st.text("abc/", min_size=1, max_size=6)


class IndexTests(SynchronousTestCase):
    """
    One index.
    """

    @settings(max_examples=200, deadline=None)
    @given(st.sets(names, max_size=40), st.sets(names, max_size=20), st.sets(names, max_size=20), st.integers(1, 5))
    def test_changed(self, before: set[str], put: set[str], removed: set[str], spread: int) -> None:
        """
        A child's index holds what it would if it had been built anew, with the files that did not change sharing their blocks.
        """
        padding = {f"m/{number:05}" for number in range(BLOCK * spread)}
        index = index_of(sorted(before | padding))
        removed -= put
        changes = {name.encode(): entry(name, 2) for name in put} | dict.fromkeys([name.encode() for name in removed])
        child = index.changed(changes)
        self.assertEqual(names_in(child), sorted((before | padding | put) - removed))
        for name in put:
            found = child.find(name.encode())
            assert found is not None
            self.assertEqual(found.size, 2)
        self.assertEqual(names_in(index), sorted(before | padding))

    def test_shares_blocks(self) -> None:
        """
        One changed file costs one block of the child's own.
        """
        index = index_of([f"{number:06}" for number in range(50 * BLOCK)])
        child = index.changed({b"003000": entry("003000", 9)})
        self.assertEqual(len(set(map(id, child.blocks)) - set(map(id, index.blocks))), 1)

    def test_everything_removed(self) -> None:
        """
        An index may become empty, and grow again.
        """
        index = index_of(["a", "b"])
        empty = index.changed({b"a": None, b"b": None, b"never": None})
        self.assertEqual(names_in(empty), [])
        self.assertIsNone(empty.cursor(b"").next())
        self.assertEqual(names_in(empty.changed({b"c": entry("c")})), ["c"])

    def test_files_and_directories(self) -> None:
        """
        What is a file is no directory; neighbours in name are neither.
        """
        index = index_of(["a/b", "a.b", "a0", "c"])
        self.assertEqual([index.is_file(path) for path in ("/a/b", "/a", "/c", "/c/", "/a/")], [True, False, True, False, False])
        self.assertEqual([index.is_directory(path) for path in ("/a", "/a/", "/c", "/a/b", "/a.")], [True, True, False, False, False])

    def test_compact(self) -> None:
        """
        An entry takes its name and at most 60 bytes.
        """
        files = [f"some/directory/{number:08}.parquet" for number in range(50_000)]
        index = index_of(files)
        taken = sum(block.size for block in index.blocks) + index.overhead - sum(map(len, files))
        self.assertLess(taken / len(files), 60)


class IndexesTests(SynchronousTestCase):
    """
    The memory of indexes.
    """

    def name(self, id: str) -> CommitName:
        """
        A commit of one repo.
        """
        return CommitName("default", "images", id)

    def test_bounded_and_oldest_first(self) -> None:
        """
        Over the limit, the index that was not used for longest goes, whole.
        """
        one = index_of([f"{number:06}" for number in range(1000)])
        indexes = Indexes(limit=int(2.5 * sum(block.size for block in one.blocks)))
        for id in "ab":
            indexes.keep(self.name(id), index_of([f"{number:06}" for number in range(1000)]))
        indexes.find(self.name("a"))
        indexes.keep(self.name("c"), one)
        self.assertEqual([indexes.find(self.name(id)) is not None for id in "abc"], [True, False, True])
        self.assertLessEqual(indexes.size, indexes.limit)

    def test_shared_blocks_count_once(self) -> None:
        """
        A hundred generations of a large index take little more than one.
        """
        indexes = Indexes(limit=10**8)
        indexes.keep(self.name("0"), index_of([f"{number:06}" for number in range(20_000)]), "master")
        alone = indexes.size
        for generation in range(100):
            written = entry(f"{generation:06}", 5)
            indexes.carry(self.name(str(generation)), self.name(str(generation + 1)), {written.name: written})
        self.assertEqual(len(indexes), 101)
        self.assertLess(indexes.size, 2 * alone)
        self.assertEqual(indexes.latest("default", "images", "master"), self.name("100"))
        indexes.clear()
        self.assertEqual(indexes.size, 0)

    def test_carry_without_parent(self) -> None:
        """
        Nothing is made of changes to an index that is not there.
        """
        indexes = Indexes()
        indexes.carry(self.name("0"), self.name("1"), {b"a": entry("a")})
        self.assertIsNone(indexes.find(self.name("1")))


class BuildingTests(SynchronousTestCase):
    """
    Where indexes come from.
    """

    def setUp(self) -> None:
        """
        A branch with some files, whose index is there.
        """
        self.clock = Clock()
        self.clock.advance(1000)
        self.pfs = ReadablePFS(self.clock)
        self.pfs.fill({f"/{number:03}": b"%d" % number for number in range(200)})
        self.store = ObjectStore(self.pfs, self.clock)
        self.keys()
        self.clock.advance(100)

    def keys(self) -> dict[str, ObjectInfo]:
        """
        What a listing shows.
        """
        listing = self.successResultOf(self.store.list(NOBODY, IMAGES, ListQuery()))
        return {info.key: info for info in listing.objects}

    def test_carried_by_differences(self) -> None:
        """
        After somebody else's commit the index comes from the differences, and no other file's time moves.
        """
        self.pfs.fill({"/000": b"changed", "/new": b"new"})
        self.pfs.remove(["/199"])
        self.keys()
        self.assertEqual(self.pfs.calls.count("WalkFile"), 1)
        listed = self.pfs.counted(self.keys)
        self.assertEqual(listed, ["InspectBranch"])
        self.assertEqual(self.pfs.calls.count("DiffFile"), 1)
        shown = self.keys()
        self.assertEqual(list(shown), [f"{number:03}" for number in range(199)] + ["new"])
        self.assertEqual({key for key, info in shown.items() if info.modified != 1000}, {"000", "new"})
        self.assertEqual(shown["000"].hash, hash_of(b"changed"))

    def test_differences_that_are_no_help(self) -> None:
        """
        Where there are too many, or PFS does not give them, the commit is walked.
        """
        for spoil in (lambda: self.patch(building, "_LARGE_DIFF", 1), lambda: self.pfs.before.update(DiffFile=_refuse)):
            spoil()
            self.pfs.fill({f"/{number:03}": b"again%d" % len(self.pfs.commits) for number in range(3)})
            self.keys()
            self.assertEqual(self.pfs.counted(self.keys), ["InspectBranch"])
            shown = self.keys()
            self.assertEqual(shown["001"].hash, hash_of(b"again%d" % (len(self.pfs.commits) - 1)))
            self.assertEqual({key for key, info in shown.items() if info.modified != 1000}, {"000", "001", "002"})

    def test_closed_while_building(self) -> None:
        """
        When the gateway stops, what is being built ends.
        """
        store = ObjectStore(self.pfs, self.clock)
        self.pfs.holding.add("WalkFile")
        listing = store.list(NOBODY, IMAGES, ListQuery())
        self.pfs.holding.clear()
        self.successResultOf(store.close())
        self.assertEqual(len(self.successResultOf(listing).objects), 200)
        self.assertEqual(len(store.indexes), 0)

    def test_built_once(self) -> None:
        """
        Requests for one commit share its building.
        """
        store = ObjectStore(self.pfs, self.clock)
        self.pfs.holding.add("InspectCommit")
        waiting = [store.list(NOBODY, IMAGES, ListQuery()) for _ in range(5)]
        walks = self.pfs.calls.count("WalkFile")
        self.pfs.release()
        for listing in waiting:
            self.assertEqual(len(self.successResultOf(listing).objects), 200)
        self.assertEqual(self.pfs.calls.count("WalkFile") - walks, 1)

    def test_failed_building_hurts_nobody(self) -> None:
        """
        When the builder's walk fails, its readers go on at PFS by themselves.
        """
        store = ObjectStore(self.pfs, self.clock)
        failures = [PFSError(Status.UNAVAILABLE, "gone for a moment")]
        self.pfs.before["WalkFile"] = lambda: _raise_first(failures)
        listing = self.successResultOf(store.list(NOBODY, IMAGES, ListQuery()))
        self.assertEqual(len(listing.objects), 200)
        self.assertEqual(failures, [])

    def test_failed_commit_has_no_index(self) -> None:
        """
        A commit whose content PFS has refused is not remembered: its successors do not hold what it shows.
        """
        self.pfs.fill({"/000/below": b"x"})
        self.keys()
        again = self.pfs.counted(self.keys)
        self.assertIn("WalkFile", again)

    def test_building_makes_room(self) -> None:
        """
        What is being built counts, so that older indexes go before the limit is passed.
        """
        self.pfs.fill({f"/{number:03}": b"x" for number in range(300)}, "dev")
        alone = self.store.indexes.size
        store = ObjectStore(self.pfs, self.clock, ReadingSettings(index_memory=int(2.2 * alone)))
        self.successResultOf(store.list(NOBODY, IMAGES, ListQuery()))
        self.successResultOf(store.list(NOBODY, parse_bucket("dev.images"), ListQuery()))
        self.assertEqual(len(store.indexes), 1)
        self.assertLessEqual(store.indexes.size, store.indexes.limit)

    def test_two_at_once(self) -> None:
        """
        Few commits are walked at a time; who lists another meanwhile reads it from PFS.
        """
        for branch in ("a", "b", "c"):
            self.pfs.fill({"/x": b"x"}, branch)
        self.pfs.holding.add("WalkFile")
        waiting = [self.store.list(NOBODY, parse_bucket(f"{branch}.images"), ListQuery()) for branch in ("a", "b")]
        self.pfs.holding.clear()
        listing = self.successResultOf(self.store.list(NOBODY, parse_bucket("c.images"), ListQuery()))
        self.assertEqual([info.key for info in listing.objects], ["x"])
        self.pfs.release()
        for each in waiting:
            self.assertEqual([info.key for info in self.successResultOf(each).objects], ["x"])
        self.assertEqual(self.pfs.counted(lambda: self.store.list(NOBODY, parse_bucket("c.images"), ListQuery())), ["InspectBranch"])

    def test_newer_commit_takes_the_place(self) -> None:
        """
        Of the commits of a branch that wait to be indexed, the newest is.
        """
        self.pfs.fill({"/x": b"x"}, "a")
        self.pfs.fill({"/x": b"x"}, "b")
        self.pfs.holding.add("WalkFile")
        for branch in ("a", "b"):
            self.store.list(NOBODY, parse_bucket(f"{branch}.images"), ListQuery())
        self.pfs.holding.clear()
        for number in range(3):
            self.pfs.fill({"/y": b"%d" % number}, "c")
            self.successResultOf(self.store.list(NOBODY, parse_bucket("c.images"), ListQuery()))
        walks = self.pfs.calls.count("WalkFile")
        self.pfs.release()
        self.assertEqual(self.pfs.calls.count("WalkFile") - walks, 1)
        self.assertEqual(self.pfs.counted(lambda: self.store.list(NOBODY, parse_bucket("c.images"), ListQuery())), ["InspectBranch"])

    def test_out_of_order(self) -> None:
        """
        If PFS does not tell files in order, which an index relies on, there is none, and it is not tried again.
        """
        walk = self.pfs._WalkFile
        self.patch(self.pfs, "_WalkFile", lambda request: walk(request)[::-1] if not request.number else walk(request))
        store = ObjectStore(self.pfs, self.clock)
        self.assertEqual(len(self.successResultOf(store.list(NOBODY, IMAGES, ListQuery())).objects), 200)
        self.assertEqual(self.pfs.counted(lambda: store.list(NOBODY, IMAGES, ListQuery())), ["InspectBranch", "WalkFile"])

    def test_too_large_is_not_tried_again(self) -> None:
        """
        A commit over the limit is walked once, up to the limit, and then paged.
        """
        store = ObjectStore(self.pfs, self.clock, ReadingSettings(index_memory=5000))
        self.successResultOf(store.list(NOBODY, IMAGES, ListQuery()))
        calls = self.pfs.counted(lambda: store.list(NOBODY, IMAGES, ListQuery()))
        self.assertEqual(calls, ["InspectBranch", "WalkFile"])
        self.assertEqual(store.indexes.size, 0)


def _refuse() -> None:
    raise PFSError(Status.UNKNOWN, "no")


def _raise_first(failures: list[PFSError]) -> None:
    if failures:
        raise failures.pop(0)
