"""
What supervisor and worker say to each other, over a socket that only they have: small dictionaries as JSON, each with its length before it.

  - C{settings}, to the worker: how it is to run (L{packed}), its C{number}, and the C{folder} of what is shared.
  - C{ask} and C{id}, to the worker: C{metrics}, or C{ready} for whether it reaches PFS. The C{answer} to that C{id} has a C{text}, or an
    C{error}.
  - C{stop}, to the worker: end.
  - C{serving}, from the worker: it accepts connections; or C{failed}, with the reason for which it cannot.
  - C{log}, from the worker: an entry of its log, of a C{level}.

When the socket closes, the other one is gone. So a worker ends with its supervisor, however that ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from twisted.internet.interfaces import IConsumer, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from pachgw.settings import Settings

Message = Mapping[str, Any]

CHANNEL = 3
"""
The worker's end, as a file descriptor.
"""

INHERITED = 4
"""
The worker's first socket to accept on, as a file descriptor. The others follow it.
"""

BACKLOG = 1024 * 1024
"""
The most bytes of log entries that wait for a supervisor that does not read them; what comes then is counted and dropped.
"""

_PATHS = {field.name for field in fields(Settings) if "Path" in str(field.type)}


@implementer(IPushProducer)
class Channel(Int32StringReceiver):
    """
    One end of the socket.
    """

    MAX_LENGTH = 16 * 1024 * 1024

    def __init__(self, connected: Callable[[], None], received: Callable[[Message], None], lost: Callable[[], None]) -> None:
        """
        @param connected: called once L{send} may be used.
        @param received: called with each message.
        @param lost: called when the other end is gone.
        """
        self._connected = connected
        self._received = received
        self._lost = lost
        self._paused = False
        self._waiting = 0
        self._dropped = 0

    def connectionMade(self) -> None:
        """
        The other end may be written to.
        """
        cast(IConsumer, self.transport).registerProducer(self, True)
        self._connected()

    def send(self, message: Message) -> None:
        """
        Say something.
        """
        self.sendString(json.dumps(message).encode())  # type: ignore[no-untyped-call]

    def log(self, level: str, text: str) -> None:
        """
        Pass on an entry of the log, unless too much waits already.

        @param level: as Twisted names it.
        """
        if self._paused:
            self._waiting += len(text)
            if self._waiting > BACKLOG:
                self._dropped += 1
                return
        self.send({"log": text, "level": level})

    def stringReceived(self, string: bytes) -> None:
        """
        See C{Int32StringReceiver.stringReceived}.
        """
        self._received(json.loads(string))

    def pauseProducing(self) -> None:
        """
        The other end does not read as fast as this one writes.
        """
        self._paused = True

    def resumeProducing(self) -> None:
        """
        The other end has read what was written.
        """
        self._paused = False
        self._waiting = 0
        dropped, self._dropped = self._dropped, 0
        if dropped:
            self.log("warn", f"{dropped} entries of the log were dropped here")

    def stopProducing(self) -> None:
        """
        The other end is gone; L{connectionLost} tells.
        """

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """
        See C{Int32StringReceiver.connectionLost}.
        """
        self._lost()


def packed(settings: Settings) -> dict[str, Any]:
    """
    Settings, as JSON can carry them.
    """
    values = ((field.name, getattr(settings, field.name)) for field in fields(settings))
    return {name: str(value) if isinstance(value, Path) else value for name, value in values}


def unpacked(values: Message) -> Settings:
    """
    The settings that were packed.
    """

    def restored(name: str, value: Any) -> Any:
        if name in _PATHS and value is not None:
            return Path(value)
        return _tuples(value)

    return Settings(**{name: restored(name, value) for name, value in values.items()})


def _tuples(value: Any) -> Any:
    """
    Undo what JSON makes of tuples, also of those in others.
    """
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
