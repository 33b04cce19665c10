"""
File sets: making, layering, adding, sharding and letting them expire.
"""

from __future__ import annotations

import sqlite3
import threading

from pachgw.embedded.disk import Disk
from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import PFSCase, add, by_id, copy, delete, file_set, head

MISSING = "0" * 32
NORMAL, FULL = 1, 2  # of SQLite's PRAGMA synchronous


class FileSetTests(PFSCase):
    """
    The procedures about file sets.
    """

    def compose(self, *ids: str, seconds: int = 600) -> str:
        """
        Call ComposeFileSet.
        """
        id: str = self.do(methods.COMPOSE_FILE_SET, file_set_ids=list(ids), ttl_seconds=seconds).file_set_id
        return id

    def put(self, *ids: str) -> None:
        """
        Put file sets into a commit of their own.
        """
        opened = self.start()
        for id in ids:
            self.do(methods.ADD_FILE_SET, commit=by_id(opened), file_set_id=id)
        self.finish(by_id(opened))

    def test_layers(self) -> None:
        """
        Content for the same path is joined in order; a delete in a later set drops what came before, in the sets and in the commit.
        """
        self.write(add("/a", b"old "), add("/b", b"old "))
        composed = self.compose(self.make_set(add("/a", b"one "), add("/b", b"one ")), self.make_set(delete("/b"), add("/b", b"two")))
        self.assertEqual(self.files(file_set(composed)), {"/a": b"one ", "/b": b"two"})
        self.put(composed)
        self.assertEqual(self.files(), {"/a": b"old one ", "/b": b"two"})

    def test_added_one_by_one(self) -> None:
        """
        Adding sets one after the other does the same as adding them composed.
        """
        sets = [self.make_set(add("/a", b"1")), self.make_set(delete("/a"), add("/b", b"2")), self.make_set(add("/a", b"3"))]
        self.put(*sets)
        self.assertEqual(self.files(), {"/a": b"3", "/b": b"2"})

    def test_parts_by_reference(self) -> None:
        """
        Parts that were copied into sets of their own are joined without their bytes being stored again.
        """
        large = bytes(range(256)) * 1024
        parts = [self.make_set(add("/part", large + bytes([number]))) for number in range(3)]
        before = self.stored()
        copied = [self.make_set(copy(messages.file(file_set(id), "/part"), "/whole", append=True)) for id in parts]
        self.put(self.compose(self.make_set(delete("/whole")), *copied))
        self.assertEqual(self.read("/whole"), b"".join(large + bytes([number]) for number in range(3)))
        self.assertEqual(self.stored(), before)

    def stored(self) -> set[str]:
        """
        The names of all chunk files.
        """
        return {path.name for path in (self.folder / "data" / "chunks").glob("*/*")}

    def test_of_a_commit(self) -> None:
        """
        A set of all that a commit holds, or of what was written into it, can be put elsewhere.
        """
        self.write(add("/a", b"1"))
        self.write(delete("/a"), add("/b", b"2"))
        whole = self.do(methods.GET_FILE_SET, commit=head()).file_set_id
        diff = self.do(methods.GET_FILE_SET, commit=head(), type=pfs.GetFileSetRequest.DIFF).file_set_id
        self.assertEqual(self.files(file_set(whole)), {"/b": b"2"})
        self.write(add("/a", b"x"), add("/c", b"x"))
        self.put(diff)
        self.assertEqual(self.files(), {"/b": b"22", "/c": b"x"})
        with self.refuses("get file set: pick commit tx", Code.NOT_FOUND):
            self.do(methods.GET_FILE_SET, commit=head("none"))

    def test_expiry(self) -> None:
        """
        A set lives ten minutes, or as long as it is renewed; then nothing finds it, and its content is collected.
        """
        kept, lost = self.make_set(add("/a", b"x" * 50_000)), self.make_set(add("/b", b"y" * 50_000))
        self.time += 590
        self.do(methods.RENEW_FILE_SET, file_set_id=kept, ttl_seconds=1800)
        self.time += 1000
        self.pfs.maintain(threading.Event())
        self.assertEqual(self.read("/a", file_set(kept)), b"x" * 50_000)
        self.assertEqual(len(self.stored()), 1)
        with self.refuses("path does not exist"):
            self.paths(file_set(lost))
        with self.refuses("tracker does not contain item", Code.NOT_FOUND):
            self.do(methods.RENEW_FILE_SET, file_set_id=lost, ttl_seconds=60)
        with self.refuses("dangling reference"):
            self.compose(kept, lost)

    def test_expired_and_not_collected(self) -> None:
        """
        A set whose time is over cannot be brought back, though it was not collected yet.
        """
        made = self.make_set(add("/a", b"1"))
        self.time += 601
        with self.refuses("tracker does not contain item", Code.NOT_FOUND):
            self.do(methods.RENEW_FILE_SET, file_set_id=made, ttl_seconds=60)

    def test_limits(self) -> None:
        """
        A set lives half an hour at the most, and a second at the least.
        """
        made = self.make_set(add("/a", b"1"))
        for seconds, phrase in ((1801, "exceeds max ttl"), (0, "at least one second")):
            with self.refuses(phrase):
                self.do(methods.RENEW_FILE_SET, file_set_id=made, ttl_seconds=seconds)
        with self.refuses("exceeds max ttl"):
            self.compose(made, seconds=4000)

    def test_missing(self) -> None:
        """
        What does not exist is refused by each procedure in its own words.
        """
        opened = self.start()
        with self.refuses("add file set: path does not exist"):
            self.do(methods.ADD_FILE_SET, commit=by_id(opened), file_set_id=MISSING)
        with self.refuses("path does not exist"):
            self.do(methods.SHARD_FILE_SET, file_set_id=MISSING)

    def test_durability(self) -> None:
        """
        What belongs to no commit yet costs no sync of its own; the commit that it is put into does.
        """
        synced: list[int] = []
        commit = Disk.commit

        def note(disk: Disk, connection: sqlite3.Connection) -> None:
            synced.append(connection.execute("PRAGMA synchronous").fetchone()[0])
            commit(disk, connection)

        self.patch(Disk, "commit", note)
        made = self.make_set(add("/a", b"1"))
        composed = self.compose(made, made)
        self.do(methods.RENEW_FILE_SET, file_set_id=composed, ttl_seconds=60)
        self.assertEqual(set(synced), {NORMAL})
        synced.clear()
        self.write(copy(messages.file(file_set(composed), "/a"), "/b"))
        self.assertEqual(set(synced), {FULL})
        self.assertEqual(self.files(), {"/b": b"11"})

    def test_shards(self) -> None:
        """
        Shards cover everything without gaps, and hold about what was asked for.
        """
        made = self.make_set(*(add(f"/{number}", b"x" * 10) for number in range(10)))
        shards = self.do(methods.SHARD_FILE_SET, file_set_id=made, num_files=4).shards
        self.assertEqual([(shard.lower, shard.upper) for shard in shards], [("", "/4"), ("/4", "/8"), ("/8", "")])
        shards = self.do(methods.SHARD_FILE_SET, file_set_id=made, size_bytes=50).shards
        self.assertEqual([shard.lower for shard in shards], ["", "/5"])
        self.assertEqual(len(self.do(methods.SHARD_FILE_SET, file_set_id=made).shards), 1)

    def test_reserved_name(self) -> None:
        """
        No repo may be called like that of the file sets.
        """
        with self.refuses("is a reserved name"):
            self.do(methods.CREATE_REPO, repo=messages.repo("default", messages.FILE_SETS))
