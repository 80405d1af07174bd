"""What Rasa sees of the conversations: its SQL tracker store, with nothing of the SQL left.

Rasa's own store ends the process on any ``ValueError`` (a NUL in an id was enough), waits for ever
for a database that is down, reads a whole session for each turn and writes words in the clear.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain import turn_fence, turn_mark
from bot.stores.conversations import Kept, NewTurn, State
from bot.stores.desk import Desk
from bot.stores.errors import LateWriter

log = logging.getLogger(__name__)
# Read by nobody again, and most of what an event weighs.
_UNREAD = ("intent_ranking", "text_tokens")

home_known: ContextVar[str | None] = ContextVar("home_known", default=None)
"""The home that the turn under way ended with; the runtime reads it after the answer."""


class KeptTracker(DialogueStateTracker):  # type: ignore[misc]
    """A tracker that knows which of its events are stored."""

    kept: Kept = Kept()
    stored: int = 0


class ConversationStore(SQLTrackerStore):  # type: ignore[misc]
    """A tracker store that fails a turn, never the process, and costs the same at any length."""

    def __init__(self, desk: Desk, *, domain: Domain) -> None:
        # Not SQLTrackerStore's own, which connects, and waits for ever where nobody answers.
        TrackerStore.__init__(self, domain)
        self._desk = desk

    def init_tracker(self, sender_id: str) -> KeptTracker:
        """Return an empty tracker."""
        return KeptTracker(sender_id, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what this turn added, and tell the runtime the home that it knows."""
        kept = getattr(tracker, "kept", Kept())
        stored = getattr(tracker, "stored", 0)
        events = tuple(_plain(event) for event in list(tracker.events)[stored:])
        home_known.set(tracker.get_slot("home_jurisdiction"))
        if not events:
            return
        turn = NewTurn(
            mark=turn_mark.get() or secrets.token_hex(16),
            epoch=kept.epoch,
            seq=kept.seq,
            events=events,
            state=_state(tracker),
            fence=turn_fence.get(),
        )
        # A second saving of the same turn would add to it.
        turn_mark.set(None)
        if isinstance(tracker, KeptTracker):
            tracker.stored = len(tracker.events)
            tracker.kept = Kept(epoch=kept.epoch, seq=kept.seq + 1)
        try:
            await self._desk.save(tracker.sender_id, turn)
        except LateWriter as error:
            log.error("a turn was not written: %s", error)

    async def keys(self) -> Iterable[str]:
        """Return the hashed names of the conversations; the ids themselves are not stored."""
        return await self._desk.names()

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        kept = await self._desk.load(sender_id)
        first = kept.events[0] if kept.events else {}
        start = _start(kept.before, at=first.get("timestamp")) if kept.before else []
        tracker = self.init_tracker(sender_id)
        for event in [*start, *deserialise_events(list(kept.events))]:
            tracker.update(event)
        tracker.kept = Kept(epoch=kept.epoch, seq=kept.seq)
        tracker.stored = len(tracker.events)
        return tracker


def _plain(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = event.as_dict()
    parsed = data.get("parse_data")
    if isinstance(parsed, dict):
        data["parse_data"] = {name: part for name, part in parsed.items() if name not in _UNREAD}
    return data


def _state(tracker: DialogueStateTracker) -> State:
    slots = {
        name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value
    }
    return State(slots, tracker.active_loop_name)


def _start(state: State, *, at: float | None) -> list[Event]:
    """Return how a conversation goes on with what is known and without what was said."""
    events: list[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=at),
        SessionStarted(timestamp=at),
        *(SlotSet(name, value, timestamp=at) for name, value in state.slots.items()),
    ]
    if state.loop:
        events.append(ActiveLoop(state.loop, timestamp=at))
    return [*events, ActionExecuted(ACTION_LISTEN_NAME, timestamp=at)]
