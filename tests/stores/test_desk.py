"""Through outages: the loop goes on, a turn fails in time, nothing is lost and nothing doubled."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from bot.settings import Settings
from bot.stores.database import conversations
from bot.stores.desk import Desk
from bot.stores.errors import StoreDown
from tests.stores.conftest import CANARY, open_store, store_settings, turn
from tests.support.services import Postgres

IN_TIME = 3.0


async def well(desk: Desk, *, seconds: float = 15) -> Desk:
    """Wait until the keeper finds the store well."""
    end = time.monotonic() + seconds
    while desk.trouble and time.monotonic() < end:
        await asyncio.sleep(0.05)
    assert desk.trouble == ""
    return desk


async def texts(desk: Desk, conversation: str = "web-1") -> list[str]:
    return [line["text"] for line in await desk.export(conversation)]


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Desk]]:
    """Return a way to open desks, which are stopped at the end."""
    desks: list[Desk] = []

    def make(folder: Path, **settings: Any) -> Desk:
        desks.append(Desk(store_settings(folder, **settings)))
        desks[-1].start()
        return desks[-1]

    yield make
    for desk in desks:
        desk.stop()


async def test_what_is_saved_is_loaded_exported_and_deleted(
    tmp_path: Path, opened: Callable[..., Desk]
) -> None:
    desk = await well(opened(tmp_path))
    await desk.save("web-1", turn())
    assert (await desk.load("web-1")).seq == 1
    assert await texts(desk) == [CANARY]
    await desk.delete("web-1")
    assert await texts(desk) == []


async def test_with_a_retention_of_nothing_no_file_is_written(
    tmp_path: Path, opened: Callable[..., Desk]
) -> None:
    desk = await well(opened(tmp_path, retention_hours=0))
    await desk.save("web-1", turn())
    assert await texts(desk) == [CANARY]
    assert list(tmp_path.iterdir()) == []


async def test_setting_a_retention_of_nothing_destroys_what_was_kept(
    settings: Settings, opened: Callable[..., Desk]
) -> None:
    more = {"database": settings.database}
    before = await well(opened(settings.store.parent, **more))
    await before.save("web-1", turn())
    before.stop()
    await well(opened(settings.store.parent, retention_hours=0, **more))
    after = await well(opened(settings.store.parent, **more))
    assert await texts(after) == []


async def test_what_waited_is_written_when_the_server_stops(
    tmp_path: Path, opened: Callable[..., Desk]
) -> None:
    desk = await well(opened(tmp_path))
    desk._unwritten["web-1"] = turn()
    desk.stop()
    assert await texts(await well(opened(tmp_path))) == [CANARY]


@pytest.mark.timed
async def test_a_store_that_is_down_at_the_start_is_used_when_it_comes(
    tmp_path: Path, postgres: Postgres, opened: Callable[..., Desk]
) -> None:
    postgres.stop()
    started = time.monotonic()
    desk = opened(tmp_path, database=postgres.url)
    with pytest.raises(StoreDown):
        await desk.load("web-1")
    assert time.monotonic() - started < 1
    async with asyncio.timeout(5):
        while "WAYMARK_DATABASE" not in desk.trouble:
            await asyncio.sleep(0.05)
    postgres.start()
    await well(desk)
    await desk.save("web-1", turn())
    assert await texts(desk) == [CANARY]


@pytest.mark.timed
@pytest.mark.parametrize("fault", ["kill", "freeze"])
async def test_what_was_answered_when_the_store_broke_is_written_later_and_once(
    tmp_path: Path, postgres: Postgres, opened: Callable[..., Desk], fault: str
) -> None:
    desk = await well(opened(tmp_path, database=postgres.url))
    await desk.save("web-1", turn("before"))
    getattr(postgres, fault)()
    lag = asyncio.create_task(slowest_step(seconds=3))
    started = time.monotonic()
    await desk.save("web-1", turn("during", seq=1))
    assert time.monotonic() - started < IN_TIME
    started = time.monotonic()
    with pytest.raises(StoreDown):
        await desk.load("web-1")
    assert time.monotonic() - started < 0.1, "the second failure must not wait"
    assert await lag < 0.25
    postgres.restore()
    await well(desk)
    kept = await desk.load("web-1")
    await desk.save("web-1", turn("after", seq=kept.seq))
    assert await texts(desk) == ["before", "during", "after"]


async def test_one_conversation_that_cannot_be_written_holds_up_nobody_else(
    tmp_path: Path, postgres: Postgres, opened: Callable[..., Desk], caplog: Any
) -> None:
    """Somebody else holds its row; the keeper tries again and again."""
    desk = await well(opened(tmp_path, database=postgres.url))
    await desk.save("web-1", turn("before"))
    with desk._database.engine.connect() as other:
        other.execute(sqlalchemy.select(conversations).with_for_update())
        await desk.save("web-1", turn("during", seq=1))
        async with asyncio.timeout(10):
            while "a turn still waits" not in caplog.text:
                assert desk.trouble == ""
                await asyncio.sleep(0.05)
        await desk.save("web-2", turn("another person"))
    await desk.load("web-1")
    assert desk.trouble == ""
    assert await texts(desk) == ["before", "during"]
    assert await texts(desk, "web-2") == ["another person"]


async def test_what_is_past_its_time_is_destroyed_without_anybody_asking(
    tmp_path: Path, opened: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, store = open_store(store_settings(tmp_path))
    with monkeypatch.context() as past:
        past.setattr(time, "time", lambda: 1_000_000.0)
        store.append("web-old", turn())
    store.append("web-new", turn())
    database.close()
    desk = await well(opened(tmp_path))
    assert await texts(desk, "web-old") == [] and await texts(desk, "web-new") == [CANARY]


@pytest.mark.timed
async def test_what_cannot_be_deleted_is_not_called_deleted(
    tmp_path: Path, postgres: Postgres, opened: Callable[..., Desk]
) -> None:
    desk = await well(opened(tmp_path, database=postgres.url))
    await desk.save("web-1", turn())
    postgres.freeze()
    started = time.monotonic()
    with pytest.raises(StoreDown):
        await desk.delete("web-1")
    assert time.monotonic() - started < IN_TIME


async def test_readable_conversations_of_an_earlier_version_are_sealed_or_deleted(
    tmp_path: Path, opened: Callable[..., Desk]
) -> None:
    path = tmp_path / "conversations.db"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE events (id INTEGER, sender_id TEXT, timestamp REAL, data TEXT)")
        for number, (name, age) in enumerate((("web-young", 60), ("web-old", 90_000))):
            at = time.time() - age
            event = {"event": "user", "text": f"{CANARY} {name}", "timestamp": at}
            old.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?)", (number, name, at, json.dumps(event))
            )
    old.close()
    assert CANARY.encode() in path.read_bytes()
    desk = await well(opened(tmp_path))
    assert CANARY.encode() not in path.read_bytes()
    assert await texts(desk, "web-young") == [f"{CANARY} web-young"]
    assert await texts(desk, "web-old") == []


async def slowest_step(*, seconds: float) -> float:
    """Return the longest that this loop was held up."""
    worst, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        before = time.monotonic()
        await asyncio.sleep(0.01)
        worst = max(worst, time.monotonic() - before - 0.01)
    return worst


async def test_with_a_full_disk_what_was_answered_is_written_when_there_is_room(
    tmp_path: Path, opened: Callable[..., Desk]
) -> None:
    """SQLite itself reports a full disk: the file may hold no page more."""
    desk = await well(opened(tmp_path))
    await desk.save("web-1", turn("before"))
    engine = desk._database.engine

    def no_room(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    sqlalchemy.event.listen(engine, "connect", no_room)
    engine.dispose()
    await desk.save("web-1", turn("during " + secrets.token_hex(50_000), seq=1))
    assert "WAYMARK_STORE" in desk.trouble
    with pytest.raises(StoreDown):
        await desk.load("web-1")
    sqlalchemy.event.remove(engine, "connect", no_room)
    engine.dispose()
    await well(desk)
    assert [text.split()[0] for text in await texts(desk)] == ["before", "during"]


@pytest.mark.timed
async def test_a_slow_store_slows_its_own_turns_only(
    tmp_path: Path, opened: Callable[..., Desk]
) -> None:
    desk = await well(opened(tmp_path))

    def slowly(*_: Any) -> None:
        time.sleep(0.2)

    sqlalchemy.event.listen(desk._database.engine, "before_cursor_execute", slowly)
    lag = asyncio.create_task(slowest_step(seconds=1.5))
    await desk.save("web-1", turn())
    assert await lag < 0.25
    assert await texts(desk) == [CANARY]
