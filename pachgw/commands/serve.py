"""
C{python -m pachgw serve}: the gateway in the foreground, also from a checkout that is not installed.
"""

from __future__ import annotations

import sys

import txaio

from pachgw.options import Options


def run(options: Options) -> None:
    """
    Run the command until a signal ends it.
    """
    from twisted.internet import reactor

    from pachgw.service import Gateway, makeService

    txaio.start_logging(out=sys.stdout, level=options.settings.log_level)
    failed: list[str] = []

    def stop(failure: object) -> None:
        failed.append(str(failure))
        reactor.callWhenRunning(reactor.stop)

    gateway: Gateway = makeService(options.settings, reactor)
    gateway.ready.addErrback(stop)
    gateway.startService()
    reactor.addSystemEventTrigger("before", "shutdown", gateway.stopService)
    reactor.run()
    if failed:
        raise SystemExit(1)
