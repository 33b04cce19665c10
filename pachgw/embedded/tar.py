"""
The tape archive that GetFileTAR streams: POSIX ustar headers, with extended ones for long names and big files.

Source: POSIX.1-2001, pax Interchange Format.
"""

from __future__ import annotations

import tarfile

BLOCK = 512


def tar_header(path: str, size: int) -> bytes:
    """
    What comes before the content of a file, or stands for a directory.

    @param path: a directory's ends with a slash.
    @param size: in bytes.
    """
    entry = tarfile.TarInfo(path)
    entry.size = size
    entry.mode = 0o644
    if path.endswith("/"):
        entry.type = tarfile.DIRTYPE
        entry.mode = 0o755
    return entry.tobuf(tarfile.PAX_FORMAT, "utf-8")


def tar_padding(size: int) -> bytes:
    """
    What comes after a content of this size, so that the next header is in its place.
    """
    return bytes(-size % BLOCK)


def tar_end() -> bytes:
    """
    What ends the archive.
    """
    return bytes(2 * BLOCK)
