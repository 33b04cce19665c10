"""
What a gateway is, whether it is one process or several.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Optional, Union

import txaio
from twisted.application.service import MultiService
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.python.failure import Failure

from pachgw.administration import admin_site
from pachgw.backends import Backend
from pachgw.listening import announce, listen, urls_of
from pachgw.recipes import recipes_of
from pachgw.settings import Settings

log = txaio.make_logger()


class Server(MultiService):
    """
    S3 on its endpoints, and all that is behind it.

    @ivar ready: fires with this service once it listens, or fails if it cannot start.
    @ivar ports: where S3 is served.
    """

    def __init__(self, settings: Settings, reactor: Any) -> None:
        MultiService.__init__(self)
        self.settings = settings
        self.ports: list[IListeningPort] = []
        self.ready: Deferred[Server] = Deferred()
        self._reactor = reactor
        self._admin_ports: list[IListeningPort] = []
        self._backend: Optional[Backend] = None
        self._ends = AsyncExitStack()
        self._starting: Optional[Deferred[None]] = None
        self._settled: Optional[Deferred[None]] = None

    @abstractmethod
    async def start(self) -> None:
        """
        Open and begin everything, and have C{_ends} know how to put it away.
        """

    @abstractmethod
    def metrics_text(self) -> Union[str, Deferred[str]]:
        """
        The metrics, as text for Prometheus.
        """

    @abstractmethod
    def check(self) -> Deferred[Any]:
        """
        Whether requests can be served.

        @raise Exception: (by the Deferred) no; the text says why.
        """

    @abstractmethod
    def facts(self) -> list[tuple[str, str]]:
        """
        What people want to know: names and values.
        """

    def startService(self) -> None:
        """
        Begin to L{start}.
        """
        MultiService.startService(self)
        self._settled = Deferred()
        self._starting = Deferred.fromCoroutine(self.start())
        self._starting.addCallbacks(self._started, self._failed)

    def stopService(self) -> Deferred[None]:
        """
        Stop to listen, let the requests under way end, and put everything away.
        """
        if self._starting is not None:
            self._starting.cancel()
        stopped = maybeDeferred(MultiService.stopService, self)
        return stopped.addCallback(lambda _: self._settled).addCallback(lambda _: self._put_away())

    async def administer(self) -> None:
        """
        Serve the administration endpoint.
        """
        site = admin_site(self._reactor, self.metrics_text, self.check, self.facts, recipes_of(self.settings, self.urls))
        self._admin_ports = await listen(self._reactor, self.settings.admin_listen, site, self._ends)

    def announce(self) -> None:
        """
        Say where everything is.
        """
        announce(self.urls, self.pfs_addresses, self.admin_urls, self.description, recipes_of(self.settings, self.urls))

    @property
    def urls(self) -> list[str]:
        """
        Where S3 is served.
        """
        return urls_of(self.settings.listen, self.ports)

    @property
    def admin_urls(self) -> list[str]:
        """
        Where the administration endpoint is served.
        """
        return urls_of(self.settings.admin_listen, self._admin_ports)

    @property
    def pfs_addresses(self) -> Sequence[str]:
        """
        Where the embedded PFS is served as gRPC.
        """
        return self._backend.served if self._backend is not None else ()

    @property
    def description(self) -> str:
        """
        Where the data is.
        """
        return self._backend.description if self._backend is not None else f"in the pachd at {self.settings.pachd}"

    def _started(self, _: None) -> None:
        self.ready.callback(self)
        self._settle()

    def _failed(self, failure: Failure) -> None:
        """
        Put away what was opened before it failed, and say that it did.
        """
        if failure.check(CancelledError) is None:
            log.critical("The gateway cannot start: {reason}", reason=failure.getErrorMessage())

        def told(_: object) -> None:
            self.ready.errback(failure)
            self._settle()

        self._put_away().addBoth(told)

    def _settle(self) -> None:
        """
        Nothing of the start goes on any more. Whoever stops waits for that: both put away, and must not do so at once.
        """
        assert self._settled is not None
        self._settled.callback(None)

    def _put_away(self) -> Deferred[None]:
        """
        Undo the start, last things first: stop to listen, let requests end, close the objects, then PFS.
        """
        return Deferred.fromCoroutine(self._ends.aclose())
