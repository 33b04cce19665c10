"""
The contents of the files in a tape archive, which is how PFS gives many files at once.

Source: POSIX.1-2001, pax Interchange Format; only as much of it as reading small files one after the other needs.
"""

from __future__ import annotations

_BLOCK = 512
_SIZE = slice(124, 136)
_TYPE = slice(156, 157)
_REGULAR = (b"0", b"\0")


def tar_contents(archive: bytes) -> bytes:
    """
    The contents of the regular files, one after the other.

    @raise ValueError: this is no archive, or not all of one.
    """
    contents: list[bytes] = []
    place = 0
    while place < len(archive):
        header = archive[place : place + _BLOCK]
        place += _BLOCK
        if not header.strip(b"\0"):
            continue
        size = int(header[_SIZE].strip(b"\0 ") or b"0", 8)
        if place + size > len(archive):
            raise ValueError("the archive ends within a file")
        if header[_TYPE] in _REGULAR:
            contents.append(archive[place : place + size])
        place += -(-size // _BLOCK) * _BLOCK
    return b"".join(contents)
