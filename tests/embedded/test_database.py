"""
The database and the folder around it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from pachgw.embedded.database import Database
from pachgw.embedded.faults import Busy, Damaged, FolderInUse, SchemaTooNew, StoreFault
from pachgw.embedded.lock import FolderLock
from pachgw.embedded.store import Store
from tests.embedded.stores import LARGE, StoreCase, put
from tests.embedded.threads import run_in_thread


def in_thread(work: Callable[[], object]) -> object:
    """
    Do something in another thread, and wait for its end.

    @return: what it returned or raised.
    """
    thread, outcome = run_in_thread(work)
    thread.join(30)
    return outcome[0]


class SchemaTests(StoreCase):
    """
    Versions of the schema.
    """

    def scripts(self, **texts: str) -> Path:
        """
        A folder with C{one} as C{001-one.sql} and so on.
        """
        folder = self.folder / "schema"
        folder.mkdir(exist_ok=True)
        for number, (name, text) in enumerate(texts.items(), 1):
            (folder / f"{number:03d}-{name}.sql").write_text(text)
        return folder

    def opened(self, scripts: Path) -> Database:
        database = Database(self.folder, scripts=scripts)
        self.addCleanup(database.close)
        return database

    def test_upgrade(self) -> None:
        """
        A folder of an earlier version gets what it lacks and keeps what it has.
        """
        database = self.opened(self.scripts(one="CREATE TABLE first (x);"))
        with database.write() as connection:
            connection.execute("INSERT INTO first VALUES (7)")
        database.close()
        database = self.opened(self.scripts(one="broken, but not read", two="ALTER TABLE first ADD y DEFAULT 8; CREATE TABLE second (x);"))
        self.assertEqual(database.reader().execute("SELECT * FROM first").fetchall(), [(7, 8)])
        self.assertEqual(database.reader().execute("PRAGMA user_version").fetchone(), (2,))

    def test_newer(self) -> None:
        """
        A folder of a later version is refused, and left as it is.
        """
        self.opened(self.scripts(one="CREATE TABLE first (x);", two="CREATE TABLE second (x);")).close()
        (self.folder / "schema" / "002-two.sql").unlink()
        error = self.assertRaises(SchemaTooNew, self.opened, self.folder / "schema")
        self.assertIn("has schema 2; this version of pachgw knows none later than 1", str(error))

    def test_upgrade_that_fails(self) -> None:
        """
        An upgrade that breaks off leaves the version before it.
        """
        self.opened(self.scripts(one="CREATE TABLE first (x);")).close()
        scripts = self.scripts(one="", two="CREATE TABLE second (x); CREATE TABLE first (x);")
        self.assertRaises(sqlite3.OperationalError, self.opened, scripts)
        (scripts / "002-two.sql").unlink()
        tables = self.opened(scripts).reader().execute("SELECT name FROM sqlite_master").fetchall()
        self.assertEqual(tables, [("first",)])

    def test_no_database(self) -> None:
        """
        A file that is no database is not overwritten.
        """
        (self.folder / "pachgw.sqlite").write_bytes(b"something else" * 100)
        self.assertRaises(Damaged, Store, self.folder)
        self.assertEqual((self.folder / "pachgw.sqlite").read_bytes(), b"something else" * 100)


class TransactionTests(StoreCase):
    """
    Writing and reading.
    """

    def setUp(self) -> None:
        super().setUp()
        self.database = self.open().database
        with self.database.write() as connection:
            connection.execute("CREATE TABLE t (x)")

    def count(self) -> int:
        row: tuple[int] = self.database.reader().execute("SELECT COUNT(*) FROM t").fetchone()
        return row[0]

    def test_isolation(self) -> None:
        """
        Readers, in whatever thread, see a transaction only after its end.
        """
        with self.database.write() as connection:
            connection.execute("INSERT INTO t VALUES (1)")
            self.assertEqual((self.count(), in_thread(self.count)), (0, 0))
        self.assertEqual((self.count(), in_thread(self.count)), (1, 1))

    def test_rollback(self) -> None:
        """
        A block that raises leaves nothing, and the next one can begin.
        """
        with self.assertRaises(ZeroDivisionError), self.database.write() as connection:
            connection.execute("INSERT INTO t VALUES (1)")
            raise ZeroDivisionError
        with self.database.write() as connection:
            connection.execute("INSERT INTO t VALUES (2)")
        self.assertEqual(self.database.reader().execute("SELECT x FROM t").fetchall(), [(2,)])

    def test_one_at_a_time(self) -> None:
        """
        A second writer waits for the first, though not for ever.
        """
        self.patch(self.database, "_patience", 0.01)

        def second() -> None:
            with self.database.write():
                pass

        with self.database.write():
            self.assertIsInstance(in_thread(second), Busy)
        self.assertIsNone(in_thread(second))

    def test_readers_cannot_write(self) -> None:
        """
        A reader's connection refuses changes.
        """
        self.assertRaises(sqlite3.OperationalError, self.database.reader().execute, "INSERT INTO t VALUES (1)")

    def test_snapshot(self) -> None:
        """
        Inside a snapshot, later transactions do not show.
        """
        with self.database.snapshot() as connection:
            self.assertEqual(connection.execute("SELECT COUNT(*) FROM t").fetchone(), (0,))
            with self.database.write() as writer:
                writer.execute("INSERT INTO t VALUES (1)")
            self.assertEqual(connection.execute("SELECT COUNT(*) FROM t").fetchone(), (0,))
        self.assertEqual(self.count(), 1)

    def test_durable(self) -> None:
        """
        The settings that durability rests on.
        """
        with self.database.write() as connection:
            self.assertEqual(connection.execute("PRAGMA journal_mode").fetchone(), ("wal",))
            self.assertEqual(connection.execute("PRAGMA synchronous").fetchone(), (2,))

    def test_closed(self) -> None:
        """
        A closed database refuses both kinds of use, in threads old and new.
        """
        self.count()
        self.database.close()
        self.database.close()
        self.assertRaises(StoreFault, self.count)
        self.assertIsInstance(in_thread(self.count), StoreFault)
        with self.assertRaises(StoreFault), self.database.write():
            self.fail("the block is not entered")


class PrivacyTests(StoreCase):
    """
    Who may read the files.
    """

    def test_modes(self) -> None:
        """
        Files with content are for nobody else's eyes.
        """
        store = self.open()
        put(store, {"/a": b"A" * LARGE, "/b": b"b"})
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        self.assertEqual({path.suffix for path in files}, {"", ".sqlite", ".sqlite-wal", ".sqlite-shm"})
        self.assertEqual({path.stat().st_mode & 0o077 for path in files}, {0})


class LockTests(StoreCase):
    """
    One process per folder.
    """

    def test_second(self) -> None:
        """
        A second opening is refused with the process that has the folder, until the first is closed.
        """
        store = self.open()
        error = self.assertRaises(FolderInUse, Store, self.folder)
        self.assertRegex(str(error), r"in use by another process \(pid \d+\)")
        store.close()
        store.close()
        self.open()

    def test_given_free_when_opening_fails(self) -> None:
        """
        A folder that could not be opened is not left locked.
        """
        (self.folder / "pachgw.sqlite").write_bytes(b"something else" * 100)
        self.assertRaises(Damaged, Store, self.folder)
        FolderLock(self.folder).release()
