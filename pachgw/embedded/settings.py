"""
What the catalogue remembers about the store as a whole.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import Union

Value = Union[str, bytes, int]

CLUSTER_ID = "cluster-id"
HASHING_KEY = "hashing-key"
AUTH_ACTIVE = "auth-active"


def get(db: sqlite3.Connection, name: str, default: Value) -> Value:
    """
    Read a setting.
    """
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return default if row is None else row[0]


def put(db: sqlite3.Connection, name: str, value: Value) -> None:
    """
    Write a setting, in a write transaction.
    """
    db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))


def found(db: sqlite3.Connection) -> None:
    """
    Give a new store its identity, in a write transaction; an old one keeps it.
    """
    for name, value in ((CLUSTER_ID, secrets.token_hex(16)), (HASHING_KEY, secrets.token_bytes(32)), (AUTH_ACTIVE, 0)):
        db.execute("INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", (name, value))
