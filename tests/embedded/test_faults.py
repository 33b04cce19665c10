"""
What the operating system and SQLite raise, told apart.
"""

from __future__ import annotations

import errno
import sqlite3

from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.faults import Busy, Damaged, DiskFull, ReadOnlyFolder, StoreFault, told_apart


def sqlite_error(code: int) -> sqlite3.OperationalError:
    """
    An error as the module raises it.
    """
    error = sqlite3.OperationalError("something")
    error.sqlite_errorcode = code
    return error


class ToldApartTests(SynchronousTestCase):
    """
    L{told_apart}.
    """

    def raised(self, error: Exception) -> StoreFault:
        """
        What an error becomes.
        """
        with self.assertRaises(StoreFault) as caught, told_apart("do it"):
            raise error
        self.assertIn("cannot do it: ", str(caught.exception))
        self.assertIs(caught.exception.__cause__, error)
        return caught.exception

    def test_told(self) -> None:
        """
        Errors that an operator can do something about, extended codes of SQLite included.
        """
        for error, fault in (
            (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
            (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull),
            (OSError(errno.EROFS, "Read-only file system"), ReadOnlyFolder),
            (OSError(errno.EACCES, "Permission denied"), ReadOnlyFolder),
            (sqlite_error(sqlite3.SQLITE_FULL), DiskFull),
            (sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY), ReadOnlyFolder),
            (sqlite_error(sqlite3.SQLITE_CANTOPEN), ReadOnlyFolder),
            (sqlite_error(sqlite3.SQLITE_CORRUPT_INDEX), Damaged),
            (sqlite_error(sqlite3.SQLITE_NOTADB), Damaged),
            (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), Busy),
        ):
            self.assertIs(type(self.raised(error)), fault)

    def test_passed_on(self) -> None:
        """
        All others stay what they are.
        """
        for error in (
            OSError(errno.EIO, "Input/output error"),
            sqlite_error(sqlite3.SQLITE_CONSTRAINT),
            sqlite3.DatabaseError("x"),
            KeyError(),
        ):
            with self.assertRaises(type(error)) as caught, told_apart("do it"):
                raise error
            self.assertIs(caught.exception, error)
