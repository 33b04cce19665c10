"""
Everything that can be set, as one value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

DEFAULT_LISTEN = "tcp:30600:interface=127.0.0.1"
DEFAULT_DATA_DIR = Path("pachs3-data")


@dataclass(frozen=True)
class Settings:
    """
    How a gateway runs.

    @ivar listen: where S3 is served, as Twisted server endpoint strings.
    @ivar data_dir: where the embedded PFS keeps its data, when there is no C{pachd}.
    @ivar pachd: the address of a pachd, C{host:port} or C{grpc[s]://host:port}; C{None} for the embedded PFS.
    @ivar pachd_ca: a PEM file with the certificates of those who may have signed pachd's.
    @ivar pfs_listen: where the embedded PFS is served as gRPC, as endpoint strings of L{pachgw.pfs.address.listening}.
    @ivar admin_listen: where health, metrics and the page for people are served, as Twisted server endpoint strings.
    @ivar domains: under these a bucket may be named in the C{Host} header.
    @ivar accepted: whether a write is acknowledged when PFS has accepted it, not only when its commit has finished.
    @ivar root_token: makes the embedded PFS ask for tokens, and is the one that may do everything.
    @ivar idle_timeout: seconds without a byte from a client after which its connection ends.
    @ivar max_requests: how many requests may be under way.
    @ivar max_memory: how many bytes they may hold together.
    @ivar log_level: C{error}, C{warn}, C{info}, C{debug} or C{trace}.
    @ivar index_memory: how many bytes the indexes of commits may take.
    @ivar escape_keys: whether keys that PFS cannot hold are kept under escaped names.
    @ivar remember_rights: seconds for which a right that PFS has granted is relied on without asking again.
    @ivar pfs_key: a PEM file with the private key that the embedded PFS is served with; C{None} for no TLS.
    @ivar pfs_certificate: a PEM file with the certificates that go with it.
    @ivar windows: buckets by the names that ListBuckets gives them, each with the seconds for which its writes are gathered.
    @ivar upload_age: seconds after which a multipart upload that was not completed is forgotten.
    @ivar workers: how many processes serve S3. The limits are those of each.
    """

    listen: tuple[str, ...] = (DEFAULT_LISTEN,)
    data_dir: Path = DEFAULT_DATA_DIR
    pachd: Optional[str] = None
    pachd_ca: Optional[Path] = None
    pfs_listen: tuple[str, ...] = ()
    admin_listen: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    accepted: bool = False
    root_token: Optional[str] = field(default=None, repr=False)
    idle_timeout: float = 60.0
    max_requests: int = 512
    max_memory: int = 512 * 1024 * 1024
    log_level: str = "info"
    index_memory: int = 256 * 1024 * 1024
    remember_rights: float = 0.0
    escape_keys: bool = False
    pfs_key: Optional[Path] = None
    pfs_certificate: Optional[Path] = None
    windows: tuple[tuple[str, float], ...] = ()
    upload_age: float = 7 * 86400.0
    workers: int = 1
