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
    # A pachd that is gone, or hangs, without a word is missed after 15 seconds in which nothing came. It allows a ping every 5, also on an
    # idle connection. The third of these is what current gRPC ends the connection by; the second alone did nothing in a trial.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
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
