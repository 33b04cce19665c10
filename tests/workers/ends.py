"""
The other end of a channel, in memory.
"""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.testing import StringTransport

from pachgw.workers.channel import Channel


def wire(message: Any) -> bytes:
    """
    A message as it travels.
    """
    text = json.dumps(message).encode()
    return len(text).to_bytes(4, "big") + text


def said(transport: StringTransport) -> list[Any]:
    """
    The messages that were sent since this was last asked.
    """
    data, messages = transport.value(), []
    transport.clear()
    while data:
        length = int.from_bytes(data[:4], "big")
        messages.append(json.loads(data[4 : 4 + length]))
        data = data[4 + length :]
    return messages


def joined(channel: Channel) -> StringTransport:
    """
    Connect a channel to a transport in memory.
    """
    transport = StringTransport()
    channel.makeConnection(transport)
    return transport
