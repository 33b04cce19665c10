"""
The connection to a pachd.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Optional, Union

import grpc

from pachgw.pfs.address import Target

SENT = 4 << 20
"""
The largest message that pachd takes, in bytes, all in.
"""

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_send_message_length", SENT),
    ("grpc.max_receive_message_length", -1),
    # The least time to wait for a connection; with the default of 20 seconds calls to a host that drops packets would hang as long.
    ("grpc.min_reconnect_backoff_ms", 2_000),
    ("grpc.use_local_subchannel_pool", 1),
)


def system_authorities() -> Optional[bytes]:
    """
    The certificate authorities that this machine trusts, as PEM; C{None} if it does not say, for those that come with grpcio.
    """
    path = ssl.get_default_verify_paths().cafile
    return None if path is None else Path(path).read_bytes()


def connect(to: Target, authorities: Optional[bytes], backoff: float) -> grpc.Channel:
    """
    A channel, which connects when it is first used.

    @param authorities: PEM of those to trust, C{None} for the system's.
    @param backoff: the longest time between two attempts to connect, in seconds.
    """
    limit = max(100, int(backoff * 1000))
    options: list[tuple[str, Union[int, str]]] = [
        *_OPTIONS,
        ("grpc.initial_reconnect_backoff_ms", min(limit, 500)),
        ("grpc.max_reconnect_backoff_ms", limit),
    ]
    if not to.tls:
        return grpc.insecure_channel(to.name, options)
    credentials = grpc.ssl_channel_credentials(system_authorities() if authorities is None else authorities)
    return grpc.secure_channel(to.name, credentials, options)
