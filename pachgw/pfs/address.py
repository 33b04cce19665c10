"""
Where a pachd listens, and where the embedded PFS is to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

PORT = 30650
"""
pachd's port, where an address gives none.
"""

_SCHEMES = {"grpc": (False, PORT), "grpcs": (True, PORT), "http": (False, 80), "https": (True, 443)}


@dataclass(frozen=True)
class Target:
    """
    A pachd, or a PFS served by a gateway.

    @ivar name: as gRPC takes it.
    @ivar tls: whether to speak TLS.
    """

    name: str
    tls: bool


def target(address: str) -> Target:
    """
    Read the address of a pachd.

    @param address: C{grpc://host:port}, C{grpcs://host:port} for TLS, C{http://} and C{https://} as pachctl takes them,
        C{host:port}, C{host}, or C{unix:/path}.
    @raise ValueError: it is none of these.
    """
    if address.startswith("unix:"):
        return Target("unix:" + address.removeprefix("unix:").removeprefix("//"), False)
    split = urlsplit(address if "://" in address else f"grpc://{address}")
    tls, port = _SCHEMES.get(split.scheme, (None, PORT))
    if tls is None or not split.hostname or split.path not in ("", "/") or split.query or split.username is not None:
        raise ValueError(f"{address!r} is no address of a pachd: it should look like grpc://host:30650, or grpcs://host:30650 for TLS")
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    return Target(f"{host}:{split.port or port}", tls)


def listening(endpoint: str) -> str:
    """
    Read where to serve gRPC.

    @param endpoint: a Twisted endpoint string of one of the forms C{tcp:PORT}, C{tcp:PORT:interface=ADDRESS} and C{unix:PATH}.
    @return: as gRPC takes it. Without an interface all IPv4 interfaces are meant, as with Twisted.
    @raise ValueError: it is of another form.
    """
    kind, *arguments = (part.replace("\\:", ":") for part in re.split(r"(?<!\\):", endpoint))
    named = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    plain = [argument for argument in arguments if "=" not in argument]
    if kind == "unix" and not named and len(plain) == 1 and plain[0]:
        return f"unix:{plain[0]}"
    port = plain[0] if plain else named.pop("port", "")
    interface = named.pop("interface", "0.0.0.0")  # noqa: S104 - what Twisted means by no interface
    if kind != "tcp" or named or len(plain) > 1 or not re.fullmatch("[0-9]{1,5}", port):
        raise ValueError(f"PFS is served on tcp:PORT, tcp:PORT:interface=ADDRESS or unix:PATH, not on {endpoint!r}")
    return f"[{interface}]:{port}" if ":" in interface else f"{interface}:{port}"
