"""
Addresses of pachds, and endpoints to serve on.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs.address import Target, listening, target


class TargetTests(SynchronousTestCase):
    """
    L{target}.
    """

    def test_forms(self) -> None:
        """
        Every form that pachctl takes, and a socket's path.
        """
        for address, name, tls in (
            ("grpc://pachd.example:1234", "pachd.example:1234", False),
            ("grpcs://pachd.example:443", "pachd.example:443", True),
            ("grpc://pachd.example", "pachd.example:30650", False),
            ("http://pachd.example/", "pachd.example:80", False),
            ("https://pachd.example", "pachd.example:443", True),
            ("localhost:30650", "localhost:30650", False),
            ("pachd", "pachd:30650", False),
            ("[::1]:30650", "[::1]:30650", False),
            ("grpc://[::1]", "[::1]:30650", False),
            ("unix:/run/pfs", "unix:/run/pfs", False),
            ("unix:///run/pfs", "unix:/run/pfs", False),
        ):
            self.assertEqual(target(address), Target(name, tls))

    def test_refused(self) -> None:
        """
        What is no address is refused with an example of one.
        """
        for address in ("", "ftp://x", "grpc://", "grpc://x/path", "grpc://token@x:1", "grpc://x:port", "grpc://x:1?y"):
            self.assertRaises(ValueError, target, address)


class ListeningTests(SynchronousTestCase):
    """
    L{listening}.
    """

    def test_forms(self) -> None:
        """
        TCP on an interface or all, and a socket's path.
        """
        for endpoint, place in (
            ("tcp:30650", "0.0.0.0:30650"),
            ("tcp:0:interface=127.0.0.1", "127.0.0.1:0"),
            ("tcp:port=30650:interface=\\:\\:1", "[::1]:30650"),
            ("unix:/run/pfs", "unix:/run/pfs"),
            ("unix:/run/a\\:b", "unix:/run/a:b"),
        ):
            self.assertEqual(listening(endpoint), place)

    def test_refused(self) -> None:
        """
        Other endpoints, and arguments that would be ignored, are refused.
        """
        for endpoint in ("", "30650", "tcp:", "tcp:x", "tcp:1:backlog=5", "tcp:1:2", "ssl:1", "unix:", "unix:/a:mode=600", "tcp"):
            self.assertRaises(ValueError, listening, endpoint)
