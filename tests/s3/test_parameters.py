"""
The values of query parameters.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidArgument, NoSuchVersion
from pachgw.s3.parameters import limit, part_number, part_number_marker, url_encoding, version_id


class ParameterTests(SynchronousTestCase):
    """
    Each with what it takes and what it refuses.
    """

    def test_limit(self) -> None:
        """
        0 to 1000; more is cut, nothing means the most.
        """
        for query, number in (
            ({}, 1000),
            ({"max-keys": ""}, 1000),
            ({"max-keys": "0"}, 0),
            ({"max-keys": "7"}, 7),
            ({"max-keys": "99999999999"}, 1000),
        ):
            self.assertEqual(limit(query), number)
        for value in ("-1", "blah", "1.5", "٣", " 1", "1" * 5000):
            self.assertRaises(InvalidArgument, limit, {"max-keys": value})
        self.assertEqual(limit({"max-parts": "3", "max-keys": "x"}, "max-parts"), 3)

    def test_part_number(self) -> None:
        """
        1 to 10000, and it must be there.
        """
        self.assertEqual([part_number({"partNumber": value}) for value in ("1", "10000")], [1, 10000])
        for value in ("0", "10001", "", "-1", "x"):
            self.assertRaises(InvalidArgument, part_number, {"partNumber": value})
        self.assertRaises(InvalidArgument, part_number, {})

    def test_part_number_marker(self) -> None:
        """
        Any number from 0, and no more than there may be.
        """
        self.assertEqual([part_number_marker({}), part_number_marker({"part-number-marker": "3"})], [0, 3])
        self.assertEqual(part_number_marker({"x-amz-part-number-marker": "99999999"}, "x-amz-part-number-marker"), 10000)
        self.assertRaises(InvalidArgument, part_number_marker, {"part-number-marker": "a"})

    def test_encoding(self) -> None:
        """
        There is one encoding.
        """
        self.assertEqual(
            [url_encoding({}), url_encoding({"encoding-type": ""}), url_encoding({"encoding-type": "url"})], [False, False, True]
        )
        self.assertRaises(InvalidArgument, url_encoding, {"encoding-type": "base64"})

    def test_version(self) -> None:
        """
        A commit's id or nothing; C{null} is a version that never exists.
        """
        self.assertEqual([version_id({}), version_id({"versionId": "0" * 32})], [None, "0" * 32])
        for value in ("", "1", "0" * 33, "A" * 32, "master^"):
            self.assertRaises(InvalidArgument, version_id, {"versionId": value})
        self.assertRaises(NoSuchVersion, version_id, {"versionId": "null"})
