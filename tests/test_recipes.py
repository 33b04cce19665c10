"""
What people are told about where something listens, and what to paste.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.trial.unittest import SynchronousTestCase

from pachgw.listening import url_of
from pachgw.recipes import recipes


class Port:
    """
    A port that listens at an address.
    """

    def __init__(self, address: IAddress) -> None:
        self.address = address

    def getHost(self) -> IAddress:
        """The address."""
        return self.address


class UrlTests(SynchronousTestCase):
    """
    L{url_of}.
    """

    def test_urls(self) -> None:
        """A URL that works on this machine, whatever interface was asked for."""
        cases = [
            ("tcp:0", IPv4Address("TCP", "0.0.0.0", 30600), "http://127.0.0.1:30600"),
            ("tcp:0", IPv4Address("TCP", "192.0.2.1", 1), "http://192.0.2.1:1"),
            ("tcp6:0", IPv6Address("TCP", "::", 2), "http://[::1]:2"),
            ("tcp6:0", IPv6Address("TCP", "2001:db8::1", 3), "http://[2001:db8::1]:3"),
            ("ssl:0", IPv4Address("TCP", "127.0.0.1", 4), "https://127.0.0.1:4"),
            ("unix:/run/s", UNIXAddress("/run/s"), "unix:/run/s"),
        ]
        for endpoint, address, url in cases:
            with self.subTest(endpoint):
                self.assertEqual(url_of(endpoint, Port(address)), url)  # type: ignore[arg-type]


class RecipeTests(SynchronousTestCase):
    """
    L{recipes}.
    """

    def test_clients(self) -> None:
        """Each client's settings name the endpoint and the key."""
        found = recipes("http://localhost:30600", "the-key")
        self.assertEqual(list(found), ["mc", "aws", "s3cmd", "boto3", "DuckDB"])
        for name, text in found.items():
            with self.subTest(name):
                self.assertIn("localhost:30600", text)
                self.assertIn("the-key", text)

    def test_tls(self) -> None:
        """With TLS no client is told to do without."""
        found = recipes("https://localhost:30600")
        self.assertNotIn("--no-ssl", found["s3cmd"])
        self.assertIn("USE_SSL true", found["DuckDB"])
