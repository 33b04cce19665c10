"""
The check of a store finds every kind of damage, and nothing in a store that is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pachgw.embedded.entries import Chunk, Content, Sums, digest, make_key
from pachgw.embedded.fsck import Check, Finding, Kind
from pachgw.embedded.nodes import Node, encode, reference
from tests.embedded.stores import LARGE, StoreCase, put

FILES = {f"/{number:04d}": b"%d" % number for number in range(300)} | {"/large": b"L" * LARGE}


class CheckTests(StoreCase):
    """
    L{Check}.
    """

    def setUp(self) -> None:
        super().setUp()
        self.store = self.open()
        self.root = put(self.store, FILES)

    def found(self, contents: bool = True) -> list[str]:
        """
        The texts of all damage found.
        """
        return [found.text for found in Check(self.store, [self.root], contents).run() if found.kind is Kind.DAMAGE]

    def break_rows(self, statement: str, *values: object) -> None:
        """
        Change the database by hand.
        """
        with self.store.database.write() as connection:
            self.assertGreater(connection.execute(statement, values).rowcount, 0)
        self.store.tree.nodes.forget()

    def save(self, *nodes: Node) -> None:
        """
        Store nodes that no tree would make; the last is the root.
        """
        with self.store.database.write() as connection:
            for node in nodes:
                body = encode(node)
                self.root = digest(body)
                self.store.tree.nodes.save(connection, {self.root: body})

    def large(self) -> Path:
        """
        The file of the large chunk.
        """
        return self.store.chunks.path(digest(b"L" * LARGE))

    def test_whole(self) -> None:
        """
        A store that is whole has no findings, nor has an empty root.
        """
        for contents in (True, False):
            self.assertEqual(list(Check(self.store, [self.root, b""], contents).run()), [])

    def test_node_missing(self) -> None:
        """
        A node that is gone.
        """
        child = self.store.tree.nodes.node(self.root).values[0][:32]
        self.break_rows("DELETE FROM nodes WHERE id = ?", child)
        self.assertEqual(self.found(), [f"the store lacks the node {child.hex()}"])

    def test_node_changed(self) -> None:
        """
        A node that has other bytes.
        """
        child = self.store.tree.nodes.node(self.root).values[0][:32]
        self.break_rows("UPDATE nodes SET body = CAST(body || x'00' AS BLOB) WHERE id = ?", child)
        self.assertEqual(self.found(), [f"the node {child.hex()} has other bytes than its id says"])

    def test_node_unreadable(self) -> None:
        """
        Bytes that have their hash for an id, but are no node.
        """
        for body, text in ((b"x", "a node of a tree cannot be read"), (b"\0" * 60, "a node of a tree has the wrong length")):
            self.root = digest(body)
            with self.store.database.write() as connection:
                self.store.tree.nodes.save(connection, {self.root: body})
            self.assertEqual(self.found(), [text])

    def test_order_of_keys(self) -> None:
        """
        A node with keys out of order.
        """
        sums = Sums(2, 0, sum(self.one(path).sums.print for path in ("/b", "/a")) % (1 << 128))
        self.save(Node(0, [make_key("/b"), make_key("/a")], [b"", b""], sums))
        self.assertEqual(self.found(), [f"the keys of the node {self.root.hex()} are not in order"])

    def one(self, path: str) -> Node:
        """
        A leaf with one empty file.
        """
        with self.store.database.write() as connection:
            return self.store.tree.nodes.node(self.store.tree.inside(connection).apply(b"", [(make_key(path), Content.of([]))]), connection)

    def test_sums(self) -> None:
        """
        A node whose sums are wrong.
        """
        leaf = self.one("/a")
        self.save(Node(0, leaf.keys, leaf.values, Sums(2, 0, leaf.sums.print)))
        self.assertEqual(self.found(), [f"the sums of the node {self.root.hex()} are wrong"])

    def test_what_a_node_says_of_its_child(self) -> None:
        """
        A reference with the wrong key, sums or level.
        """
        leaf = self.one("/a")
        id = digest(encode(leaf))
        wrong = Sums(1, 5, leaf.sums.print)
        for level, key, sums in ((1, make_key("/b"), leaf.sums), (1, make_key("/a"), wrong), (2, make_key("/a"), leaf.sums)):
            self.save(leaf, Node(level, [key], [reference(id, sums)], sums))
            self.assertEqual(self.found(), [f"the node {self.root.hex()} says something wrong about its child {id.hex()}"])

    def test_small_chunk(self) -> None:
        """
        Small chunks that are gone or changed are found by both kinds of check.
        """
        hash = digest(b"123")
        for statement, text in (
            ("UPDATE chunks SET content = x'313234' WHERE hash = ?", f"the chunk {hash.hex()} has other bytes than its hash says"),
            ("DELETE FROM chunks WHERE hash = ?", f"the store lacks the chunk {hash.hex()}"),
        ):
            self.break_rows(statement, hash)
            self.assertEqual((self.found(), self.found(contents=False)), ([text], [text]))

    def test_large_chunk(self) -> None:
        """
        Large chunks that are gone or have another length are found by both kinds of check, other bytes by that of the contents.
        """
        name = digest(b"L" * LARGE).hex()
        quick = [f"the chunk {name} is missing or has the wrong size"]
        changes: list[tuple[Callable[[], object], str, list[str]]] = [
            (lambda: self.large().write_bytes(b"M" * LARGE), f"the chunk {name} has other bytes than its hash says", []),
            (lambda: self.large().write_bytes(b"L"), f"the chunk {name} is too short", quick),
            (lambda: self.large().unlink(), f"the store lacks the chunk {name}", quick),
        ]
        for change, text, quickly in changes:
            change()
            self.assertEqual((self.found(), self.found(contents=False)), ([text], quickly))

    def test_list_of_chunks(self) -> None:
        """
        A list of chunks that is gone or changed.
        """
        content = Content.of([Chunk(digest(b"%d" % number), len(b"%d" % number)) for number in range(9)])
        assert content.list_id is not None
        with self.store.database.write() as connection:
            self.root = self.store.tree.inside(connection).apply(b"", [(make_key("/a"), content)])
        self.assertEqual(self.found(), [])
        for statement, text in (
            ("UPDATE nodes SET body = CAST(body || x'00' AS BLOB) WHERE id = ?", "has other bytes than its id says"),
            ("DELETE FROM nodes WHERE id = ?", "lacks"),
        ):
            self.break_rows(statement, content.list_id)
            found = self.found()
            self.assertEqual(len(found), 1)
            self.assertIn(text, found[0])

    def test_wrong_size_of_a_file(self) -> None:
        """
        A file that says another size than its chunks have.
        """
        chunks = [Chunk(digest(b"1"), 1), Chunk(digest(b"2"), 1)]
        packed = Content.of(chunks).packed
        with self.store.database.write() as connection:
            self.root = self.store.tree.inside(connection).apply(b"", [(make_key("/a"), Content(b"\3" + packed[1:]))])
        self.assertEqual(self.found(), ["a file of 3 bytes is not what its chunks add up to"])

    def test_orphans_and_strays(self) -> None:
        """
        What nothing refers to is told apart from damage.
        """
        put(self.store, {"/other": b"O" * LARGE, "/small": b"orphan"})
        (self.store.chunks.temporary / "7").write_bytes(b"half")
        (self.large().parent / "README").write_bytes(b"")
        self.assertEqual(
            list(Check(self.store, [self.root]).run()),
            [
                Finding(Kind.ORPHAN, "1 unreferenced rows of kind node"),
                Finding(Kind.ORPHAN, "1 unreferenced rows of kind small chunk"),
                Finding(Kind.ORPHAN, f"the chunk file {digest(b'O' * LARGE).hex()} is not referred to"),
                Finding(Kind.STRAY, f"the file {self.store.chunks.temporary / '7'} does not belong here"),
                Finding(Kind.STRAY, f"the file {self.large().parent / 'README'} does not belong here"),
            ],
        )

    def test_database(self) -> None:
        """
        A database of which a page was overwritten is told as damage, not as an exception.
        """
        root_page = "SELECT rootpage FROM sqlite_master WHERE name = 'nodes'"
        ((page,),) = self.store.database.reader().execute(root_page).fetchall()
        self.store.close()
        with (self.folder / "pachgw.sqlite").open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"\xff" * 200)
        self.store = self.open()
        self.assertTrue(self.found())
