"""
The files of a commit by their keys, where those are not their paths: in the order in which S3 lists them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from twisted.internet.interfaces import IReactorTime

from pachgw.objects.blocks import Entry, pack
from pachgw.objects.building import Builder
from pachgw.objects.cursors import IndexReader
from pachgw.objects.growing import State
from pachgw.objects.index import Index
from pachgw.objects.indexes import Indexes
from pachgw.objects.paths import Names
from pachgw.objects.resolving import Snapshot
from pachgw.objects.values import Caller
from pachgw.objects.walking import WalkReader
from pachgw.pfs.interfaces import IPFS
from pachgw.s3.errors import SlowDown

MOST = 200_000
"""
The most files of a commit without an index that are put in order for one listing.
"""

_RUN = 1000


def by_key(index: Index, names: Names) -> Index:
    """
    An index whose names are keys. It shares all blocks in which the two are the same.

    The empty files that keep directories become the directories' markers, or vanish where a directory has other files: among keys, they
    could be taken for an object that somebody has named so.
    """
    changes: dict[bytes, Optional[Entry]] = {}
    for entry in _unlike(index):
        changes.setdefault(entry.name, None)
        key: Optional[bytes] = names.key(entry.name)
        if entry.marker:
            directory = entry.name[: entry.name.rindex(b"/") + 1]
            key = names.key(directory) if index.count_below(directory, 2) < 2 else None
        if key is not None:
            changes[key] = entry._replace(name=key)
    return index.changed(changes)


def _unlike(index: Index) -> Iterator[Entry]:
    """
    The files whose keys may not be their paths.
    """
    for block in index.blocks:
        if block.holds(b"%") or block.holds(b"/."):
            for entry in block.entries():
                if entry.marker or b"%" in entry.name:
                    yield entry


class KeyReader(IndexReader):
    """
    Reads an index by key: what looks like the file that keeps a directory is an object there.
    """

    markers = False


class KeyedIndexes:
    """
    Indexes by key. The order of keys is not that of PFS, so a listing cannot begin before all files are known.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, indexes: Indexes, builder: Builder, names: Names) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._indexes = indexes
        self._builder = builder
        self._names = names

    async def find(self, caller: Caller, snapshot: Snapshot, prefix: str) -> Index:
        """
        The index by key of a commit, or for one that cannot be kept, of its keys that begin with C{prefix}.

        @raise SlowDown: the commit is too large for an index, and there are too many keys to sort.
        """
        name = snapshot.name._replace(id=f"{snapshot.commit} by key")
        keyed = self._indexes.find(name)
        if keyed is not None:
            return keyed
        growth = self._builder.grow(caller, snapshot)
        while growth is not None and growth.state is State.GROWING:
            await growth.more()
        index = self._indexes.find(snapshot.name)
        if index is None:
            return by_key(await self._walk(caller, snapshot, prefix), self._names)
        keyed = by_key(index, self._names)
        self._indexes.keep(name, keyed)
        return keyed

    async def _walk(self, caller: Caller, snapshot: Snapshot, prefix: str) -> Index:
        begin = self._names.path_prefix(prefix).encode()
        found: list[Entry] = []
        cursor = WalkReader(self._pfs, caller, snapshot, self._clock.seconds())
        try:
            await cursor.seek(begin)
            while entries := await cursor.read(_RUN):
                found.extend(entry for entry in entries if entry.name.startswith(begin))
                if not entries[-1].name.startswith(begin):
                    break
                if len(found) > MOST:
                    raise SlowDown("There are too many keys to put them in order. Ask for a longer prefix, or raise --index-memory.")
        finally:
            cursor.close()
        return Index(list(pack(found)))
