"""What crosses on its way: a number written twice, a button from before, many messages at once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.channels.support import DANGER, open_house
from tests.channels.ways import SmsWay, TelegramWay, Way, WhatsAppWay
from tests.handoff.support import (
    KEPT,
    DeskServer,
    Guide,
    Person,
    asking,
    handed_over,
    person_on,
    replied,
    settings_for,
)

numbered = pytest.mark.parametrize("way", (SmsWay(), WhatsAppWay()), ids=lambda way: way.name)


async def _writes(person: Person, *texts: str) -> None:
    """Write one after the other, without waiting for what comes back."""
    assert person.way is not None
    for text in texts:
        person.n += 1
        said = person.way.said(text, n=person.n, who=person.who)
        assert await person.way.deliver(person.house, said) == 200
    await person.settled()


@numbered
async def test_a_number_written_twice_sends_no_packet(way: Way) -> None:
    async with asking(way) as (desk, person):
        await person.say("hello")
        assert "1. Talk to a person" in (await person.say("a person please"))[-1]
        await _writes(person, "1", "1")
        assert desk.calls == []


async def test_a_yes_under_an_earlier_packet_does_not_send_another_one() -> None:
    way = TelegramWay()
    async with (
        DeskServer() as desk,
        open_house(brain=(guide := Guide()), settings=settings_for(desk)) as house,
    ):
        person = await person_on(house, way)
        await person.say("a person please")
        await person.say("Talk to a person")
        old = dict(way.titles([c for c in house.provider.calls if way.text(c)][-1]))["Send it"]
        await person.say("Do not send it")
        guide.kept = [*KEPT, {"from": "you", "text": "he hit me"}, KEPT[3]]
        await person.say("a person please")
        await person.say("Talk to a person")
        pressed: Any = way.pressed("Send it", old, n=999)
        query = pressed["callback_query"]
        query["from"]["id"] = query["message"]["chat"]["id"] = 900000001
        assert await way.deliver(house, pressed) == 200
        await person.settled()
        assert desk.calls == []
        assert "he hit me" in person.texts[-1]


@numbered
async def test_a_number_that_answers_a_person_goes_to_them(way: Way) -> None:
    async with asking(way) as (desk, person):
        hand_off = await handed_over(person, desk)
        await replied(person.house, hand_off, "Are you safe? 1 is yes, 2 is no")
        await person.settled()
        assert await person.say("1") == []
        assert [one["text"] for one in desk.of("message")] == ["1"]
        assert desk.of("closed") == []


async def test_many_messages_at_once_all_reach_the_person_who_has_taken_over() -> None:
    async with asking(WhatsAppWay()) as (desk, person):
        await handed_over(person, desk)
        texts = [f"line {n}" for n in range(25)]
        await _writes(person, *texts)
        assert [one["text"] for one in desk.of("message")] == texts


@pytest.mark.parametrize("word", ("info", "start"))
async def test_the_networks_words_reach_the_person_who_has_taken_over(word: str) -> None:
    async with asking(SmsWay()) as (desk, person):
        await handed_over(person, desk)
        assert await person.say(word) == []
        assert [one["text"] for one in desk.of("message")] == [word]


async def test_a_fault_of_our_own_is_no_silence_while_handed_over(monkeypatch: Any) -> None:
    async with asking(TelegramWay()) as (desk, person):
        await handed_over(person, desk)

        def broken(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(person.house.pipelines["telegram"].turn, "screen", broken)
        assert "999" in "".join(await person.say("hello"))


async def test_danger_in_a_change_of_an_old_message_is_answered() -> None:
    way = TelegramWay()
    async with open_house() as house:
        update = way.edited(DANGER)
        message = update["edited_message"]
        message.update(date=int(time.time()) - 30 * 3600, edit_date=int(time.time()))
        assert await way.deliver(house, update) == 200
        await house.settled("telegram")
        assert "999" in "".join(way.texts(house))


async def test_more_under_an_emergency_brings_its_sources_while_handed_over() -> None:
    async with asking(SmsWay()) as (desk, person):
        await handed_over(person, desk)
        said = await person.say(DANGER)
        assert any("legislation" in text or "http" in text for text in said)
        assert [one["text"] for one in desk.of("message")] == [DANGER]


ONLY_SEEN = "the man i told you of has something long in his hand, please hurry"


@pytest.mark.parametrize("way", (None, TelegramWay(), SmsWay()), ids=("web", "telegram", "sms"))
async def test_danger_that_only_the_classifier_sees_is_answered_while_handed_over(
    way: Way | None,
) -> None:
    async with asking(way) as (desk, person):
        person.house.brain.sees[ONLY_SEEN] = "danger"
        await handed_over(person, desk)
        said = "".join(await person.say(ONLY_SEEN))
        assert "999" in said and "10111" in said
        assert desk.of("danger")[0]["kind"] == "danger"
        assert [one["text"] for one in desk.of("message")] == [ONLY_SEEN]
        assert await person.say("he is gone now") == []


async def test_danger_that_only_the_classifier_sees_is_answered_in_a_line_of_the_packet() -> None:
    async with asking(TelegramWay()) as (desk, person):
        person.house.brain.sees[ONLY_SEEN] = "danger"
        for said in ("a person please", "Talk to a person", "Change a line", "In my own words"):
            await person.say(said)
        said = await person.say(ONLY_SEEN)
        assert "999" in said[0], "the number goes before the packet"
        # The packet has changed since it was seen: it is shown again before anything is sent.
        assert "I wrote of danger" in "".join(await person.say("Send it"))
        assert desk.calls == []


async def test_a_classifier_that_hangs_or_fails_holds_up_no_word_to_the_helpline() -> None:
    async with asking(TelegramWay()) as (desk, person):
        await handed_over(person, desk)

        async def broken(text: str) -> str | None:
            raise RuntimeError

        person.house.brain.danger_in = broken
        assert await person.say("hello") == []
        assert [one["text"] for one in desk.of("message")] == ["hello"]


async def test_the_desk_hears_that_an_answer_did_not_arrive() -> None:
    async with asking(TelegramWay()) as (desk, person):
        hand_off = await handed_over(person, desk)
        await replied(person.house, hand_off, "hello")
        await person.settled()
        person.house.provider.answers = [(403, {"ok": False, "error_code": 403}, {})]
        assert await replied(person.house, hand_off, "call me when you can") == 200
        await person.settled()
        (aside,) = [one for one in desk.of("aside") if "answer" in one["text"]]
        assert "may not have reached" in aside["text"]


async def test_a_packet_that_waits_is_mentioned_once_and_not_after_every_answer() -> None:
    async with asking(TelegramWay()) as (_, person):
        await person.say("a person please")
        await person.say("Talk to a person")
        said = [await person.say(f"what evidence should i keep {n}") for n in range(3)]
        assert ["Nothing has been sent" in "".join(texts) for texts in said] == [True, False, False]


async def test_who_asks_for_a_person_with_a_packet_open_gets_to_it_again() -> None:
    async with asking(TelegramWay()) as (_, person):
        await person.say("a person please")
        await person.say("Talk to a person")
        await person.say("what evidence should i keep")
        assert "Nothing has been sent" in "".join(await person.say("a person please"))


async def test_a_long_answer_of_the_helpline_comes_whole_in_text_messages() -> None:
    async with asking(SmsWay()) as (desk, person):
        hand_off = await handed_over(person, desk)
        await replied(person.house, hand_off, "hello")
        await person.settled()
        before = len(person.texts)
        long = " ".join(f"Sentence number {n} of what you can do now." for n in range(40))
        assert await replied(person.house, hand_off, long) == 200
        await person.settled()
        said = " ".join(person.texts[before:])
        assert "number 0 of" in said and "number 39 of" in said and "MORE" not in said


@pytest.mark.parametrize("flooded", (False, True), ids=("an edit", "a flood"))
async def test_what_gets_no_answer_of_its_own_is_read_by_the_classifier_too(flooded: bool) -> None:
    way = TelegramWay()
    async with open_house() as house:
        house.brain.sees[ONLY_SEEN] = "danger"
        for n in range(20 if flooded else 0):
            await way.deliver(house, way.said("hello", n=n))
        last = way.said(ONLY_SEEN, n=99) if flooded else way.edited(ONLY_SEEN)
        assert await way.deliver(house, last) == 200
        await house.settled("telegram")
        await asyncio.sleep(0.1)
        await house.settled("telegram")
        assert ONLY_SEEN not in house.brain.texts
        assert "lock a door" in "".join(way.texts(house)), "the notice has the numbers too"


async def test_one_person_keeps_the_classifier_from_nobody_else() -> None:
    async with asking(TelegramWay()) as (desk, person):
        await handed_over(person, desk)
        held, looks = asyncio.Event(), []

        async def slow(text: str) -> str | None:
            looks.append(text)
            await held.wait()
            return None

        person.house.brain.danger_in = slow
        texts = [f"line {n}" for n in range(12)]
        for n, text in enumerate(texts):
            said = person.way.said(text, n=5000 + n, who=person.who)
            assert await person.way.deliver(person.house, said) == 200
        await asyncio.sleep(0.3)
        assert len(looks) == 4
        held.set()
        await person.settled()
        assert [one["text"] for one in desk.of("message")] == texts
