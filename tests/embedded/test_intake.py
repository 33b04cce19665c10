"""
Content on its way into the store and out again.
"""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from pachgw.embedded import chunks, intake
from pachgw.embedded.entries import Chunk, Content, digest
from pachgw.embedded.faults import Damaged
from pachgw.embedded.store import Store
from tests.embedded.stores import LARGE, StoreCase, get, put


def pattern(size: int) -> bytes:
    """
    Bytes that are not the same at any two places near each other.
    """
    return b"".join(number.to_bytes(4, "little") for number in range(size // 4 + 1))[:size]


class ContentTests(StoreCase):
    """
    What goes in comes out.
    """

    def take(self, store: Store, *pieces: bytes) -> Content:
        """
        Store one file for good.
        """
        with store.intake() as taking:
            writer = taking.writer()
            for piece in pieces:
                writer.write(piece)
            content = writer.finish()
            taking.settle()
            with store.database.write() as connection:
                taking.save(connection)
                store.tree.inside(connection).apply(b"", [(b"/f\0", content)])
        return content

    def test_any_sizes(self) -> None:
        """
        Whatever the sizes of file, chunk and pieces, and whichever part is read: the bytes are right, none is empty, and chunks are full
        but for the last.
        """
        self.patch(intake, "LARGEST", 50)
        self.patch(intake, "SMALL", 20)
        self.patch(chunks, "SMALL", 20)
        self.patch(chunks, "PIECE", 16)
        store = self.open()

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(st.lists(st.integers(0, 130), max_size=4), st.integers(0, 300), st.none() | st.integers(0, 300))
        def check(sizes: list[int], offset: int, length: int | None) -> None:
            whole = pattern(sum(sizes))
            places = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
            content = self.take(store, *(whole[left:right] for left, right in itertools.pairwise(places)))
            self.assertEqual(content.size, len(whole))
            self.assertTrue(all(chunk.size == 50 for chunk in store.tree.chunks(content)[:-1]))
            pieces = list(store.read(content, offset, length))
            self.assertEqual(b"".join(pieces), whole[offset:] if length is None else whole[offset : offset + length])
            self.assertNotIn(b"", pieces)

        check()
        self.assertEqual(list(store.chunks.strays()), [])

    def test_cut_at_fixed_places(self) -> None:
        """
        Content is cut every 4 MiB, and the rest, when small, is a row.
        """
        store = self.open()
        whole = pattern(chunks.LARGEST + 10)
        content = self.take(store, whole)
        self.assertEqual([chunk.size for chunk in store.tree.chunks(content)], [chunks.LARGEST, 10])
        self.assertTrue(store.chunks.has_file(store.tree.chunks(content)[0]))
        self.assertEqual(b"".join(store.read(content)), whole)
        self.assertLessEqual(max(map(len, store.read(content))), chunks.PIECE)

    def test_stored_once(self) -> None:
        """
        The same content again, in the same request or another, takes no more space.
        """
        store = self.open()
        for path in ("/a", "/b"):
            put(store, {path: b"L" * LARGE, f"{path}2": b"L" * LARGE, f"{path}3": b"s", f"{path}4": b"s"})
        files = [hash for folder in store.chunks.folders() for hash in store.chunks.in_folder(folder)]
        self.assertEqual(files, [digest(b"L" * LARGE)])
        self.assertEqual(store.database.reader().execute("SELECT content FROM chunks").fetchall(), [(b"s",)])

    def test_a_short_file_is_written_again(self) -> None:
        """
        A chunk file that lost bytes is not taken for the chunk when the same content comes.
        """
        store = self.open()
        put(store, {"/a": b"L" * LARGE})
        store.chunks.path(digest(b"L" * LARGE)).write_bytes(b"L")
        self.assertEqual(get(store, put(store, {"/b": b"L" * LARGE}), "/b"), b"L" * LARGE)

    def test_many_small_ones_do_not_pile_up(self) -> None:
        """
        When the small chunks of one request are many, they go to the database before its end.
        """
        self.patch(intake, "_HELD", 1000)
        store = self.open()
        with store.intake() as taking:
            for number in range(100):
                writer = taking.writer()
                writer.write(b"%03d" % number * 7)
                writer.finish()
            self.assertEqual(store.database.reader().execute("SELECT COUNT(*) FROM chunks").fetchone(), (96,))

    def test_settle_first(self) -> None:
        """
        An intake with chunks on their way cannot be saved.
        """
        store = self.open()
        with store.intake() as taking, store.database.write() as connection:
            writer = taking.writer()
            writer.write(b"L" * LARGE)
            writer.finish()
            self.assertRaises(ValueError, taking.save, connection)

    def test_given_up(self) -> None:
        """
        What a request gives up leaves no file behind but whole chunks, which the garbage collection finds.
        """
        store = self.open()
        with store.intake() as taking:
            whole, cut_short = taking.writer(), taking.writer()
            whole.write(b"W" * LARGE)
            whole.finish()
            cut_short.write(b"C" * LARGE)
        self.assertEqual(list(store.chunks.strays()), [])
        self.assertTrue(store.chunks.has_file(Chunk(digest(b"W" * LARGE), LARGE)))
        self.assertEqual(store.pins.chunks, {})

    def test_missing(self) -> None:
        """
        Chunks that are gone or cut short are told as damage, not as the end of the file.
        """
        store = self.open()
        root = put(store, {"/large": b"L" * LARGE, "/gone": b"G" * LARGE, "/small": b"s"})
        store.chunks.path(digest(b"L" * LARGE)).write_bytes(b"L")
        store.chunks.path(digest(b"G" * LARGE)).unlink()
        with store.database.write() as connection:
            connection.execute("DELETE FROM chunks")
        for path in ("/large", "/gone", "/small"):
            self.assertRaises(Damaged, get, store, root, path)

    def test_strays_go_at_the_start(self) -> None:
        """
        What a crash left unfinished is removed when the store is opened.
        """
        store = self.open()
        stray = store.chunks.temporary / "7"
        stray.write_bytes(b"half")
        store.close()
        self.open()
        self.assertFalse(stray.exists())
