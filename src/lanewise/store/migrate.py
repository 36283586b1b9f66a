"""Numbered SQL migrations: each in its own transaction, each remembered with the hash of its text."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from lanewise.errors import StoreUnreadable

if TYPE_CHECKING:
    import sqlite3

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql", "sqlite")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest shape; refuses one that a newer lanewise wrote."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    names = sorted(name for name in os.listdir(_FOLDER) if name.endswith(".sql"))
    if version > len(names):
        raise StoreUnreadable(
            f"The store has shape {version}; this lanewise knows {len(names)}.", "pip install --upgrade lanewise"
        )
    for number, name in enumerate(names[version:], start=version + 1):
        _apply(connection, number, name)


def _apply(connection: sqlite3.Connection, number: int, name: str) -> None:
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
        text = file.read()
    digest = hashlib.sha256(text.encode()).hexdigest()
    connection.executescript(
        f"BEGIN IMMEDIATE;\n{text}\n"
        "CREATE TABLE IF NOT EXISTS migrations "
        "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL);\n"
        f"INSERT INTO migrations VALUES ({number}, '{name}', '{digest}');\n"
        f"PRAGMA user_version = {number};\nCOMMIT;"
    )
