"""
Headers that a presigned URL carries in its query.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidRequest
from pachgw.s3.hoisted_headers import with_hoisted


class HoistedTests(SynchronousTestCase):
    """
    L{with_hoisted}.
    """

    def test_moved_back(self) -> None:
        """
        What was moved into the query is a header again; what belongs to the signature, or is no header, stays.
        """
        query = {"X-Amz-Signature": "s", "x-amz-meta-A": "1", "X-Amz-Acl": "private", "versionId": "v", "x-id": "PutObject"}
        self.assertEqual(with_hoisted({"host": "h"}, query), {"host": "h", "x-amz-meta-a": "1", "x-amz-acl": "private"})

    def test_contradiction(self) -> None:
        """
        Two values for one header are refused, the same one twice is not.
        """
        self.assertRaises(InvalidRequest, with_hoisted, {"x-amz-acl": "private"}, {"x-amz-acl": "public-read"})
        self.assertEqual(with_hoisted({"x-amz-acl": "private"}, {"x-amz-acl": "private"}), {"x-amz-acl": "private"})

    def test_text_is_as_in_headers(self) -> None:
        """
        Values are latin-1 text, one character for each byte, as if they had come as headers.
        """
        self.assertEqual(with_hoisted({}, {"x-amz-meta-a": "é"}), {"x-amz-meta-a": "Ã©"})
