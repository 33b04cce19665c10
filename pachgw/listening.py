"""
Listening, and what to tell people about where.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from textwrap import indent
from typing import Any

import txaio
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort, IProtocolFactory

log = txaio.make_logger()

_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (an address to recognise, not to listen on)


async def listen(reactor: Any, endpoints: Sequence[str], factory: IProtocolFactory, ends: AsyncExitStack) -> list[IListeningPort]:
    """
    Listen on some server endpoints.

    @param ends: told how to close each port.
    """
    return await listen_by((partial(serverFromString(reactor, endpoint).listen, factory) for endpoint in endpoints), ends)


async def listen_by(steps: Iterable[Callable[[], Awaitable[IListeningPort]]], ends: AsyncExitStack) -> list[IListeningPort]:
    """
    Listen by each of some steps in turn.

    @param ends: told how to close each port, also when the next step fails.
    """
    ports: list[IListeningPort] = []
    for step in steps:
        port = await step()
        ends.push_async_callback(maybeDeferred, port.stopListening)
        ports.append(port)
    return ports


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


def urls_of(endpoints: Sequence[str], ports: Sequence[IListeningPort]) -> list[str]:
    """
    The URLs of all that listen, in the order of their endpoints.
    """
    return [url_of(endpoint, port) for endpoint, port in zip(endpoints, ports, strict=False)]


def announce(urls: Sequence[str], pfs_addresses: Sequence[str], admin_urls: Sequence[str], data: str, recipes: Mapping[str, str]) -> None:
    """
    Say in the log where everything is, and what to paste into clients.

    @param data: where the data is.
    @param recipes: what to paste, by client.
    """
    for url in urls:
        log.info("S3 on {url}", url=url)
    for address in pfs_addresses:
        log.info("PFS on {address}", address=address)
    for url in admin_urls:
        log.info("Administration on {url}", url=url)
    log.info("Data: {description}", description=data)
    if recipes:
        lines = [f"  {name}:\n" + indent(text, "    ") for name, text in recipes.items()]
        log.info("To paste into clients:\n{recipes}", recipes="\n".join(lines))
