"""
The PFS behind a gateway: its own, or a pachd.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pachgw.pfs.interfaces import IPFS
from pachgw.settings import Settings


@dataclass(frozen=True)
class Backend:
    """
    A PFS that is open.

    @ivar pfs: the door to it.
    @ivar description: where the data is, for people.
    @ivar served: where it is served as gRPC.
    @ivar close: ends it.
    """

    pfs: IPFS
    description: str
    served: tuple[str, ...]
    close: Callable[[], Awaitable[None]]


async def open_backend(settings: Settings, reactor: Any) -> Backend:
    """
    Open the embedded PFS's folder, or the way to pachd.
    """
    raise NotImplementedError
