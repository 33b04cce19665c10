"""
Which bucket and key a request names, by its path or by its C{Host} header.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidURI
from pachgw.web.address import Address, read_address, virtual_bucket
from tests.web.wire import Wire, parse


class PathTests(SynchronousTestCase):
    """
    L{read_address}.
    """

    def test_path_style(self) -> None:
        """The first segment is the bucket, all that follows the key, percent-decoded once; C{+} is a plus."""
        cases = {
            "/": Address(None, ""),
            "/b": Address("b", ""),
            "/b/": Address("b", ""),
            "/b/k": Address("b", "k"),
            "/b/d/e/": Address("b", "d/e/"),
            "/b/a%20b+c%2Fd%2525": Address("b", "a b+c/d%25"),
            "/b/%C3%A9": Address("b", "é"),
            "/b/\xc3\xa9": Address("b", "é"),
            "/b//k": Address("b", "/k"),
        }
        for path, address in cases.items():
            with self.subTest(path):
                self.assertEqual(read_address(path), address)

    def test_virtual(self) -> None:
        """With a bucket from the host the whole path is the key."""
        self.assertEqual(read_address("/d/e", "b"), Address("b", "d/e", True))
        self.assertEqual(read_address("/", "b"), Address("b", "", True))

    def test_unreadable(self) -> None:
        """A target that is no path, or not UTF-8, is refused."""
        for path in ("*", "b/k", "/b/%ff", "/%c3/k"):
            with self.subTest(path):
                self.assertRaises(InvalidURI, read_address, path)


class HostTests(SynchronousTestCase):
    """
    L{virtual_bucket}.
    """

    def test_buckets(self) -> None:
        """What stands before a domain of ours is the bucket, dots and case included; everything else names none."""
        domains = ["s3.inner.example", "example"]
        cases = {
            "data.example": "data",
            "dev.Data.vision.EXAMPLE:30600": "dev.Data.vision",
            "data.s3.inner.example": "data",
            "example": None,
            "s3.inner.example:80": None,
            "localhost:30600": None,
            "dataexample": None,
            "[::1]:30600": None,
            "": None,
        }
        for host, bucket in cases.items():
            with self.subTest(host):
                self.assertEqual(virtual_bucket(host, domains), bucket)

    def test_over_http(self) -> None:
        """A bucket in the host is the one that is served, and a path-style request still works."""
        wire = Wire(domains=["s3.example"])
        wire.objects.stored["dev.data", "k.bin"] = b"hello"
        wire.send(b"GET /k.bin HTTP/1.1\r\nHost: dev.data.s3.example:30600\r\n\r\n")
        wire.send(b"GET /dev.data/k.bin HTTP/1.1\r\nHost: s3.example\r\n\r\n")
        wire.send(b"GET http://dev.data.s3.example/k.bin HTTP/1.1\r\nHost: dev.data.s3.example\r\n\r\n")
        self.assertEqual([response.body for response in parse(wire.received())], [b"hello"] * 3)
