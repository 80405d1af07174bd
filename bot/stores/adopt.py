"""Takes in conversations that an earlier version wrote in the clear: sealed now, or deleted."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.stores.conversations import Conversations, NewTurn, State

log = logging.getLogger(__name__)


def adopt(store: Path, kept: Conversations, *, before: float) -> int:
    """Move every readable conversation of a SQLite file into ``kept``; return how many.

    Those past their time are deleted. The readable table is overwritten and dropped at the end, so
    that an interruption loses nothing.
    """
    with contextlib.closing(sqlite3.connect(store, timeout=2)) as old:
        found = old.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"
        ).fetchone()
        if not found:
            return 0
        moved = 0
        for conversation, events in _young(old, before):
            turn = NewTurn(
                mark=f"adopted-{moved}",
                epoch=0,
                seq=0,
                events=tuple(events),
                state=State().after(events),
            )
            if not kept.load(conversation).seq:
                kept.append(conversation, turn)
            moved += 1
        old.execute("PRAGMA secure_delete = ON")
        old.execute("DROP TABLE events")
        old.commit()
        old.execute("VACUUM")
    log.warning("the store held readable conversations: %d sealed, the older ones deleted", moved)
    return moved


def _young(old: sqlite3.Connection, before: float) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    names = old.execute(
        "SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) >= ?", (before,)
    ).fetchall()
    for (name,) in names:
        rows = old.execute("SELECT data FROM events WHERE sender_id = ? ORDER BY id", (name,))
        try:
            yield name, [json.loads(row[0]) for row in rows]
        except ValueError:
            log.error("a readable conversation was spoilt: it is deleted")
