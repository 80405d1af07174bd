"""What is stored comes back in order, cannot be read by others, and is gone when it is deleted."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy

from bot.settings import Settings
from bot.stores.conversations import WINDOW, Conversations
from bot.stores.database import keys_path, turns
from bot.stores.errors import LateWriter
from bot.stores.export import exported
from tests.stores.conftest import CANARY, KEY, open_store, store_settings, turn
from tests.support.services import Postgres


def said(store: Conversations, conversation: str = "web-1") -> list[str]:
    return [str(e["text"]) for e in store.load(conversation, window=None).events]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_turns_come_back_in_their_order(store: Conversations) -> None:
    for seq, text in enumerate(("one", "two", "three")):
        assert store.append("web-1", turn(text, seq=seq)) == seq + 1
    assert said(store) == ["one", "two", "three"]
    assert said(store, "web-2") == []


def test_a_long_conversation_is_loaded_by_its_end_and_what_was_known(store: Conversations) -> None:
    for seq in range(WINDOW + 5):
        store.append("web-1", turn(str(seq), seq=seq))
    kept = store.load("web-1")
    assert [e["text"] for e in kept.events] == [str(n) for n in range(5, WINDOW + 5)]
    assert kept.before is not None and kept.before.slots == {"home_jurisdiction": "scotland"}
    assert len(said(store)) == WINDOW + 5


def test_the_same_turn_is_never_written_twice(store: Conversations) -> None:
    """As after an outage in the middle of a commit."""
    once = turn("once")
    store.append("web-1", once)
    store.append("web-1", once)
    assert said(store) == ["once"]


def test_two_turns_that_met_are_both_kept(store: Conversations) -> None:
    """Two processes wrote at once because the order could not be kept."""
    store.append("web-1", turn("first", seq=0))
    store.append("web-1", turn("second", seq=0))
    assert said(store) == ["first", "second"]


def test_a_turn_that_met_a_spoilt_one_is_written_with_what_it_knew(store: Conversations) -> None:
    store.append("web-1", turn("spoilt", seq=0))
    with store._database.writing() as connection:
        connection.execute(sqlalchemy.update(turns).values(body=b"spoilt"))
    store.append("web-1", turn("met", seq=0))
    kept = store.load("web-1")
    assert kept.before is not None and kept.before.slots == {"home_jurisdiction": "scotland"}
    store.append("web-1", turn("next", seq=kept.seq))
    assert said(store) == ["next"]


def test_a_message_that_a_second_process_answered_again_is_kept_once(
    store: Conversations,
) -> None:
    """The first ended between saving its turn and telling the others; another message came."""
    store.append("web-1", turn("once", mark="one"))
    store.append("web-1", turn("next", seq=1))
    again = turn("once", mark="one", seq=store.load("web-1").seq)
    assert store.append("web-1", again) == 2
    assert said(store) == ["once", "next"]


def test_a_late_writer_is_refused(store: Conversations) -> None:
    store.append("web-1", turn("in time", fence=8))
    with pytest.raises(LateWriter):
        store.append("web-1", turn("late", fence=7))
    store.append("web-1", turn("next", seq=1, fence=9))
    assert said(store) == ["in time", "next"]


@pytest.mark.parametrize("turns_before", [0, 1])
def test_a_turn_under_way_cannot_be_written_after_the_deletion(
    store: Conversations, turns_before: int
) -> None:
    for seq in range(turns_before):
        store.append("web-1", turn(seq=seq))
    under_way = turn(seq=turns_before)
    store.delete("web-1")
    with pytest.raises(LateWriter):
        store.append("web-1", under_way)
    assert said(store) == []


def test_what_is_said_after_a_deletion_does_not_mix_with_what_was_before(
    store: Conversations,
) -> None:
    store.append("web-1", turn("before"))
    store.delete("web-1")
    kept = store.load("web-1")
    assert kept.events == () and kept.before is None
    store.append("web-1", turn("after", epoch=kept.epoch, seq=kept.seq))
    assert said(store) == ["after"]


def test_only_conversations_past_their_time_are_purged(
    store: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as past:
        past.setattr(time, "time", lambda: 1_000_000.0)
        store.append("web-old", turn())
    store.append("web-new", turn())
    assert store.purge(before=time.time() - 86_400) == 1
    assert said(store, "web-old") == [] and said(store, "web-new")


def test_what_is_exported_is_what_was_said(store: Conversations) -> None:
    store.append("web-1", turn())
    shown = exported(store.load("web-1", window=None).events)
    assert [(line["from"], line["text"]) for line in shown] == [("you", CANARY)]


def test_writers_at_the_same_time_lose_nothing(store: Conversations) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            store.append("web-1", turn(str(number)))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert sorted(map(int, said(store))) == list(range(12))


def test_nothing_readable_is_in_the_database(
    settings: Settings, request: pytest.FixtureRequest
) -> None:
    """No word, no place, no conversation id: in no file, no log of changes, before and after."""
    database, store = open_store(settings)
    folder = settings.store.parent
    if settings.database:
        folder = request.getfixturevalue("postgres").data
    store.append("web-conversation-id", turn())
    for moment in ("while it is kept", "after its deletion"):
        if settings.database:
            with database.engine.connect() as connection:
                connection.exec_driver_sql("CHECKPOINT")
        found = files(folder)
        assert sum(map(len, found.values())) > 10_000, "the scan found no database"
        for secret in (CANARY, "scotland", "web-conversation-id", KEY.decode()):
            hits = [path for path, content in found.items() if secret.encode() in content]
            assert hits == [], f"'{secret}' {moment}"
        store.delete("web-conversation-id")
        database.vacuum()
    database.close()


def test_the_scan_of_the_files_would_find_words_in_the_clear(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "clear.db") as clear:
        clear.execute("CREATE TABLE words (text)")
        clear.execute("INSERT INTO words VALUES (?)", (CANARY,))
    clear.close()
    assert any(CANARY.encode() in content for content in files(tmp_path).values())


def test_a_copy_from_before_the_deletion_cannot_be_read_any_more(tmp_path: Path) -> None:
    """The conversations are backed up, the keys are not: deleting reaches every back-up."""
    settings = store_settings(tmp_path)
    database, store = open_store(settings)
    store.append("web-deleted", turn())
    store.append("web-kept", turn())
    copied = tmp_path / "copy"
    copied.mkdir()
    shutil.copy(settings.store, copied)
    store.delete("web-deleted")
    database.close()
    shutil.copy(keys_path(settings.store), copied)
    restored, copy = open_store(store_settings(copied))
    assert said(copy, "web-kept") == [CANARY]
    assert said(copy, "web-deleted") == []
    restored.close()


def test_a_dump_without_the_keys_cannot_be_read(tmp_path: Path, postgres: Postgres) -> None:
    settings = store_settings(tmp_path, database=postgres.url)
    database, store = open_store(settings)
    store.append("web-1", turn())
    dumped = subprocess.run(
        ["pg_dump", "--exclude-table-data=waymark_keys", "--clean", postgres.url],
        capture_output=True,
        check=True,
    ).stdout
    assert b"waymark_turns" in dumped and CANARY.encode() not in dumped
    subprocess.run(["psql", "-q", postgres.url], input=dumped, check=True, capture_output=True)
    assert said(store) == []
    database.close()


def test_with_another_master_key_nothing_is_found(settings: Settings) -> None:
    database, store = open_store(settings)
    store.append("web-1", turn())
    database.close()
    other, foreign = open_store(settings, key=b"another-key-another-key-another-key")
    assert said(foreign) == []
    other.close()
    again, store = open_store(settings)
    assert said(store) == [CANARY], "a wrong key must destroy nothing"
    again.close()


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE waymark_turns SET body = x'00112233445566778899aabbccddeeff00' WHERE seq = 2",
        "UPDATE waymark_turns SET body = (SELECT body FROM waymark_turns WHERE seq = 1) WHERE seq = 2",
        "DELETE FROM keys.waymark_keys",
        "UPDATE keys.waymark_keys SET wrapped = x'00'",
    ],
)
def test_a_store_that_lies_gives_nothing_wrong_and_the_conversation_goes_on(
    tmp_path: Path, lie: str
) -> None:
    """Spoilt, swapped or forged rows: what cannot be trusted is left out."""
    settings = store_settings(tmp_path)
    database, store = open_store(settings)
    store.append("web-1", turn("one", seq=0))
    store.append("web-1", turn("two", seq=1))
    with database.writing() as connection:
        connection.exec_driver_sql(lie)
    kept = store.load("web-1")
    assert kept.events == ()
    store.append("web-1", turn("three", epoch=kept.epoch, seq=kept.seq))
    store.append("web-1", turn("four", epoch=kept.epoch, seq=kept.seq + 1))
    assert [e["text"] for e in store.load("web-1").events][-1] == "four"
    database.close()


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    settings = store_settings(tmp_path)
    database, _ = open_store(settings)
    for path in (settings.store, keys_path(settings.store)):
        assert path.stat().st_mode & 0o077 == 0
    database.close()
