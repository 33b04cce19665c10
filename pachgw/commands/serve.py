"""
C{python -m pachgw serve}: the gateway in the foreground, also from a checkout that is not installed.
"""

from __future__ import annotations

import sys

import txaio
from twisted.logger import FilteringLogObserver, LogLevel, LogLevelFilterPredicate, globalLogBeginner, textFileLogObserver
from twisted.python.failure import Failure

from pachgw.memory import keep_tidy
from pachgw.options import Options
from pachgw.service import makeService


def log_to_stdout(level: str) -> None:
    """
    Begin to log. What txaio logs goes the same way as all that Twisted logs.

    @param level: as txaio names it.
    """
    txaio.set_global_log_level(level)
    least = LogLevel.lookupByName("debug" if level == "trace" else level)
    observer = FilteringLogObserver(textFileLogObserver(sys.stdout), [LogLevelFilterPredicate(least)])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)


def run(options: Options) -> None:
    """
    Run the command until a signal ends it.

    @raise SystemExit: the gateway could not start.
    """
    from twisted.internet import reactor

    log_to_stdout(options.settings.log_level)
    failures: list[Failure] = []

    def stop(failure: Failure) -> None:
        failures.append(failure)
        reactor.callWhenRunning(reactor.stop)

    gateway = makeService(options.settings, reactor)
    gateway.ready.addCallbacks(lambda _: keep_tidy(reactor), stop)
    gateway.startService()
    reactor.addSystemEventTrigger("before", "shutdown", gateway.stopService)
    reactor.run()
    if failures:
        raise SystemExit(1)
