"""Conversations on disk: Rasa's SQL tracker store, with deletion, export and retention.

Rasa's own store ends the process on any ``ValueError`` (a NUL in an id was enough) and has no way
to delete a conversation.
"""

from __future__ import annotations

import contextlib
import json
from collections import OrderedDict
from collections.abc import Generator
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event, func

_KEPT_HOMES = 10_000
_RANKING = "intent_ranking"
# What is known of a person; the rest of the slots is our own bookkeeping.
KNOWN = frozenset(
    {
        "home_jurisdiction",
        "australian_state",
        "perpetrator_location",
        "harm_types",
        "topics",
        "rungs_tried",
    }
)


class ConversationStore(SQLTrackerStore):  # type: ignore[misc]
    """SQLite tracker store that fails a turn, never the process."""

    def __init__(self, path: Path, *, domain: Domain) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        super().__init__(domain=domain, dialect="sqlite", db=str(path))
        # What is deleted is overwritten, not only unlinked.
        event.listen(self.engine, "connect", _overwrite_deleted)
        self.engine.dispose()
        self._probe()
        self._homes: OrderedDict[str, str | None] = OrderedDict()

    def _probe(self) -> None:
        """Raise if the database cannot be used; Rasa's own start only logs that."""
        with self.session_scope() as session:
            session.query(self.SQLEvent.id).limit(1).all()

    @contextlib.contextmanager
    def session_scope(self) -> Generator[Any, None, None]:
        """Open a database session; an error ends the turn, not the server."""
        session = self.sessionmaker()
        try:
            yield session
        finally:
            session.close()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the new events, without the ranking that nobody reads again."""
        for said in tracker.events:
            parse_data = getattr(said, "parse_data", None)
            if isinstance(parse_data, dict):
                parse_data.pop(_RANKING, None)
        self._homes[tracker.sender_id] = tracker.get_slot("home_jurisdiction")
        self._homes.move_to_end(tracker.sender_id)
        while len(self._homes) > _KEPT_HOMES:
            self._homes.popitem(last=False)
        await super().save(tracker)

    def home_of(self, conversation: str) -> str | None:
        """Return the home that the last saved turn of a conversation knew."""
        return self._homes.get(conversation)

    def delete(self, conversation: str) -> None:
        """Delete every event of a conversation."""
        self._homes.pop(conversation, None)
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=conversation).delete()
            session.commit()

    def purge(self, *, before: float) -> int:
        """Delete conversations whose last event is older; return how many events went."""
        row_type = self.SQLEvent
        with self.session_scope() as session:
            old = [
                row[0]
                for row in session.query(row_type.sender_id)
                .group_by(row_type.sender_id)
                .having(func.max(row_type.timestamp) < before)
            ]
            count = 0
            for conversation in old:
                count += session.query(row_type).filter_by(sender_id=conversation).delete()
            session.commit()
            return count

    def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return what was said on both sides and what is known, oldest first."""
        row_type = self.SQLEvent
        with self.session_scope() as session:
            rows = (
                session.query(row_type.data)
                .filter_by(sender_id=conversation)
                .order_by(row_type.timestamp)
                .all()
            )
        return [kept for row in rows if (kept := _exported(json.loads(row[0]))) is not None]


def _overwrite_deleted(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA secure_delete = ON")


def _exported(event: dict[str, Any]) -> dict[str, Any] | None:
    if event.get("event") == "user":
        return {"from": "you", "text": event.get("text"), "at": event.get("timestamp")}
    if event.get("event") == "bot":
        custom = (event.get("data") or {}).get("custom") or {}
        text = custom.get("text") or event.get("text")
        return {"from": "waymark", "text": text, "at": event.get("timestamp")}
    if event.get("event") == "slot" and event.get("name") in KNOWN and event.get("value"):
        return {"known": event.get("name"), "value": event.get("value")}
    return None
