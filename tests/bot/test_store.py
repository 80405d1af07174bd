"""What is deleted is gone from the file, with or without a model; old conversations go by age."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.erase import erase
from bot.store import ConversationStore

WORDS = "canary words of a person"


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "conversations.db", domain=Domain.empty())


async def said(store: ConversationStore, conversation: str, *, at: float | None = None) -> None:
    event = UserUttered(WORDS, timestamp=at or time.time())
    await store.save(DialogueStateTracker.from_events(conversation, [event]))


async def test_deleted_words_are_not_in_the_file(store: ConversationStore, tmp_path: Path) -> None:
    await said(store, "web-1")
    assert WORDS.encode() in (tmp_path / "conversations.db").read_bytes()
    store.delete("web-1")
    assert WORDS.encode() not in (tmp_path / "conversations.db").read_bytes()
    assert store.export("web-1") == []


async def test_words_can_be_erased_without_a_model(
    store: ConversationStore, tmp_path: Path
) -> None:
    await said(store, "web-1")
    await said(store, "web-2")
    erase(tmp_path / "conversations.db", "web-1")
    assert store.export("web-1") == [] and store.export("web-2")


def test_a_store_that_was_never_made_is_nothing_to_erase(tmp_path: Path) -> None:
    erase(tmp_path / "none.db", "web-1")
    (tmp_path / "empty.db").touch()
    erase(tmp_path / "empty.db", "web-1")


async def test_only_conversations_past_their_time_are_purged(store: ConversationStore) -> None:
    await said(store, "web-old", at=time.time() - 90_000)
    await said(store, "web-new")
    assert store.purge(before=time.time() - 86_400) == 1
    assert store.export("web-old") == [] and store.export("web-new")


async def test_an_id_with_a_nul_does_not_end_the_process(store: ConversationStore) -> None:
    """Rasa's own store calls sys.exit on a ValueError."""
    try:
        await said(store, "web-\x00")
    except SystemExit as ended:
        raise AssertionError("the store ended the process") from ended
    except Exception:
        pass
    await said(store, "web-1")
    assert store.export("web-1")


def test_the_file_is_for_its_owner_only(store: ConversationStore, tmp_path: Path) -> None:
    assert (tmp_path / "conversations.db").stat().st_mode & 0o077 == 0
