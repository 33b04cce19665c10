"""
The PFS behind a gateway: its own, or a pachd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThreadPool

from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs.address import target
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.local import LocalPFS
from pachgw.pfs.older import OlderPFS
from pachgw.pfs.remembering import RememberingPFS
from pachgw.pfs.remote import GrpcPFS
from pachgw.pfs.serving import Identity, PFSServer
from pachgw.settings import Settings
from pachgw.upkeep import UpkeepLoop


@dataclass(frozen=True)
class Backend:
    """
    A PFS that is open.

    @ivar pfs: the door to it.
    @ivar description: where the data is, for people.
    @ivar served: where it is served as gRPC.
    @ivar close: ends it.
    """

    pfs: IPFS
    description: str
    served: tuple[str, ...]
    close: Callable[[], Deferred[None]]


async def open_backend(settings: Settings, reactor: Any) -> Backend:
    """
    Open the embedded PFS's folder, or the way to pachd.

    @raise StoreFault: the folder cannot be used; the text is for the operator.
    """
    if settings.pachd is not None:
        return _remote(settings, settings.pachd, reactor)
    return await _embedded(settings, reactor)


def _remote(settings: Settings, address: str, reactor: Any) -> Backend:
    authorities = settings.pachd_ca.read_bytes() if settings.pachd_ca is not None else None
    ipfs = OlderPFS(GrpcPFS(target(address), reactor, reactor, authorities))
    return Backend(ipfs, f"in the pachd at {address}", (), ipfs.close)


async def _embedded(settings: Settings, reactor: Any) -> Backend:
    store = EmbeddedPFS(settings.data_dir, reactor.seconds)
    threads = reactor.getThreadPool()
    await deferToThreadPool(reactor, threads, store.open)
    if settings.root_token is not None:
        await deferToThreadPool(reactor, threads, store.activate_auth, settings.root_token)
    ipfs = RememberingPFS(LocalPFS(store, reactor, reactor), reactor, store.changes)
    servers = [PFSServer(store, endpoint, reactor, _identity(settings)) for endpoint in settings.pfs_listen]
    for server in servers:
        server.startService()
    upkeep = UpkeepLoop(store.maintain, reactor)
    upkeep.start()

    async def close() -> None:
        await upkeep.stop()
        await gatherResults([server.stopService() for server in servers])
        await ipfs.close()
        await deferToThreadPool(reactor, threads, store.close)

    served = tuple(server.address or "" for server in servers)
    return Backend(ipfs, f"in {settings.data_dir.resolve()}", served, lambda: Deferred.fromCoroutine(close()))


def _identity(settings: Settings) -> Optional[Identity]:
    if settings.pfs_key is None or settings.pfs_certificate is None:
        return None
    return Identity(settings.pfs_key.read_bytes(), settings.pfs_certificate.read_bytes())
