"""
Listing, checking and exporting records, on the embedded PFS.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from twisted.internet.defer import Deferred

from pachgw.objects import part_checks, record_book
from pachgw.objects.record_book import Finding, RecordBook
from pachgw.objects.records import OBJECTS, name_of_content, object_records
from pachgw.objects.values import CompletedPart
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.objects.bodies import FakeBody
from tests.objects.test_writing_embedded import BLUE, IMAGES, NOBODY, EmbeddedWritingTestCase

OWN = "_pachgw_"
Item = TypeVar("Item")


class BookTests(EmbeddedWritingTestCase):
    """
    L{RecordBook}.
    """

    def book(self) -> RecordBook:
        """A new one, of the records as they are now."""
        return RecordBook(self.pfs, self.clock, NOBODY, IMAGES)

    def gathered(self, items: AsyncIterator[Item]) -> list[Item]:
        """All of them."""

        async def gather() -> list[Item]:
            return [item async for item in items]

        return self.now(Deferred.fromCoroutine(gather()))

    def paths(self) -> list[str]:
        """What the records are of."""
        return [record.path if record else "" for _, record in self.gathered(self.book().all())]

    def test_no_branch(self) -> None:
        """Where nothing is kept there is nothing."""
        self.assertEqual(self.gathered(self.book().all()), [])
        self.assertEqual(self.gathered(self.book().check()), [])
        self.assertEqual(self.gathered(self.book().export()), [])

    def test_all(self) -> None:
        """All records are found once, in the order of their places, also when they are read some at a time."""
        for number in range(20):
            self.now(self.put(f"a{number}", b"1", BLUE))
        for content in (b"2", b"3", b"4"):
            self.now(self.put("a7", content, BLUE))
        whole = self.paths()
        self.assertEqual(sorted(whole), sorted([*(f"/a{number}" for number in range(20)), "/a7", "/a7", "/a7"]))
        for large in (600, 10):
            self.patch(record_book, "LARGE", large)
            self.pfs.calls.clear()
            self.assertEqual(self.paths(), whole)
            self.assertGreater(self.pfs.calls.count("GetFileTAR"), 5)

    def test_whole(self) -> None:
        """Records of what the head, an old version and another branch hold are whole and needed."""
        self.now(self.put("a", b"1", BLUE))
        self.now(self.put("a", b"2", BLUE))
        self.now(self.store.delete(NOBODY, IMAGES, "a"))
        self.assertEqual(self.gathered(self.book().check()), [])

    def test_damage(self) -> None:
        """Damage is told, with what it is."""
        info = self.now(self.put("a", b"1", BLUE)).info
        whole = self.gathered(self.book().export())[0]
        contents = {
            "JSON": b"{\n",
            "no record of a gateway": b"[]\n",
            "version 2": whole.replace(b'"pachgw":1', b'"pachgw":2'),
            "kind 'part'": b'{"pachgw":1,"kind":"part"}\n',
            "missing or wrong": whole.replace(b'"size"', b'"sighs"'),
            "another place": whole,
        }
        places = {f"{OBJECTS}/{number:032}/{'0' * 64}": text for number, text in enumerate(contents)}
        self.commit(self.pfs, self.images, OWN, {place: contents[text] for place, text in places.items()})
        found = self.gathered(self.book().check())
        self.assertEqual({finding.place for finding in found}, set(places))
        for place, text, damage in found:
            self.assertIn(places[place], text)
            self.assertTrue(damage)
        self.assertIn(whole, self.gathered(self.book().export()))
        self.assertIn(
            f"{OBJECTS}/{name_of_content('/a', info.hash)}", [place for place, record in self.gathered(self.book().all()) if record]
        )

    def test_orphan(self) -> None:
        """A record of what no commit holds is told, and is no damage."""
        info = self.now(self.put("a", b"1", BLUE)).info
        self.now(self.put("a", b"2", BLUE))
        squash = pfs.SquashCommitRequest(commit=messages.commit(self.images, info.version))
        self.now(self.pfs.call(methods.SQUASH_COMMIT, squash))
        place = f"{OBJECTS}/{name_of_content('/a', info.hash)}"
        self.assertEqual(self.gathered(self.book().check()), [Finding(place, "/a: no commit holds this content any more", False)])

    def test_parts(self) -> None:
        """The parts of an object are exported with it, and missed when they are gone."""
        self.patch(part_checks, "SMALLEST", 3)
        id = self.now(self.store.create_upload(NOBODY, IMAGES, "big", BLUE)).id
        part = self.now(self.store.upload_part(NOBODY, IMAGES, "big", id, 1, FakeBody(b"abc")))
        self.now(self.store.complete_upload(NOBODY, IMAGES, "big", id, [CompletedPart(1, part.etag)]))
        self.assertEqual(self.gathered(self.book().check()), [])
        lines = b"".join(self.gathered(self.book().export()))
        self.assertEqual(([record.parts for record in object_records(lines)], lines.count(b"\n")), ([1], 2))
        [described] = [path for path in self.files(OWN) if path.startswith("/parts/")]
        self.commit(self.pfs, self.images, OWN, {described: None})
        [finding] = self.gathered(self.book().check())
        self.assertTrue(finding.damage)
        self.assertIn("/big: its 1 parts", finding.text)
