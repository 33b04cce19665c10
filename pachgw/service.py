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

from typing import Any, Optional

from pachgw.gateway import Gateway
from pachgw.server import Server
from pachgw.settings import Settings
from pachgw.workers.supervisor import Supervisor


def makeService(settings: Settings, reactor: Optional[Any] = None) -> Server:
    """
    Make a gateway, which does nothing yet: in this process, or with several workers.

    @param reactor: the one that runs, by default.
    """
    if reactor is None:
        from twisted.internet import reactor
    return Gateway(settings, reactor) if settings.workers == 1 else Supervisor(settings, reactor)
