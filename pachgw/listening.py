"""
What to tell people about where something listens.
"""

from __future__ import annotations

import os

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IListeningPort

_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (an address to recognise, not to listen on)


def address_of(port: IListeningPort) -> str:
    """
    Host and port, or a socket's path. For one that listens everywhere, a host by which this machine reaches itself.
    """
    address = port.getHost()
    if isinstance(address, UNIXAddress):
        return os.fsdecode(address.name or "")
    if not isinstance(address, (IPv4Address, IPv6Address)):
        return str(address)
    host = address.host
    return f"{_ANY.get(host) or (f'[{host}]' if ':' in host else host)}:{address.port}"


def url_of(endpoint: str, port: IListeningPort) -> str:
    """
    The URL of what listens.

    @param endpoint: the endpoint string that it listens by.
    """
    if isinstance(port.getHost(), UNIXAddress):
        return f"unix:{address_of(port)}"
    return f"{'https' if endpoint.startswith('ssl:') else 'http'}://{address_of(port)}"
