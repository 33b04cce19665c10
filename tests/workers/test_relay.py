"""
The log of a worker.
"""

from __future__ import annotations

from typing import Any

from twisted.logger import LogLevel, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from pachgw.workers import relay


class RelayTests(SynchronousTestCase):
    """
    L{relay}.
    """

    def test_to_the_supervisor(self) -> None:
        """What is logged is sent as text, with its level, if it is of the level that is wanted."""
        begun: list[Any] = []
        self.patch(relay.globalLogBeginner, "beginLoggingTo", lambda observers, redirectStandardIO: begun.extend(observers))
        self.patch(relay.txaio, "set_global_log_level", begun.append)
        sent: list[tuple[str, str]] = []
        relay.begin_relaying("warn", lambda level, text: sent.append((level, text)))
        level, observer = begun
        self.assertEqual(level, "warn")
        observer({"log_level": LogLevel.info, "log_format": "not wanted", "log_namespace": "here"})
        observer({"log_level": LogLevel.warn, "log_format": "{what} is wanted", "what": "this", "log_namespace": "here"})
        self.assertEqual(sent, [("warn", "this is wanted")])

    def test_in_the_supervisor(self) -> None:
        """It is logged again with the same level; a level that is unknown does no harm."""
        logged: list[tuple[str, str]] = []

        def observe(event: Any) -> None:
            logged.append((event["log_level"].name, event.get("text", "")))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        relay.write(3, "warn", "a {brace}\nand more")
        relay.write(3, "strange", "text")
        self.assertEqual(logged, [("warn", "worker 3: a {brace}\nworker 3: and more"), ("info", "worker 3: text")])
