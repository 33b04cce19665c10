"""
Where keys become paths of PFS and paths become keys: the one place for it.
"""

from __future__ import annotations

from typing import Optional

from pachgw.s3.errors import InvalidFilePath, KeyTooLongError
from pachgw.s3.escaping import escape, path_prefix, unescape
from pachgw.s3.keys import MAX_KEY, check_key, holds, is_marker


def utf8(text: str) -> bytes:
    """
    What a client gave as a key or a part of one, in the form in which names are compared.
    """
    return text.encode("utf-8", "surrogateescape")


class Names:
    """
    Keys are paths without their leading slash. Those that PFS cannot hold do not exist.

    @cvar escaped: whether a path may differ from its key, so that paths and keys have different orders.
    """

    escaped = False

    def check(self, key: str) -> None:
        """
        Refuse a key that cannot be written.

        @raise KeyTooLongError: it is too long.
        @raise InvalidFilePath: PFS cannot hold it.
        """
        check_key(key)

    def path(self, key: str) -> str:
        """
        The path, with its leading slash, of a key that L{check} lets pass. That of a directory marker's key ends in a slash.
        """
        return f"/{key}"

    def path_of(self, key: str) -> Optional[str]:
        """
        The path at which PFS holds a key.

        @return: C{None} for a key that PFS cannot hold, which therefore does not exist, and for a directory marker's.
        """
        path = self.path(key) if self.holds(key) else "/"
        return None if is_marker(path) else path

    def directory_of(self, key: str) -> Optional[str]:
        """
        The path of the directory that a marker's key names; with its trailing slash.

        @return: C{None} if the key is no marker's, or PFS could not hold such a directory.
        """
        path = self.path(key) if is_marker(key) and self.holds(key) else ""
        return path if is_marker(path) else None

    def holds(self, key: str) -> bool:
        """
        Whether PFS could hold a key.
        """
        return holds(key)

    def key(self, name: bytes) -> bytes:
        """
        The key of a file, in UTF-8.

        @param name: its path without the leading slash.
        """
        return name

    def may_begin(self, prefix: str) -> bool:
        """
        Whether a key that PFS can hold may begin so.
        """
        return not prefix or (prefix.isascii() and prefix.isprintable() and prefix[0] != "/")

    def path_prefix(self, prefix: str) -> str:
        """
        How the paths, without their leading slash, of all keys begin that begin with C{prefix}.
        """
        return prefix


class EscapedNames(Names):
    """
    Keys that PFS cannot hold are kept under escaped names; see L{pachgw.s3.escaping}.
    """

    escaped = True

    def check(self, key: str) -> None:
        """See L{Names}."""
        if not key or not _encodable(key):
            raise InvalidFilePath("A key must be UTF-8 and cannot be empty.")
        if not self.holds(key):
            raise KeyTooLongError(MaxSizeAllowed=str(MAX_KEY))

    def path(self, key: str) -> str:
        """See L{Names}."""
        return f"/{escape(key)}"

    def holds(self, key: str) -> bool:
        """See L{Names}."""
        return _encodable(key) and 0 < len(key.encode()) <= MAX_KEY

    def key(self, name: bytes) -> bytes:
        """See L{Names}."""
        return unescape(name.decode()).encode() if b"%" in name else name

    def may_begin(self, prefix: str) -> bool:
        """See L{Names}."""
        return True

    def path_prefix(self, prefix: str) -> str:
        """See L{Names}."""
        return path_prefix(prefix)


def _encodable(key: str) -> bool:
    """
    Whether a key is text: one with lone surrogates, which stand for bytes that are no UTF-8, would alias another when escaped.
    """
    return not any("\ud800" <= character <= "\udfff" for character in key)


PLAIN = Names()
ESCAPED = EscapedNames()
