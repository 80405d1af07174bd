"""Rasa's tracker, through the store and back: what it knows stays, what it costs does not grow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.settings import ROOT
from bot.stores.desk import Desk
from bot.stores.tracker_store import ConversationStore, home_known
from tests.stores.conftest import store_settings
from tests.stores.test_desk import well

DOMAIN = Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    desk = Desk(store_settings(tmp_path))
    desk.start()
    await well(desk)
    yield ConversationStore(desk, domain=DOMAIN)
    desk.stop()


async def turns(store: ConversationStore, count: int, conversation: str = "web-1") -> None:
    """Have a conversation: the place and a form at its start, then words only."""
    for number in range(count):
        tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
        if not tracker.events:
            tracker.update(ActionExecuted("action_session_start"))
            tracker.update(SessionStarted())
            tracker.update(ActionExecuted("action_listen"))
            tracker.update(SlotSet("home_jurisdiction", "scotland"))
            tracker.update(ActiveLoop("intake_form"))
        tracker.update(
            UserUttered(
                f"words {number}",
                {"name": "report_harm", "confidence": 1.0},
                parse_data={"intent_ranking": [{"name": "never read"}]},
            )
        )
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)


async def test_it_is_a_tracker_store_of_rasa(store: ConversationStore) -> None:
    assert isinstance(store, SQLTrackerStore)
    assert await store.retrieve("web-none") is not None


async def test_what_was_known_at_the_start_is_known_at_the_end(store: ConversationStore) -> None:
    await turns(store, 30)
    tracker = await store.retrieve("web-1")
    assert tracker is not None
    assert tracker.get_slot("home_jurisdiction") == "scotland"
    assert tracker.active_loop_name == "intake_form"
    assert tracker.latest_message.text == "words 29"
    assert home_known.get() == "scotland"


async def test_a_long_conversation_loads_as_much_as_a_short_one(store: ConversationStore) -> None:
    await turns(store, 11, "web-short")
    await turns(store, 40, "web-long")
    short, long = await store.retrieve("web-short"), await store.retrieve("web-long")
    assert short is not None and long is not None
    assert len(long.events) <= len(short.events) + 1


async def test_only_what_is_new_is_written(store: ConversationStore) -> None:
    await turns(store, 15)
    events = await store._desk.export("web-1")
    assert [e["text"] for e in events if "text" in e] == [f"words {n}" for n in range(15)]


async def test_what_nobody_reads_again_is_not_stored(store: ConversationStore) -> None:
    await turns(store, 1)
    assert "never read" not in str(store._desk.conversations.load("web-1"))


async def test_an_id_with_a_nul_does_not_end_the_process(store: ConversationStore) -> None:
    """Rasa's own store calls sys.exit on a ValueError."""
    tracker = DialogueStateTracker.from_events("web-\x00", [UserUttered("words")])
    await store.save(tracker)
    assert (await store.retrieve("web-\x00")).latest_message.text == "words"


async def test_what_the_tracker_knows_survives_an_emptied_slot(store: ConversationStore) -> None:
    await turns(store, 2)
    tracker = await store.retrieve("web-1")
    tracker.update(SlotSet("home_jurisdiction", None))
    await store.save(tracker)
    await turns(store, 12)
    assert (await store.retrieve("web-1")).get_slot("home_jurisdiction") is None
