"""
What all parts of the embedded PFS stand on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Optional

from pachgw.embedded import settings
from pachgw.embedded.authority import Authority
from pachgw.embedded.calls import Call
from pachgw.embedded.lifecycle import Lifecycle, new_id
from pachgw.embedded.pins import Lease
from pachgw.embedded.records import DEFAULT_PROJECT
from pachgw.embedded.store import Store
from pachgw.embedded.watch import Watch

FILE_SET_SECONDS = 600
"""
How long a file set lives if nobody says otherwise.
"""


class Ground:
    """
    An open store with its catalogue.

    @ivar store: chunks, trees and the database.
    @ivar authority: who may do what.
    @ivar watch: told of every change.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        """
        @param clock: the time in seconds since 1970.
        """
        self.store = store
        self._clock = clock
        self.authority = Authority(self.now)
        self.watch = Watch()
        with self.write() as db:
            settings.found(db)
            db.execute(
                "INSERT OR IGNORE INTO projects (name, description, created, created_by) VALUES (?, '', ?, '')",
                (DEFAULT_PROJECT, self.now()),
            )
        self.authority.load(self.read())

    def now(self) -> int:
        """
        The time in nanoseconds since 1970.
        """
        return int(self._clock() * 1_000_000) * 1000

    def read(self) -> sqlite3.Connection:
        """
        This thread's connection for reading.
        """
        return self.store.database.reader()

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """
        A write transaction, after which those that wait look again.

        @param durable: see L{Database.write<pachgw.embedded.database.Database.write>}.
        """
        with self.store.database.write(durable) as db:
            yield db
        self.watch.changed()

    @contextmanager
    def changing(self, call: Call, lease: Optional[Lease] = None, durable: bool = True) -> Iterator[Lifecycle]:
        """
        A write transaction in which commits and branches may be changed.

        @param lease: what the call holds already, if it holds something.
        @param durable: see L{Database.write<pachgw.embedded.database.Database.write>}.
        """
        own = self.store.pins.lease()
        with own, self.write(durable) as db:
            caller = self.authority.caller(db, call)
            yield Lifecycle(db, self.now(), caller, self.store.tree, self.store.chunks, lease or own)

    def keep_file_set(self, db: sqlite3.Connection, root: bytes, seconds: int = FILE_SET_SECONDS) -> str:
        """
        Register a file set, in a write transaction.

        @return: its id.
        """
        id = new_id()
        db.execute("INSERT INTO file_sets (id, root, expires) VALUES (?, ?, ?)", (id, root, self.now() + seconds * 1_000_000_000))
        return id
