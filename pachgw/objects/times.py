"""
The times that have been said of objects, so that they do not move while the object stays the same.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from pachgw.objects.blocks import Entry
from pachgw.objects.index import Index


class Times:
    """
    PFS gives each file the time of the commit in which it is read. What has once been said of a path and its content is said
    again, for as many objects as there is room for; those of whole commits are remembered by their indexes instead.
    """

    def __init__(self, limit: int = 50_000) -> None:
        """
        @param limit: how many objects are remembered, of about 200 bytes each.
        """
        self._limit = limit
        self._said: OrderedDict[bytes, float] = OrderedDict()

    def steady(self, project: str, repo: str, branch: str, entry: Entry) -> Entry:
        """
        The entry with the time that was first said of it on that branch.
        """
        key = self._key(project, repo, branch, entry)
        said = self._said.setdefault(key, entry.modified)
        self._said.move_to_end(key)
        while len(self._said) > self._limit:
            self._said.popitem(last=False)
        return entry._replace(modified=said)

    def recalled(self, project: str, repo: str, branch: str, entry: Entry) -> Entry:
        """
        As L{steady}, but says nothing new.
        """
        if not self._said:
            return entry
        said = self._said.get(self._key(project, repo, branch, entry))
        return entry if said is None else entry._replace(modified=said)

    @staticmethod
    def _key(project: str, repo: str, branch: str, entry: Entry) -> bytes:
        text = b"\0".join((project.encode(), repo.encode(), branch.encode(), entry.name, entry.hash))
        return hashlib.blake2b(text, digest_size=16).digest()


class Unmoved:
    """
    The times in an older index, for files that are still the same. They are to be met in order.
    """

    def __init__(self, index: Index) -> None:
        self._cursor = index.cursor(b"")
        self._older = self._cursor.next()

    def steady(self, entry: Entry) -> Entry:
        """
        The entry with its older time, if it has one.
        """
        while self._older is not None and self._older.name < entry.name:
            self._older = self._cursor.next()
        older = self._older
        same = older is not None and (older.name, older.hash) == (entry.name, entry.hash)
        return entry._replace(modified=older.modified) if older is not None and same else entry
