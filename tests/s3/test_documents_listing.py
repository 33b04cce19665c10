"""
The documents of listings: of objects, both versions, and of versions.
"""

from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import Listing, ListQuery, ObjectInfo, Version, VersionListing, VersionQuery
from pachgw.s3.documents_listing import list_objects, list_objects_v2
from pachgw.s3.documents_versions import list_versions
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata
from tests.s3.validated import NAMESPACE, names, texts, valid

COMMIT = "0123456789abcdef" * 2
TIME = 1622683896.25
KEYS = st.text(min_size=1, max_size=20).filter(lambda key: "\r" not in key)


def info(key: str, metadata: Metadata | None = None, checksums: tuple[Checksum, ...] = ()) -> ObjectInfo:
    """
    An object of 7 bytes.
    """
    return ObjectInfo(key, 7, bytes(32), TIME, COMMIT, metadata, checksums)


class FirstVersionTests(SynchronousTestCase):
    """
    ListObjects.
    """

    def test_page(self) -> None:
        """
        Keys, common prefixes and what was asked for.
        """
        page = Listing([info("a&b"), info("c")], ["d/"], True, "d/")
        root = valid(list_objects("b", ListQuery("", "/", "0", limit=3), page))
        self.assertEqual(texts(root, "Contents/Key"), ["a&b", "c"])
        self.assertEqual(texts(root, "CommonPrefixes/Prefix"), ["d/"])
        self.assertEqual(texts(root, "Contents/Owner/ID"), ["0" * 32] * 2)
        self.assertEqual(texts(root, "Contents/ETag"), ['"' + "00" * 32 + '-1"'] * 2)
        for name, value in (("Marker", "0"), ("NextMarker", "d/"), ("MaxKeys", "3"), ("IsTruncated", "true"), ("Delimiter", "/")):
            self.assertEqual(texts(root, name), [value], name)

    def test_next_marker(self) -> None:
        """
        It is for pages with a delimiter to which there is more, as AWS has it.
        """
        for delimiter, truncated, markers in (("", True, []), ("/", False, []), ("/", True, ["a"])):
            page = Listing([info("a")], [], truncated, "a")
            self.assertEqual(texts(valid(list_objects("b", ListQuery(delimiter=delimiter), page)), "NextMarker"), markers)

    def test_empty(self) -> None:
        """
        An empty page is valid too.
        """
        root = valid(list_objects("b", ListQuery(limit=0), Listing([], [], False)))
        self.assertEqual(texts(root, "IsTruncated") + texts(root, "MaxKeys"), ["false", "0"])


class SecondVersionTests(SynchronousTestCase):
    """
    ListObjectsV2.
    """

    def test_page(self) -> None:
        """
        KeyCount counts both, the tokens are there, the owner only when asked for.
        """
        query = ListQuery("p", "/", "p0", "t1", 2)
        page = Listing([info("p1")], ["p2/"], True, "p2/", "t2")
        root = valid(list_objects_v2("b", query, page, with_token=True))
        for name, value in (
            ("KeyCount", "2"),
            ("ContinuationToken", "t1"),
            ("NextContinuationToken", "t2"),
            ("StartAfter", "p0"),
            ("Prefix", "p"),
        ):
            self.assertEqual(texts(root, name), [value], name)
        self.assertEqual(texts(root, "Contents/Owner/ID"), [])
        self.assertEqual(texts(valid(list_objects_v2("b", query, page, with_owner=True)), "Contents/Owner/ID"), ["0" * 32])

    def test_last_page_has_no_token(self) -> None:
        """
        A client that goes on as long as there is a token must end.
        """
        root = valid(list_objects_v2("b", ListQuery(), Listing([info("a")], [], False, "a", "t")))
        self.assertEqual(texts(root, "NextContinuationToken"), [])

    def test_empty_token(self) -> None:
        """
        A token is echoed if it was given, also an empty one.
        """
        empty = Listing([], [], False)
        self.assertEqual(texts(valid(list_objects_v2("b", ListQuery(), empty, with_token=True)), "ContinuationToken"), [""])
        self.assertEqual(texts(valid(list_objects_v2("b", ListQuery(), empty)), "ContinuationToken"), [])

    def test_checksums(self) -> None:
        """
        Which algorithms there are, and their type.
        """
        sums = (Checksum("CRC32", "AAAAAA==-2", ChecksumType.COMPOSITE),)
        root = valid(list_objects_v2("b", ListQuery(), Listing([info("a", checksums=sums)], [], False)))
        self.assertEqual(texts(root, "Contents/ChecksumAlgorithm") + texts(root, "Contents/ChecksumType"), ["CRC32", "COMPOSITE"])

    def test_metadata_for_mc(self) -> None:
        """
        By header names; what cannot be an element's name is left out, and so is what was not asked for.
        """
        page = Listing([info("a", Metadata({"content-type": "text/x"}, {"mm-source-mtime": "1 <", "a!b": "2"}))], [], False)
        found = valid(list_objects_v2("b", ListQuery(), page, with_metadata=True)).find(f".//{{{NAMESPACE}}}UserMetadata")
        self.assertEqual(names(found), ["content-type", "X-Amz-Meta-Mm-Source-Mtime"])
        self.assertEqual([child.text for child in found], ["text/x", "1 <"])
        self.assertIsNone(valid(list_objects_v2("b", ListQuery(), page)).find(f".//{{{NAMESPACE}}}UserMetadata"))

    @given(KEYS, KEYS, KEYS, KEYS)
    def test_url_encoding(self, key: str, prefix: str, delimiter: str, after: str) -> None:
        """
        With it any key, XML could hold it or not, comes back as it was.
        """
        root = valid(list_objects_v2("b", ListQuery(prefix, delimiter, after), Listing([info(key)], [prefix], False), encoded=True))
        found = [texts(root, name)[0] for name in ("Contents/Key", "CommonPrefixes/Prefix", "Prefix", "Delimiter", "StartAfter")]
        self.assertEqual([unquote(value) for value in found], [key, prefix, prefix, delimiter, after])
        self.assertEqual(texts(root, "EncodingType"), ["url"])


class VersionsTests(SynchronousTestCase):
    """
    ListObjectVersions.
    """

    def test_page(self) -> None:
        """
        Versions and delete markers keep their order.
        """
        versions = [
            Version("a", COMMIT, TIME, True, None),
            Version("a", COMMIT[::-1], TIME - 1, False, info("a")),
            Version("b <", COMMIT, TIME, True, info("b <")),
        ]
        page = VersionListing(versions, ["c/"], True, "c/", COMMIT)
        root = valid(list_versions("b", VersionQuery("", "/", "0", COMMIT, 4), page))
        self.assertEqual([name for name in names(root) if name in ("Version", "DeleteMarker")], ["DeleteMarker", "Version", "Version"])
        self.assertEqual(texts(root, "Version/Key"), ["a", "b <"])
        self.assertEqual(texts(root, "Version/IsLatest"), ["false", "true"])
        self.assertEqual(texts(root, "NextKeyMarker") + texts(root, "NextVersionIdMarker"), ["c/", COMMIT])
        self.assertEqual(texts(root, "KeyMarker") + texts(root, "VersionIdMarker"), ["0", COMMIT])

    def test_encoded(self) -> None:
        """
        Keys are encoded, version ids need not be.
        """
        page = VersionListing([Version("a\x01", COMMIT, TIME, True, info("a\x01"))], [], False)
        self.assertEqual(texts(valid(list_versions("b", VersionQuery(), page, True)), "Version/Key"), ["a%01"])
