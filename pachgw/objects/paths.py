"""
Where keys become paths of PFS and paths become keys: the one place for it.
"""

from __future__ import annotations

from typing import Optional

from pachgw.s3.keys import holds, is_marker


def path_of(key: str) -> Optional[str]:
    """
    The path at which PFS holds a key, with its leading slash.

    @return: C{None} for a key that PFS cannot hold, which therefore does not exist, and for a directory marker's.
    """
    return f"/{key}" if holds(key) and not is_marker(key) else None


def directory_of(key: str) -> Optional[str]:
    """
    The path of the directory that a marker's key, ending in C{/}, names; with its trailing slash.

    @return: C{None} if PFS could not hold such a directory.
    """
    return f"/{key}" if is_marker(key) and holds(key) else None


def key_of(name: bytes) -> str:
    """
    The key of a file.

    @param name: its path without the leading slash, or a directory's with one at its end.
    """
    return name.decode()


def may_begin(prefix: str) -> bool:
    """
    Whether a key that PFS can hold may begin so.
    """
    return not prefix or (prefix.isascii() and prefix.isprintable() and prefix[0] != "/")
