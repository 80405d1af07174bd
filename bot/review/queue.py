"""The queue on disk: a file of its own, apart from conversations, for a set number of days.

It keeps the scrubbed text, the day, and what was understood. While the conversation itself may
still be deleted by the person, a keyed hash of its id stands beside the text, so that deleting
reaches here too; then the hash goes, and nothing ties the text to anybody.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

_TIMEOUT = 5.0
_MOST = 20_000
_TABLE = """
CREATE TABLE IF NOT EXISTS waiting (
  id INTEGER PRIMARY KEY, text TEXT NOT NULL, day TEXT NOT NULL, intent TEXT NOT NULL,
  confidence REAL NOT NULL, link TEXT NOT NULL
)
"""


class QueueError(Exception):
    """A file that cannot be used as the queue, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for review: scrubbed, with what was understood of it."""

    id: int
    text: str
    day: date
    intent: str
    confidence: float


class Queue:
    """The file, opened anew for each use: the server and a maintainer share it."""

    def __init__(self, path: Path, *, days: int, secret: bytes, linked_days: int = 2) -> None:
        self.path = path
        self._days = days
        self._secret = secret
        self._linked_days = linked_days

    def add(
        self, conversation: str, text: str, *, intent: str, confidence: float, today: date
    ) -> None:
        """Keep a scrubbed text; the same text of one conversation is kept once."""
        link = self._link(conversation)
        with self._open(make=True) as database:
            self._expire(database, today)
            there = database.execute(
                "SELECT 1 FROM waiting WHERE text = ? AND link = ?", (text, link)
            ).fetchone()
            (count,) = database.execute("SELECT count(*) FROM waiting").fetchone()
            if there is None and count < _MOST:
                database.execute(
                    "INSERT INTO waiting (text, day, intent, confidence, link) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (text, today.isoformat(), intent, round(confidence, 2), link),
                )

    def forget(self, conversation: str) -> None:
        """Delete what a conversation added."""
        if self.path.is_file():
            with self._open() as database:
                database.execute("DELETE FROM waiting WHERE link = ?", (self._link(conversation),))

    def waiting(self, *, today: date) -> list[Waiting]:
        """Return what waits, the oldest first, after what has expired is gone."""
        if not self.path.is_file():
            return []
        with self._open() as database:
            self._expire(database, today)
            rows = database.execute(
                "SELECT id, text, day, intent, confidence FROM waiting ORDER BY id"
            ).fetchall()
        return [Waiting(n, t, date.fromisoformat(d), i, c) for n, t, d, i, c in rows]

    def expire(self, *, today: date) -> None:
        """Delete what has expired, also where nobody adds or looks any more."""
        if self.path.is_file():
            with self._open() as database:
                self._expire(database, today)

    def settle(self, messages: Sequence[Waiting], work: Callable[[], bool]) -> bool:
        """Do the work and, if it says so, delete the messages; False if the first waits no more.

        The file is held meanwhile: two windows never settle the same message twice. If the work
        fails, everything still waits.
        """
        # By text too: the id of what is gone may be given to what comes next.
        rows = [(message.id, message.text) for message in messages]
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            there = "SELECT 1 FROM waiting WHERE id = ? AND text = ?"
            if not database.execute(there, rows[0]).fetchone():
                return False
            if work():
                database.executemany("DELETE FROM waiting WHERE id = ? AND text = ?", rows)
            return True

    def _expire(self, database: sqlite3.Connection, today: date) -> None:
        oldest, linked = (
            (today - timedelta(days=days)).isoformat() for days in (self._days, self._linked_days)
        )
        database.execute("DELETE FROM waiting WHERE day < ?", (oldest,))
        database.execute("UPDATE waiting SET link = '' WHERE day < ? AND link != ''", (linked,))

    def _link(self, conversation: str) -> str:
        return hmac.new(self._secret, conversation.encode(), hashlib.sha256).hexdigest()

    @contextlib.contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        if make:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=_TIMEOUT)) as database:
                # What is deleted is overwritten, not only unlinked.
                database.execute("PRAGMA secure_delete = ON")
                database.execute(_TABLE)
                with database:
                    yield database
        except sqlite3.Error as error:
            raise QueueError(
                f"{self.path}: cannot be used as the review queue ({error}): "
                "name another file with WAYMARK_REVIEW, or move this one away"
            ) from None
