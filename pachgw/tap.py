"""
What C{twistd pachs3} needs: options, and from them a service.
"""

from __future__ import annotations

import os

import txaio

from pachgw import options
from pachgw.memory import keep_tidy
from pachgw.server import Server
from pachgw.service import makeService as make_gateway


class Options(options.Options):
    """
    The options of C{twistd pachs3}: those of L{options.Options}, with this process's environment.
    """

    def __init__(self) -> None:
        options.Options.__init__(self, os.environ)


def makeService(options: Options) -> Server:
    """
    The gateway as C{twistd} runs it, which ends if it cannot start.
    """
    from twisted.internet import reactor

    txaio.set_global_log_level(options.settings.log_level)
    gateway = make_gateway(options.settings, reactor)
    gateway.ready.addCallbacks(lambda _: keep_tidy(reactor), lambda _: reactor.callWhenRunning(reactor.stop))
    return gateway
