"""
The whole gateway in this process: it starts, serves over a loopback socket, and stops.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

import treq
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent, HTTPConnectionPool

from pachgw.embedded.faults import FolderInUse
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.gateway import Gateway
from pachgw.service import makeService
from pachgw.settings import Settings
from tests.pfs.certificates import identity

LOOPBACK = "tcp:0:interface=127.0.0.1"


class ServiceTests(TestCase):
    """
    L{makeService}.
    """

    def setUp(self) -> None:
        """A folder, and a client whose connections end with the test."""
        self.folder = Path(mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.pool = HTTPConnectionPool(reactor, persistent=False)
        self.agent = Agent(reactor, pool=self.pool)

    async def start(self, **settings: object) -> Gateway:
        """A gateway that listens, and is stopped at the end."""
        gateway = makeService(Settings(listen=(LOOPBACK,), data_dir=self.folder, **settings), reactor)  # type: ignore[arg-type]
        gateway.startService()
        self.addCleanup(self.stop, gateway)
        await gateway.ready
        return gateway

    def stop(self, gateway: Gateway) -> Deferred[None] | None:
        """Stop it, if it has not been."""
        return gateway.stopService() if gateway.running else None

    async def ask(self, method: str, url: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request, and its whole answer."""
        response = await treq.request(method, url, data=body or None, agent=self.agent)
        return response.code, await treq.content(response)

    async def test_serves(self) -> None:
        """What is put is there, also after the gateway has been stopped and started again."""
        first = await self.start()
        self.assertEqual((await self.ask("PUT", f"{first.urls[0]}/data"))[0], 200)
        self.assertEqual((await self.ask("PUT", f"{first.urls[0]}/data/a.txt", b"hello"))[0], 200)
        self.assertEqual(await self.ask("GET", f"{first.urls[0]}/data/a.txt"), (200, b"hello"))
        await first.stopService()
        second = await self.start()
        self.assertEqual(await self.ask("GET", f"{second.urls[0]}/data/a.txt"), (200, b"hello"))

    async def test_recipes(self) -> None:
        """What is to be pasted into clients asks for a token where one is needed, and only there."""
        for settings, shown in ({}, b"any-word any-word"), ({"root_token": "r" * 32}, b"YOUR-TOKEN YOUR-TOKEN"):
            gateway = await self.start(admin_listen=(LOOPBACK,), **settings)
            self.assertIn(shown, (await self.ask("GET", gateway.admin_urls[0]))[1])
            await gateway.stopService()

    async def test_large_object(self) -> None:
        """An object of several buffers comes back as it was."""
        gateway = await self.start()
        content = bytes(range(256)) * (20 * 1024)
        await self.ask("PUT", f"{gateway.urls[0]}/data")
        self.assertEqual((await self.ask("PUT", f"{gateway.urls[0]}/data/large", content))[0], 200)
        self.assertEqual(await self.ask("GET", f"{gateway.urls[0]}/data/large"), (200, content))

    async def test_administration(self) -> None:
        """Health, readiness, metrics and the page are served where they are asked for."""
        gateway = await self.start(admin_listen=(LOOPBACK,))
        await self.ask("GET", gateway.urls[0])
        url = gateway.admin_urls[0]
        self.assertEqual(await self.ask("GET", f"{url}/healthz"), (200, b"ok\n"))
        self.assertEqual(await self.ask("GET", f"{url}/readyz"), (200, b"ready\n"))
        metrics = (await self.ask("GET", f"{url}/metrics"))[1]
        self.assertIn(b'pachgw_requests_total{operation="ListBuckets",status="200"} 1', metrics)
        self.assertIn(b"pachgw_commits_total 0\n", metrics)
        self.assertIn(gateway.urls[0].encode(), (await self.ask("GET", f"{url}/"))[1])

    async def test_in_front_of_another(self) -> None:
        """A gateway in front of another one's PFS serves the same data."""
        behind = await self.start(pfs_listen=(LOOPBACK,))
        await self.ask("PUT", f"{behind.urls[0]}/data")
        await self.ask("PUT", f"{behind.urls[0]}/data/a.txt", b"hello")
        front = await self.start(pachd=f"grpc://{behind.pfs_addresses[0]}")
        self.assertEqual(await self.ask("GET", f"{front.urls[0]}/data/a.txt"), (200, b"hello"))
        await front.stopService()

    async def test_in_front_of_another_over_tls(self) -> None:
        """With a key and a certificate the PFS is served over TLS, to those who trust the certificate."""
        own = identity()
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        key.write_bytes(own.key)
        certificate.write_bytes(own.certificate)
        behind = await self.start(pfs_listen=(LOOPBACK,), pfs_key=key, pfs_certificate=certificate)
        await self.ask("PUT", f"{behind.urls[0]}/data")
        front = await self.start(pachd=f"grpcs://{behind.pfs_addresses[0]}", pachd_ca=certificate)
        self.assertEqual((await self.ask("HEAD", f"{front.urls[0]}/data"))[0], 200)
        plain = await self.start(pachd=f"grpc://{behind.pfs_addresses[0]}")
        self.assertEqual((await self.ask("HEAD", f"{plain.urls[0]}/data"))[0], 503)
        await front.stopService()
        await plain.stopService()

    async def test_folder_in_use(self) -> None:
        """A second gateway on the same folder says so and does not run."""
        await self.start()
        with self.assertRaises(FolderInUse):
            await self.start()

    async def test_port_in_use(self) -> None:
        """A gateway that cannot listen lets go of what it has opened: its other port, and its folder."""
        first = await self.start()
        port = first.urls[0].rpartition(":")[2]
        other = Path(self.mktemp())
        second = makeService(Settings(listen=(LOOPBACK, f"tcp:{port}:interface=127.0.0.1"), data_dir=other), reactor)
        second.startService()
        with self.assertRaises(CannotListenError):
            await second.ready
        store = EmbeddedPFS(other, reactor.seconds)
        store.open()
        store.close()
        await second.stopService()

    async def test_tokens(self) -> None:
        """With a root token nothing is served to those who have none."""
        gateway = await self.start(root_token="0123456789abcdef")
        code, body = await self.ask("GET", gateway.urls[0])
        self.assertEqual(code, 403)
        self.assertIn(b"<Code>AccessDenied</Code>", body)
