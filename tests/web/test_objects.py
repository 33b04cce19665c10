"""
The operations on objects, over HTTP.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.web.fake_objects import COMMIT
from tests.web.wire import Wire


class ObjectTests(SynchronousTestCase):
    """
    GET, HEAD, PUT, DELETE.
    """

    def setUp(self) -> None:
        """A site with one object."""
        self.wire = Wire()
        self.wire.objects.stored["master.data", "dir/a b.txt"] = b"hello"

    def test_get(self) -> None:
        """GET answers the bytes with what describes them."""
        response = self.wire.request("GET /data/dir/a%20b.txt")
        self.assertEqual((response.status, response.body), (200, b"hello"))
        self.assertEqual(response.headers["accept-ranges"], "bytes")
        self.assertEqual(response.headers["last-modified"], "Tue, 14 Nov 2023 22:13:20 GMT")
        self.assertRegex(response.headers["etag"], r'^"[0-9a-f]{64}-1"$')

    def test_put_then_get(self) -> None:
        """What was put can be got."""
        response = self.wire.request("PUT /data/new", b"content")
        self.assertEqual((response.status, response.body), (200, b""))
        self.assertEqual(self.wire.objects.stored["master.data", "new"], b"content")

    def test_head(self) -> None:
        """HEAD answers the headers of GET and no body."""
        response = self.wire.request("HEAD /data/dir/a%20b.txt")
        self.assertEqual((response.status, response.headers["content-length"], response.body), (200, "5", b""))

    def test_missing(self) -> None:
        """A key that is not there gives the error document."""
        response = self.wire.request("GET /data/none")
        self.assertEqual(response.status, 404)
        self.assertIn(b"<Code>NoSuchKey</Code>", response.body)
        self.assertIn(response.headers["x-amz-request-id"].encode(), response.body)

    def test_delete(self) -> None:
        """DELETE answers 204 without a body, and tells which commit is without the object."""
        response = self.wire.request("DELETE /data/dir/a%20b.txt")
        self.assertEqual((response.status, response.body), (204, b""))
        self.assertEqual((response.headers["x-amz-delete-marker"], response.headers["x-amz-version-id"]), ("true", COMMIT))
        self.assertEqual(self.wire.objects.stored, {})
