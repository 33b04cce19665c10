"""
What can be wrong with the folder that the embedded PFS keeps its data in. Each class says it in a text for the operator.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


class StoreFault(Exception):
    """
    The store cannot do what was asked, for a reason that lies in its folder and not in the request.
    """


class FolderInUse(StoreFault):
    """
    Another process has the folder open.
    """


class SchemaTooNew(StoreFault):
    """
    A later version of pachgw has upgraded the folder.
    """


class DiskFull(StoreFault):
    """
    No space is left, or a quota is used up. Nothing of the request was applied.
    """


class ReadOnlyFolder(StoreFault):
    """
    The folder, or the file system under it, cannot be written.
    """


class Busy(StoreFault):
    """
    The turn to write did not come within the time limit.
    """


class Damaged(StoreFault):
    """
    What was stored is missing or is not what it was: C{fsck} tells more.
    """


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def told_apart(doing: str) -> Iterator[None]:
    """
    Turn what the operating system and SQLite raise into a L{StoreFault} where an operator can do something about it; the rest passes.

    @param doing: what was tried, for the text: C{"write a chunk"}.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _sqlite_fault(error, doing) from error
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(f"cannot {doing}: no space is left on the disk") from error
        if error.errno in _READ_ONLY:
            raise ReadOnlyFolder(f"cannot {doing}: {error.strerror}: {error.filename or 'the folder'}") from error
        raise


def _sqlite_fault(error: sqlite3.DatabaseError, doing: str) -> Exception:
    """
    The fault for an error of SQLite, or the error itself. Source: U{https://www.sqlite.org/rescode.html}.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(f"cannot {doing}: no space is left on the disk")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return ReadOnlyFolder(f"cannot {doing}: {error}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"cannot {doing}: {error}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(f"cannot {doing}: {error}")
    return error
