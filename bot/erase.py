"""Delete a conversation from the store's file without Rasa, for when no model is loaded."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

_TIMEOUT = 5.0


def erase(store: Path, conversation: str) -> None:
    """Delete every event of a conversation; a store that holds nothing yet is fine.

    Raises:
        sqlite3.Error: the file cannot be used; nothing may then be called deleted.
    """
    if not store.is_file():
        return
    with contextlib.closing(sqlite3.connect(store, timeout=_TIMEOUT)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        found = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"
        ).fetchone()
        if found:
            connection.execute("DELETE FROM events WHERE sender_id = ?", (conversation,))
            connection.commit()
