"""
Where copies come from.
"""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import Conditions
from pachgw.s3.copy_source import Source, check_changes_something, parse_source
from pachgw.s3.errors import InvalidArgument, InvalidBucketName, InvalidRequest, S3Error

IMAGES = Bucket("default", "images", "master")
COMMIT = "0123456789abcdef" * 2


def source(value: str, **headers: str) -> Source:
    """
    What is read from the header, with others about the source.
    """
    others = {f"x-amz-copy-source-{name.replace('_', '-')}": other for name, other in headers.items()}
    return parse_source({"x-amz-copy-source": value, **others})


class SourceTests(SynchronousTestCase):
    """
    L{parse_source}.
    """

    def test_forms(self) -> None:
        """
        With and without a leading slash, encoded in part or wholly.
        """
        for value in ("images/a b/c", "/images/a%20b/c", "images%2Fa%20b%2Fc", "%2Fimages/a%20b%2fc"):
            self.assertEqual(source(value), Source(IMAGES, "a b/c"), value)

    def test_bucket_forms(self) -> None:
        """
        All of the bucket grammar.
        """
        self.assertEqual(source(f"{COMMIT}.dev.images.vision/k").bucket, Bucket("vision", "images", "dev", COMMIT))
        self.assertRaises(InvalidBucketName, source, "a..b/k")

    def test_version(self) -> None:
        """
        The version is what follows the last C{?versionId=}; another question mark is the key's.
        """
        self.assertEqual(source(f"images/k?versionId={COMMIT}"), Source(IMAGES, "k", COMMIT))
        self.assertEqual(source("images/k?x").key, "k?x")
        self.assertEqual(source("images/k%3FversionId=1").key, "k?versionId=1")
        self.assertRaises(InvalidArgument, source, "images/k?versionId=1")

    def test_what_goes_with_it(self) -> None:
        """
        Conditions and the range.
        """
        self.assertEqual(
            source("images/k", if_match='"e"', range="bytes=5-9"), Source(IMAGES, "k", None, Conditions(if_match=("e",)), start=5, stop=9)
        )

    def test_none(self) -> None:
        """
        What names no object is refused.
        """
        for value in ("", "/", "images", "images/", "/images/", "//k", "images/%ff"):
            self.assertRaises(InvalidArgument, source, value)

    def test_plus_is_no_space(self) -> None:
        """
        A path is not a form.
        """
        self.assertEqual(source("images/a+b").key, "a+b")

    @given(st.text(min_size=1, max_size=30))
    def test_any_key(self, key: str) -> None:
        """
        A quoted key is read as it was.
        """
        self.assertEqual(source("images/" + quote(key)).key, key)

    @given(st.text(max_size=30))
    def test_anything(self, value: str) -> None:
        """
        No header does worse than an error of S3.
        """
        try:
            source(value)
        except S3Error as error:
            self.assertLess(error.status, 500)

    def test_onto_itself(self) -> None:
        """
        Refused unless the metadata or the version is another.
        """
        self.assertRaises(InvalidRequest, check_changes_something, Source(IMAGES, "k"), IMAGES, "k", False)
        check_changes_something(Source(IMAGES, "k"), IMAGES, "k", True)
        check_changes_something(Source(IMAGES, "k", COMMIT), IMAGES, "k", False)
        check_changes_something(Source(IMAGES, "k"), IMAGES, "l", False)
