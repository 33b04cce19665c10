"""
The PFS behind a gateway: its own, or a pachd.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Optional

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
from pachgw.workers.folder import PrivateFolder
from pachgw.workers.numbers import SharedNumbers


@dataclass(frozen=True)
class Backend:
    """
    A PFS that is open.

    @ivar pfs: the door to it.
    @ivar description: where the data is, for people.
    @ivar served: where it is served as gRPC.
    @ivar sole: whether nobody but this gateway gets to it.
    """

    pfs: IPFS
    description: str
    served: tuple[str, ...]
    sole: bool = False


async def open_backend(settings: Settings, reactor: Any, ends: AsyncExitStack, private: Optional[PrivateFolder] = None) -> Backend:
    """
    Open the embedded PFS's folder, or the way to pachd.

    @param ends: told how to put away what was opened, also when the rest could not be opened.
    @param private: where the embedded PFS is to be reached by L{open_shared} in other processes.
    @raise StoreFault: the folder cannot be used; the text is for the operator.
    """
    if settings.pachd is not None:
        return _remote(settings, settings.pachd, reactor, ends)
    return await _embedded(settings, reactor, ends, private)


def open_shared(private: PrivateFolder, reactor: Any, ends: AsyncExitStack) -> Backend:
    """
    Open the way to the embedded PFS of another process.

    @param ends: as in L{open_backend}.
    """
    changes = SharedNumbers(private.changes)
    ipfs = RememberingPFS(GrpcPFS(target(private.address), reactor, reactor), reactor, changes.read)
    ends.push_async_callback(ipfs.close)
    return Backend(ipfs, "in another process", ())


def _remote(settings: Settings, address: str, reactor: Any, ends: AsyncExitStack) -> Backend:
    authorities = settings.pachd_ca.read_bytes() if settings.pachd_ca is not None else None
    ipfs = OlderPFS(GrpcPFS(target(address), reactor, reactor, authorities))
    ends.push_async_callback(ipfs.close)
    return Backend(ipfs, f"in the pachd at {address}", ())


async def _embedded(settings: Settings, reactor: Any, ends: AsyncExitStack, private: Optional[PrivateFolder]) -> Backend:
    store = EmbeddedPFS(settings.data_dir, reactor.seconds)
    threads = reactor.getThreadPool()
    await deferToThreadPool(reactor, threads, store.open)
    ends.push_async_callback(deferToThreadPool, reactor, threads, store.close)
    if settings.root_token is not None:
        await deferToThreadPool(reactor, threads, store.activate_auth, settings.root_token)
    ipfs = RememberingPFS(LocalPFS(store, reactor, reactor), reactor, store.changes)
    ends.push_async_callback(ipfs.close)
    servers = [PFSServer(store, endpoint, reactor, _identity(settings)) for endpoint in settings.pfs_listen]
    public = len(servers)
    if private is not None:
        store.tell_changes(SharedNumbers(private.changes).write)
        servers.append(PFSServer(store, private.endpoint, reactor))
    for server in servers:
        server.startService()
        ends.push_async_callback(server.stopService)
    upkeep = UpkeepLoop(store.maintain, reactor)
    upkeep.start()
    ends.push_async_callback(upkeep.stop)
    served = tuple(server.address or "" for server in servers[:public])
    return Backend(ipfs, f"in {settings.data_dir.resolve()}", served, sole=not servers)


def _identity(settings: Settings) -> Optional[Identity]:
    if settings.pfs_key is None or settings.pfs_certificate is None:
        return None
    return Identity(settings.pfs_key.read_bytes(), settings.pfs_certificate.read_bytes())
