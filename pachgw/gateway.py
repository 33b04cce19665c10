"""
A gateway in one process, with all that is behind it.
"""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IListeningPort
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from pachgw.admin.metrics import Metrics
from pachgw.backends import Backend, open_backend
from pachgw.listening import listen
from pachgw.objects.interfaces import IObjects
from pachgw.objects.paths import ESCAPED, PLAIN
from pachgw.objects.store import ObjectStore, ReadingSettings, WritingSettings
from pachgw.pfs.methods import GET_VERSION
from pachgw.server import Server
from pachgw.settings import Settings
from pachgw.web.budget import Budget
from pachgw.web.resource import GatewayResource
from pachgw.web.site import S3Site

GRACE = 30.0
"""
Seconds that requests under way get to end when the service stops.
"""

HASHING_THREADS = 2
"""
How many bodies are hashed at once. Hashing is done without Python's lock, so each is a processor's worth.
"""


class Gateway(Server):
    """
    The store or the way to pachd, and S3 in front of it.
    """

    def __init__(self, settings: Settings, reactor: Any) -> None:
        Server.__init__(self, settings, reactor)
        self.metrics = Metrics()
        self.budget = Budget(settings.max_requests, settings.max_memory)
        self._hashing = ThreadPool(0, HASHING_THREADS, "pachgw-hashing")

    async def start(self) -> None:
        """
        Open the store or the way to pachd, then listen.
        """
        settings, reactor = self.settings, self._reactor
        self._hashing.start()
        self._ends.callback(self._hashing.stop)
        backend = self._backend = await self.open()
        reading = ReadingSettings(settings.index_memory, remember_rights=settings.remember_rights)
        names = ESCAPED if settings.escape_keys else PLAIN
        windows = dict(settings.windows)
        writing = WritingSettings(settings.accepted, windows=windows, upload_age=settings.upload_age, sole=backend.sole)
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
        self.ports = await self.listen(site)
        await self.administer()
        self.announce()

    def _show(self, store: ObjectStore) -> None:
        """
        Put what others count among the metrics.
        """
        show = self.metrics.value
        show("commits_total", "counter", "Commits made.", lambda: store.writer.commits)
        show("committed_changes_total", "counter", "Changes in the commits that were made.", lambda: store.writer.changes)
        show("index_bytes", "gauge", "Memory of the indexes of commits.", lambda: store.indexes.size)
        show("requests_memory_bytes", "gauge", "Memory that requests under way may hold.", lambda: self.budget.memory)

    async def open(self) -> Backend:
        """
        Open the store, or the way to it.
        """
        return await open_backend(self.settings, self._reactor, self._ends)

    async def listen(self, site: S3Site) -> list[IListeningPort]:
        """
        Listen where S3 is served.
        """
        return await listen(self._reactor, self.settings.listen, site, self._ends)

    def metrics_text(self) -> str:
        """
        See L{Server.metrics_text}.
        """
        return self.metrics.text()

    def check(self) -> Deferred[Any]:
        """
        See L{Server.check}.
        """
        if self._backend is None:
            return fail(RuntimeError("it is not open yet"))
        return self._backend.pfs.call(GET_VERSION, GET_VERSION.request())

    def facts(self) -> list[tuple[str, str]]:
        """
        See L{Server.facts}.
        """
        under_way = f"{self.budget.requests} of at most {self.budget.max_requests}"
        return [*(("S3", url) for url in self.urls), ("Data", self.description), ("Requests under way", under_way)]
