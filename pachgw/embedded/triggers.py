"""
Triggers: a branch that follows another one of its repo when enough has happened there.
"""

from __future__ import annotations

import re
import sqlite3

from pachgw.embedded.errors import unknown
from pachgw.embedded.paths import check_name
from pachgw.embedded.picking import find_branch
from pachgw.pfs.proto import pfs_pb2 as pfs

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kKmMgGtTpP]?)[iI]?[bB]?")
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def size_of(text: str) -> int:
    """
    A size such as C{100K} or C{1.5GB} in bytes; units are powers of 1,000.

    @raise Refused: it is none.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise unknown(f"invalid trigger size: invalid size: '{text}'")
    return int(float(match[1]) * 1000 ** _UNITS[match[2].lower()])


def check_trigger(db: sqlite3.Connection, branch: pfs.Branch, trigger: pfs.Trigger) -> None:
    """
    Make sure that a branch may have a trigger.

    @raise Refused: it is malformed, or forms a loop.
    """
    if not trigger.branch:
        raise unknown("triggers must specify a branch to trigger on")
    check_name(trigger.branch)
    if trigger.size:
        size_of(trigger.size)
    if trigger.commits < 0:
        raise unknown("can't trigger on a negative number of commits")
    name = trigger.branch
    while name:
        if name == branch.name:
            raise unknown("triggers cannot form a loop")
        found = find_branch(db, branch.repo, name)
        name = pfs.Trigger.FromString(found.trigger).branch if found and found.trigger else ""
