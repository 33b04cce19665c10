"""
Keys that PFS cannot hold, where the gateway is set to escape them.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from pachgw.objects import keyed
from pachgw.objects.paths import ESCAPED
from pachgw.objects.store import ObjectStore, ReadingSettings
from pachgw.objects.values import ListQuery, Source, VersionQuery
from pachgw.s3.errors import InvalidFilePath, KeyTooLongError, NoSuchKey, SlowDown
from pachgw.s3.escaping import escape
from tests.objects.readable_pfs import ReadablePFS
from tests.objects.test_listing import model
from tests.objects.test_writing_embedded import BLUE, IMAGES, NOBODY, EmbeddedWritingTestCase

ODD = ["report (1).csv", "a+b@c", "é", "ü😀", "a//b", "/lead", "x/../y", "100%", "a%2Bb", "d/.pachgw", "tab\there", "*"]

characters = st.sampled_from("ab%+é/.(~2B5")
odd_keys = st.text(characters, min_size=1, max_size=6).filter(lambda key: not key.endswith("/"))


def without_collisions(keys: list[str]) -> list[str]:
    """
    Keys whose paths are no other's directory.
    """
    paths = [escape(key) for key in keys]
    return [key for key, path in zip(keys, paths, strict=True) if not any(other.startswith(f"{path}/") for other in paths)]


class EscapedKeysTests(EmbeddedWritingTestCase):
    """
    A gateway that escapes.
    """

    def setUp(self) -> None:
        """
        Set it so.
        """
        super().setUp()
        self.store = self.escaping()

    def escaping(self) -> ObjectStore:
        """
        A gateway that has just started.
        """
        return ObjectStore(self.pfs, self.clock, names=ESCAPED)

    def listed(self, store: ObjectStore, query: ListQuery) -> tuple[list[str], list[str], bool]:
        """
        A page.
        """
        page = self.now(store.list(NOBODY, IMAGES, query))
        return [info.key for info in page.objects], list(page.prefixes), page.truncated

    def test_round_trip(self) -> None:
        """
        Each odd key is written, listed, found, read, copied and deleted as what it is.
        """
        for key in ODD:
            self.now(self.put(key, key.encode(), BLUE))
        for store in (self.store, self.escaping()):
            self.assertEqual(self.keys(store), sorted(ODD, key=str.encode))
            for key in ODD:
                found = self.now(store.open(NOBODY, IMAGES, key))
                self.assertEqual((found.info.key, found.info.metadata), (key, BLUE))
                self.assertEqual(b"".join(self.now(found.content(0, found.info.size).read())), key.encode())
        self.now(self.store.copy(NOBODY, Source(IMAGES, "é"), IMAGES, "copy of é"))
        self.now(self.store.delete(NOBODY, IMAGES, "é"))
        self.refused(self.store.open(NOBODY, IMAGES, "é"), NoSuchKey)
        self.assertIn("copy of é", self.keys(self.escaping()))

    def test_versions(self) -> None:
        """
        Versions have keys, in the order of keys.
        """
        for key in ("(", "b", "é"):
            self.now(self.put(key, b"1"))
        self.now(self.store.delete(NOBODY, IMAGES, "("))
        listing = self.now(self.store.list_versions(NOBODY, IMAGES, VersionQuery()))
        self.assertEqual(
            [(each.key, each.info is None) for each in listing.versions], [("(", True), ("(", False), ("b", False), ("é", False)]
        )
        listing = self.now(self.store.list_versions(NOBODY, IMAGES, VersionQuery(prefix="é")))
        self.assertEqual([each.key for each in listing.versions], ["é"])

    def test_directory_markers(self) -> None:
        """
        A marker is shown while its directory has nothing else, and an object of its file's name is another thing.
        """
        self.now(self.put("ü/", b""))
        self.assertEqual(self.keys(self.escaping()), ["ü/"])
        self.now(self.put("ü/.pachgw", b""))
        self.assertEqual(self.keys(self.escaping()), ["ü/.pachgw"])
        self.assertTrue(self.now(self.escaping().open(NOBODY, IMAGES, "ü/")).info.marker)

    def test_slashes_at_the_end(self) -> None:
        """
        A slash that has to be escaped makes no directory: the key is an object, of any content.
        """
        keys = ["/", "x//", "y///"]
        for key in keys:
            self.now(self.put(key, b"" if key == "y///" else key.encode()))
        for store in (self.store, self.escaping()):
            self.assertEqual(self.keys(store), keys)
            self.assertEqual([self.now(store.open(NOBODY, IMAGES, key)).info.size for key in keys], [1, 3, 0])
            self.assertEqual([self.now(store.open(NOBODY, IMAGES, key)).info.marker for key in keys], [False, False, True])
        for key in keys:
            self.now(self.store.delete(NOBODY, IMAGES, key))
        self.assertEqual(self.keys(self.store), [])

    def test_what_cannot_be_a_key(self) -> None:
        """
        What is no text, is empty or is too long is refused, and is not there.
        """
        for key, error in (("", InvalidFilePath), ("\udcff", InvalidFilePath), ("é" * 513, KeyTooLongError)):
            self.refused(self.put(key, b"1"), error)
            self.refused(self.store.open(NOBODY, IMAGES, key), NoSuchKey)

    def test_off(self) -> None:
        """
        A gateway that does not escape shows the paths, and refuses the keys.
        """
        self.now(self.put("a+b", b"1"))
        self.store = ObjectStore(self.pfs, self.clock)
        self.assertEqual(self.keys(), ["a%2Bb"])
        self.refused(self.put("a+b", b"1"), InvalidFilePath)
        self.refused(self.store.open(NOBODY, IMAGES, "a+b"), NoSuchKey)

    def test_open_commit(self) -> None:
        """
        Keys of a commit that is still open, which has no index, are in order too; for too many of them a longer prefix is asked for.
        """
        clock = Clock()
        fake = ReadablePFS(clock)
        fake.open().files.update({f"/{escape(key)}": b"1" for key in ("a(", "a$", "aé", "b")})
        store = ObjectStore(fake, clock, names=ESCAPED)
        self.assertEqual(self.listed(store, ListQuery(prefix="a")), (["a$", "a(", "aé"], [], False))
        self.patch(keyed, "MOST", 2)
        self.refused(store.list(NOBODY, IMAGES, ListQuery()), SlowDown)

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(odd_keys, max_size=20, unique=True).map(without_collisions),
        st.text(characters, max_size=3),
        st.sampled_from(["", "/", "é", "%"]),
        st.text(characters, max_size=3),
        st.integers(1, 6),
        st.booleans(),
    )
    def test_model(self, keys: list[str], prefix: str, delimiter: str, after: str, limit: int, indexed: bool) -> None:
        """
        Prefix, delimiter, marker, limit and order are those of keys.
        """
        clock = Clock()
        fake = ReadablePFS(clock)
        fake.fill({f"/{escape(key)}": b"1" for key in keys})
        store = ObjectStore(fake, clock, ReadingSettings(index_memory=2**20 if indexed else 0), names=ESCAPED)
        query = ListQuery(prefix, delimiter, after, limit=limit)
        for _ in range(2):
            self.assertEqual(self.listed(store, query), model(sorted(keys, key=str.encode), query))
