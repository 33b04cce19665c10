"""
Which keys PFS can hold.

A PFS path is printable ASCII without the characters of globs, has no empty, C{.} or C{..} segment, and loses a trailing slash
(PFS as observed, 2.12). A key that PFS would refuse, or take for another, must not reach it.
"""

from __future__ import annotations

import re

from pachgw.s3.errors import InvalidFilePath, KeyTooLongError

MAX_KEY = 1024
"""
The longest key, in bytes of UTF-8, as in AWS.
"""

FORBIDDEN = frozenset("*?[]{}!()@+^")
"""
The printable characters that PFS does not take in a path.
"""

MARKER_NAME = ".pachgw"
"""
The name of the empty file that keeps a directory which has no other. No key may have it as a segment.
"""

_WRONG_CHARACTER = re.compile(r"[^ -~]|[*?\[\]{}!()@+^]")
_DOTS = (".", "..")


def is_marker(key: str) -> bool:
    """
    Whether the key, or the path under which it is kept, names a directory marker: it ends in C{/}.
    """
    return key.endswith("/")


def marker_path(key: str) -> str:
    """
    Where PFS keeps the marker C{key} while its directory is empty.
    """
    return key + MARKER_NAME


def check_key(key: str) -> None:
    """
    Refuse a key that cannot be written.

    @raise KeyTooLongError: it has over L{MAX_KEY} bytes.
    @raise InvalidFilePath: PFS cannot hold it, or would take it for another; the message names the culprit.
    """
    if _length(key) > MAX_KEY:
        raise KeyTooLongError(Size=str(_length(key)), MaxSizeAllowed=str(MAX_KEY))
    reason = _fault(key)
    if reason:
        raise InvalidFilePath(f"PFS cannot store an object under this key: {reason}. Choose another key.", Key=key)


def holds(key: str) -> bool:
    """
    Whether PFS could hold the key, for reads: what it cannot hold does not exist.
    """
    return _length(key) <= MAX_KEY and not _fault(key)


def _length(key: str) -> int:
    return len(key.encode("utf-8", "surrogateescape"))


def _fault(key: str) -> str:
    """
    Why PFS cannot hold the key, or the empty string.
    """
    wrong = _WRONG_CHARACTER.search(key)
    if wrong is not None:
        return f"it contains {_shown(wrong.group())}"
    segments = key.split("/")
    if is_marker(key):
        segments.pop()
    if segments[0] == "":
        return "it begins with '/'" if key else "it is empty"
    if "" in segments:
        return "it contains '//'"
    dots = next((segment for segment in segments if segment in _DOTS), None)
    if dots is not None:
        return f"it has a segment {dots!r}"
    if MARKER_NAME in segments:
        return f"the name {MARKER_NAME!r} is how the gateway keeps empty directories"
    return ""


def _shown(character: str) -> str:
    """
    A character for a message: itself if it is visible, and its code point.
    """
    code = f"U+{ord(character):04X}"
    return f"{character!r} ({code})" if character.isprintable() else code
