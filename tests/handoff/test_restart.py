"""A hand-off outlasts the process, sealed; deleting and the retention reach it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.handoff.shelf import NoShelf, StoreShelf
from bot.settings import Settings
from bot.stores.desk import Desk
from tests.channels.support import DANGER, SETTINGS, open_house
from tests.channels.ways import WAYS, SmsWay
from tests.handoff.support import (
    WORDS,
    Clock,
    DeskServer,
    Guide,
    Person,
    handed_over,
    person_on,
    replied,
    settings_for,
)

TELEGRAM = WAYS[0]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(replace(SETTINGS, store=tmp_path / "kept.db"))
    desk.start()
    for _ in range(500):
        if not desk.trouble:
            break
        time.sleep(0.01)
    yield desk
    desk.stop()


class KeptGuide(Guide):
    """Deletes where the store is, as the real one does."""

    def __init__(self, store: Desk) -> None:
        super().__init__()
        self._store = store

    async def delete(self, conversation: str) -> None:
        await self._store.delete(conversation)
        await super().delete(conversation)


def house_with(store: Desk, settings: Settings) -> open_house:
    return open_house(brain=KeptGuide(store), settings=settings, shelf=StoreShelf(lambda: store))


async def test_a_restart_in_the_middle_changes_nothing_for_anybody(store: Desk) -> None:
    async with DeskServer() as desk:
        settings = settings_for(desk)
        async with house_with(store, settings) as house:
            phone = await person_on(house, TELEGRAM)
            page = await person_on(house, None)
            first = await handed_over(phone, desk)
            second = await handed_over(page, desk)
            await replied(house, second, "hello page")
            token = page.token
        async with house_with(store, settings) as house:
            phone, page = Person(house, TELEGRAM, who=3), Person(house, None)
            phone.who, page.token = 1, token
            assert await replied(house, first, "hello phone") == 200
            await phone.settled()
            assert "hello phone" in phone.texts[-1]
            assert not any("computer program" in text for text in phone.texts)
            assert await phone.say("i am here") == []
            await page.say("me too")
            assert [one["text"] for one in desk.of("message")] == ["i am here", "me too"]
            assert page.state["with"] == "person"
            await page.say("back to the guide")
        async with house_with(store, settings) as house:
            page = Person(house, None)
            page.token = token
            assert await page.say("hello") == ["heard: hello"]
            await page.say("delete me")
            assert [o["hand_off"] for o in desk.of("closed") if o["delete"]] == [second]


async def test_a_packet_that_had_not_arrived_is_sent_after_the_restart(store: Desk) -> None:
    async with DeskServer() as desk:
        desk.down = True
        async with house_with(store, settings_for(desk)) as house:
            person = await person_on(house, None)
            for n, text in enumerate(("a person please", "Talk to a person", "Send it")):
                await person._post({"id": f"m{n}", "text": text})
        desk.down = False
        desk.calls.clear()
        async with house_with(store, settings_for(desk)) as house:
            handover = house.pipelines["telegram"].turn.handover
            assert handover is not None
            await handover.idle()
            (opened,) = desk.of("opened")
            assert await replied(house, opened["hand_off"], "hello") == 200


async def test_a_second_delivery_after_a_restart_is_said_once(store: Desk) -> None:
    from tests.handoff.support import desk_posts

    async with DeskServer() as desk:
        async with house_with(store, settings_for(desk)) as house:
            person = await person_on(house, TELEGRAM)
            hand_off = await handed_over(person, desk)
            body = {"id": "d1", "hand_off": hand_off, "event": "reply", "text": "only once"}
            assert await desk_posts(house, body) == 200
            await person.settled()
            assert "only once" in person.texts[-1]
        async with house_with(store, settings_for(desk)) as house:
            assert await desk_posts(house, body) == 200
            await house.settled("telegram")
            assert not any("only once" in str(call.body) for call in house.provider.calls)


async def test_the_store_holds_no_word_of_it_in_the_clear_and_nothing_after_deleting(
    store: Desk, tmp_path: Path
) -> None:
    async with DeskServer() as desk, house_with(store, settings_for(desk)) as house:
        person = await person_on(house, TELEGRAM)
        hand_off = await handed_over(person, desk)
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("kept.db*"))
        for word in (WORDS, hand_off, "900000001", "scotland"):
            assert word.encode() not in raw
        assert rows(tmp_path) == 1
        await person.say("delete me")
        assert rows(tmp_path) == 0


async def test_a_desk_that_was_down_is_told_to_delete_after_the_restart(
    store: Desk, tmp_path: Path
) -> None:
    """Whoever deletes has read that the helpline was asked to delete too."""
    async with DeskServer() as desk:
        settings = settings_for(desk)
        async with house_with(store, settings) as house:
            person = await person_on(house, None)
            first = await handed_over(person, desk)
            await person.say("back to the guide")
            second = await handed_over(person, desk)
            desk.down = True
            said = await asyncio.wait_for(posted(person, "delete me"), 10)
            assert "asked the helpline to delete" in said
            raw = b"".join(path.read_bytes() for path in tmp_path.glob("kept.db*"))
            for word in (WORDS, first, second):
                assert word.encode() not in raw
        desk.down = False
        desk.calls.clear()
        async with house_with(store, settings) as house:
            handover = house.pipelines["telegram"].turn.handover
            assert handover is not None
            await asyncio.wait_for(handover.idle(), 30)
            assert {one["hand_off"] for one in desk.of("closed") if one["delete"]} == {
                first,
                second,
            }
            assert rows(tmp_path) == 0
        desk.calls.clear()
        async with house_with(store, settings) as house:
            handover = house.pipelines["telegram"].turn.handover
            assert handover is not None
            await handover.idle()
            assert desk.calls == []


async def test_a_desk_that_was_down_for_long_is_told_to_delete_when_it_is_back(
    store: Desk, tmp_path: Path
) -> None:
    async with DeskServer() as desk, house_with(store, settings_for(desk)) as house:
        person = await person_on(house, None)
        clock = Clock()
        person.handover.clock = clock
        person.handover.teller.outbox.pause = 0.0
        hand_off = await handed_over(person, desk)
        desk.down = True
        await person.say("delete me")
        assert rows(tmp_path) == 1
        desk.down = False
        desk.calls.clear()
        await person.handover.tick()
        await person.settled()
        assert desk.calls == [], "it is not asked all the time"
        clock.ahead = 11 * 60
        await person.handover.tick()
        await person.settled()
        assert [one["hand_off"] for one in desk.of("closed")] == [hand_off]
        assert rows(tmp_path) == 0


async def posted(person: Person, text: str) -> str:
    """Write on the web, and return what is answered at once."""
    before = len(person.seen)
    await person._post({"id": uuid.uuid4().hex, "text": text})
    return "\n".join(one["text"] for one in person.seen[before:])


async def test_what_nobody_touches_ends_with_the_retention(store: Desk, tmp_path: Path) -> None:
    async with DeskServer() as desk, house_with(store, settings_for(desk)) as house:
        person = await person_on(house, None)
        clock = Clock()
        person.handover.clock = clock
        hand_off = await handed_over(person, desk)
        await replied(house, hand_off, "hello")
        clock.ahead = 25 * 3600
        await person.handover.tick()
        await person.settled()
        assert desk.of("closed")[-1]["reason"] == "expired"
        assert await person.say("hello") == ["heard: hello"]
        store.conversations.purge(before=time.time() + 3600)
        assert rows(tmp_path) == 0


async def test_a_store_that_fails_does_not_keep_anybody_from_help() -> None:
    class Broken:
        async def keep(self, conversation: str, record: dict[str, Any]) -> None:
            raise OSError("down")

        async def drop(self, conversation: str) -> None:
            raise OSError("down")

        async def all(self) -> list[dict[str, Any]]:
            return []

    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk), shelf=Broken()) as house,
    ):
        person = await person_on(house, None)
        hand_off = await handed_over(person, desk)
        assert await replied(house, hand_off, "hello") == 200
        # But nothing is called deleted that may still be there; the desk is told all the same.
        said = await person.say("delete me")
        assert "is deleted" not in "".join(said) and "999" in "".join(said)
        assert desk.of("closed")[-1]["delete"] is True


@pytest.mark.parametrize("word", ("exit", "STOP"))
async def test_danger_after_leaving_is_answered_also_while_a_deletion_fails(word: str) -> None:
    class Broken(NoShelf):
        async def drop(self, conversation: str) -> None:
            raise OSError("down")

    way = SmsWay()
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk), shelf=Broken()) as house,
    ):
        house.brain.delete_fails = 100
        turn = house.pipelines["twilio"].turn
        turn.deletion.pauses = (600.0,)
        for n, text in enumerate(("hello", word, DANGER)):
            before = len(way.texts(house))
            assert await way.deliver(house, way.said(text, n=n)) == 200
            await asyncio.sleep(0.3)
        assert "999" in "".join(way.texts(house)[before:])
        for task in turn.deletion._trying.values():
            task.cancel()


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "kept.db") as database:
        (count,) = database.execute("SELECT count(*) FROM waymark_hand_offs").fetchone()
    return int(count)


async def test_danger_before_the_store_was_read_does_not_end_what_was_handed_over(
    store: Desk,
) -> None:
    class Late(StoreShelf):
        down = True

        async def all(self) -> list[dict[str, Any]]:
            return [] if self.down else await super().all()

    async with DeskServer() as desk:
        settings = settings_for(desk)
        async with house_with(store, settings) as house:
            person = await person_on(house, None)
            hand_off = await handed_over(person, desk)
            token = person.token
        shelf = Late(lambda: store)
        async with open_house(brain=KeptGuide(store), settings=settings, shelf=shelf) as house:
            person = Person(house, None)
            person.token = token
            await person.say(DANGER)
            shelf.down = False
            await person.handover.restore()
            assert await replied(house, hand_off, "hello") == 200


async def test_what_could_not_be_deleted_is_deleted_once_the_store_is_well(store: Desk) -> None:
    class Ill(StoreShelf):
        well = False

        async def drop(self, conversation: str) -> None:
            if not self.well:
                raise OSError("down")
            await super().drop(conversation)

    async with DeskServer() as desk:
        settings, shelf = settings_for(desk), Ill(lambda: store)
        async with open_house(brain=KeptGuide(store), settings=settings, shelf=shelf) as house:
            person = await person_on(house, None)
            await handed_over(person, desk)
            await person.say("delete me")
            shelf.well = True
            await person.handover.tick()
            token = person.token
        async with house_with(store, settings) as house:
            person = Person(house, None)
            person.token = token
            await person.say("hello")
            assert desk.of("message") == []
