"""
The whole gateway as a service.

To serve S3 from within another Twisted program::

    from pachgw.service import makeService
    from pachgw.settings import Settings

    gateway = makeService(Settings(listen=("tcp:30600",), data_dir=Path("/srv/pachs3")))
    gateway.setServiceParent(application)       # or gateway.startService()
    gateway.ready.addCallback(...)              # it listens; fails if it cannot

It uses the reactor that runs, a few threads of its own, and txaio for its log, which thus goes where the program's own goes.
C{stopService} returns a Deferred that fires when all is put away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from textwrap import indent
from typing import Any, Optional, cast

import txaio
from twisted.application.service import MultiService
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool
from twisted.web.server import Site

from pachgw import __version__
from pachgw.admin.metrics import Metrics
from pachgw.admin.page import Page
from pachgw.admin.resources import make_admin
from pachgw.backends import Backend, open_backend
from pachgw.listening import url_of
from pachgw.objects.interfaces import IObjects
from pachgw.objects.paths import ESCAPED, PLAIN
from pachgw.objects.store import ObjectStore, ReadingSettings, WritingSettings
from pachgw.pfs.methods import GET_VERSION
from pachgw.recipes import KEY, PLACE_OF_KEY, recipes
from pachgw.settings import Settings
from pachgw.web.budget import Budget
from pachgw.web.resource import GatewayResource
from pachgw.web.site import S3Site

log = txaio.make_logger()

GRACE = 30.0
"""
Seconds that requests under way get to end when the service stops.
"""

HASHING_THREADS = 2
"""
How many bodies are hashed at once. Hashing is done without Python's lock, so each is a processor's worth.
"""


class Gateway(MultiService):
    """
    S3 on its endpoints, and all that is behind it.

    @ivar ready: fires with this service once it listens, or fails if it cannot start.
    @ivar ports: where S3 is served.
    """

    def __init__(self, settings: Settings, reactor: Any) -> None:
        MultiService.__init__(self)
        self.settings = settings
        self.metrics = Metrics()
        self.budget = Budget(settings.max_requests, settings.max_memory)
        self.ports: list[IListeningPort] = []
        self.ready: Deferred[Gateway] = Deferred()
        self._reactor = reactor
        self._hashing = ThreadPool(0, HASHING_THREADS, "pachgw-hashing")
        self._admin_ports: list[IListeningPort] = []
        self._backend: Optional[Backend] = None
        self._ends = AsyncExitStack()
        self._starting: Optional[Deferred[None]] = None

    def startService(self) -> None:
        """
        Open the store or the way to pachd, then listen.
        """
        MultiService.startService(self)
        self._starting = Deferred.fromCoroutine(self._start())
        self._starting.addCallbacks(lambda _: self.ready.callback(self), self._failed)

    def stopService(self) -> Deferred[None]:
        """
        Stop to listen, let the requests under way end, and put everything away.
        """
        if self._starting is not None:
            self._starting.cancel()
        stopped = maybeDeferred(MultiService.stopService, self)
        return stopped.addCallback(lambda _: self._put_away())

    async def _start(self) -> None:
        settings, reactor = self.settings, self._reactor
        self._hashing.start()
        self._ends.callback(self._hashing.stop)
        backend = self._backend = await open_backend(settings, reactor, self._ends)
        reading = ReadingSettings(settings.index_memory, remember_rights=settings.remember_rights)
        names = ESCAPED if settings.escape_keys else PLAIN
        writing = WritingSettings(settings.accepted, windows=dict(settings.windows), upload_age=settings.upload_age)
        store = ObjectStore(backend.pfs, reactor, reading, writing, names)
        self._ends.push_async_callback(store.close)
        self._show(store)
        resource = GatewayResource(
            cast(IObjects, store),
            lambda function: deferToThreadPool(reactor, self._hashing, function),
            self.budget,
            self.metrics,
            settings.domains,
        )
        site = S3Site(resource, reactor, settings.idle_timeout)
        self._ends.push_async_callback(site.finish, GRACE)
        self.ports = await self._listen(settings.listen, site)
        await self._listen_admin(backend)
        self._announce(backend)

    def _show(self, store: ObjectStore) -> None:
        """
        Put what others count among the metrics.
        """
        show = self.metrics.value
        show("commits_total", "counter", "Commits made.", lambda: store.writer.commits)
        show("committed_changes_total", "counter", "Changes in the commits that were made.", lambda: store.writer.changes)
        show("index_bytes", "gauge", "Memory of the indexes of commits.", lambda: store.indexes.size)
        show("requests_memory_bytes", "gauge", "Memory that requests under way may hold.", lambda: self.budget.memory)

    async def _listen(self, endpoints: Sequence[str], factory: IProtocolFactory) -> list[IListeningPort]:
        ports: list[IListeningPort] = []
        for endpoint in endpoints:
            port = await serverFromString(self._reactor, endpoint).listen(factory)
            self._ends.push_async_callback(maybeDeferred, port.stopListening)
            ports.append(port)
        return ports

    async def _listen_admin(self, backend: Backend) -> None:
        if not self.settings.admin_listen:
            return
        page = Page(f"pachgw {__version__}", lambda: self._facts(backend), self._recipes())
        admin = make_admin(self.metrics, lambda: backend.pfs.call(GET_VERSION, GET_VERSION.request()), self._reactor, page)
        site = Site(admin, reactor=self._reactor)
        site.noisy = False
        self._admin_ports = await self._listen(self.settings.admin_listen, site)

    @property
    def urls(self) -> list[str]:
        """
        Where S3 is served.
        """
        return [url_of(endpoint, port) for endpoint, port in zip(self.settings.listen, self.ports, strict=False)]

    @property
    def admin_urls(self) -> list[str]:
        """
        Where the administration endpoint is served.
        """
        return [url_of(endpoint, port) for endpoint, port in zip(self.settings.admin_listen, self._admin_ports, strict=False)]

    @property
    def pfs_addresses(self) -> Sequence[str]:
        """
        Where the embedded PFS is served as gRPC.
        """
        return self._backend.served if self._backend is not None else ()

    def _facts(self, backend: Backend) -> list[tuple[str, str]]:
        return [
            *(("S3", url) for url in self.urls),
            ("Data", backend.description),
            ("Requests under way", f"{self.budget.requests} of at most {self.budget.max_requests}"),
        ]

    def _announce(self, backend: Backend) -> None:
        """
        Say where everything is, and what to paste into clients.
        """
        for url in self.urls:
            log.info("S3 on {url}", url=url)
        for address in self.pfs_addresses:
            log.info("PFS on {address}", address=address)
        for url in self.admin_urls:
            log.info("Administration on {url}", url=url)
        log.info("Data: {description}", description=backend.description)
        lines = [f"  {name}:\n" + indent(text, "    ") for name, text in self._recipes().items()]
        if lines:
            log.info("To paste into clients:\n{recipes}", recipes="\n".join(lines))

    def _recipes(self) -> Mapping[str, str]:
        """
        What to paste into clients. A pachd may ask for tokens, and so does a store that was given one.
        """
        asks = self.settings.pachd or self.settings.root_token
        return recipes(self.urls[0], PLACE_OF_KEY if asks else KEY) if self.urls else {}

    def _failed(self, failure: Failure) -> Deferred[None]:
        """
        Put away what was opened before it failed, and say that it did.
        """
        if failure.check(CancelledError) is None:
            log.critical("The gateway cannot start: {reason}", reason=failure.getErrorMessage())
        return self._put_away().addBoth(lambda _: self.ready.errback(failure))

    def _put_away(self) -> Deferred[None]:
        """
        Undo the start, last things first: stop to listen, let requests end, close the objects, then PFS.
        """
        return Deferred.fromCoroutine(self._ends.aclose())


def makeService(settings: Settings, reactor: Optional[Any] = None) -> Gateway:
    """
    Make a gateway, which does nothing yet.

    @param reactor: the one that runs, by default.
    """
    if reactor is None:
        from twisted.internet import reactor
    return Gateway(settings, reactor)
