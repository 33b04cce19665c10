"""
The parts in which an object was uploaded.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.changes import INLINE_LIMIT, hash_of
from pachgw.objects.object_parts import BLOCK, part_puts, read_parts
from pachgw.objects.records import ObjectRecord
from pachgw.objects.values import ObjectPart
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata
from tests.objects.bodies import FakeBody
from tests.objects.store_case import BUCKET, CALLER
from tests.objects.upload_case import OWN, UploadTestCase, named


def crc(value: str) -> Checksum:
    """
    A checksum, whatever it is of.
    """
    return Checksum("CRC32", value, ChecksumType.FULL_OBJECT)


class FormatTests(SynchronousTestCase):
    """
    How they are kept.
    """

    def record(self, parts: Sequence[ObjectPart]) -> ObjectRecord:
        """
        Of an object with these parts.
        """
        return ObjectRecord("/a", hash_of(b"a"), sum(part.size for part in parts), 1.0, parts=len(parts))

    def kept(self, parts: Sequence[ObjectPart]) -> bytes:
        """
        What is kept of them, the last block first.
        """
        return b"".join(put.content for put in reversed(list(part_puts(self.record(parts), parts))) if isinstance(put.content, bytes))

    def test_many(self) -> None:
        """
        10,000 parts with the longest checksums are kept in blocks that travel within a commit's stream, and come back.
        """
        parts = [ObjectPart(number, 5 << 30, (Checksum("SHA256", "A" * 43 + "="),)) for number in range(1, 10_001)]
        puts = list(part_puts(self.record(parts), parts))
        self.assertEqual(len(puts), 10_000 // BLOCK)
        self.assertEqual(len({put.path for put in puts}), len(puts))
        self.assertLess(max(put.size for put in puts), INLINE_LIMIT)
        self.assertEqual(read_parts(self.kept(parts), self.record(parts)), parts)

    def test_some_without_checksum(self) -> None:
        """
        A part that was copied may have none.
        """
        parts = [ObjectPart(1, 7, (crc("AAAAAA=="),)), ObjectPart(2, 3)]
        self.assertEqual(read_parts(self.kept(parts), self.record(parts)), parts)

    def test_left_over(self) -> None:
        """
        Blocks of an earlier upload of the same bytes in more parts do not count, and nothing is told if one is missing.
        """
        many = [ObjectPart(number, 1) for number in range(1, BLOCK + 3)]
        few = [ObjectPart(1, BLOCK), ObjectPart(2, 2)]
        later = list(part_puts(self.record(many), many))[1].content
        assert isinstance(later, bytes)
        self.assertEqual(read_parts(later + self.kept(few), self.record(few)), few)
        self.assertEqual(read_parts(later, self.record(many)), [])


class UploadedTests(UploadTestCase):
    """
    From an upload to who asks.
    """

    def upload(self) -> None:
        """
        An object of two parts.
        """
        id = self.begin(algorithm="CRC32", checksum_type=ChecksumType.COMPOSITE)
        first = self.part(id, 3, b"first ", sums=[crc("AAAAAA==")])
        second = self.part(id, 9, b"second", sums=[crc("BBBBBA==")])
        self.complete(id, named(first, second))

    def parts(self, key: str = "dir/big") -> Sequence[ObjectPart]:
        """
        Those of an object; as many as it says.
        """
        opened = self.now(self.store.open(CALLER, BUCKET, key))
        parts = self.now(opened.parts())
        self.assertEqual(opened.info.parts, len(parts))
        return parts

    def test_uploaded(self) -> None:
        """
        They are numbered without gaps, and have their sizes and checksums; also at another gateway.
        """
        self.upload()
        expected = [ObjectPart(1, 6, (crc("AAAAAA=="),)), ObjectPart(2, 6, (crc("BBBBBA=="),))]
        self.assertEqual(self.parts(), expected)
        self.store = self.another_store()
        self.assertEqual(self.parts(), expected)

    def test_put(self) -> None:
        """
        The same bytes that are put at once later are in no parts.
        """
        self.upload()
        self.now(self.store.put(CALLER, BUCKET, "dir/big", FakeBody(b"first second"), Metadata()))
        self.assertEqual(self.parts(), ())

    def test_damaged(self) -> None:
        """
        What cannot be read is as if it were not there: the object can be read all the same.
        """
        self.upload()
        files = self.pfs.head(OWN).files
        [place] = [path for path in files if path.startswith("/parts/")]
        files[place] = b'{"pachgw":1,"kind":"parts"}\n'
        opened = self.now(self.store.open(CALLER, BUCKET, "dir/big"))
        self.assertEqual((self.now(opened.parts()), opened.info.size), ((), 12))
