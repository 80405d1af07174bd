"""Handing over, on every channel: asked for, seen, agreed to, answered by people, given back."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from tests.channels.support import DANGER, open_house
from tests.channels.ways import Way
from tests.handoff.support import (
    CHANNELS,
    WORDS,
    Clock,
    DeskServer,
    Guide,
    asking,
    desk_posts,
    handed_over,
    named,
    person_on,
    replied,
    settings_for,
)

every_channel = pytest.mark.parametrize("way", CHANNELS, ids=named)
NUMBERS = ("999", "000", "10111")


@every_channel
async def test_from_the_question_for_a_person_to_their_answer_and_back(way: Way | None) -> None:
    async with asking(way) as (desk, person):
        asked = "\n".join(await person.say("a person please"))
        assert asked.index("heard: a person please") < asked.index("can join this chat")
        seen = "\n".join(await person.say("Talk to a person"))
        assert "Nothing has been sent" in seen and "Scotland" in seen and WORDS in seen
        assert desk.calls == []
        waits = "\n".join(await person.say("Send it"))
        assert "has been asked to come" in waits and "15 minutes" in waits
        (opened,) = desk.of("opened")
        hand_off = opened["hand_off"]
        await person.say("are you there")
        assert [one["text"] for one in desk.of("message")] == ["are you there"]
        assert await replied(person.house, hand_off, "hello, i am sam") == 200
        await person.settled()
        assert any("A person from the helpline is here" in text for text in person.texts)
        assert "hello, i am sam" in person.texts[-1]
        said = await person.say("thank you sam")
        assert said == []
        asked_before = len(person.house.brain.asked)
        back = "\n".join(await person.say("back to the guide"))
        assert "back with the guide" in back
        assert desk.of("closed")[-1]["reason"] == "resumed"
        await person.say("what evidence should i keep")
        assert len(person.house.brain.asked) == asked_before + 1
        assert len(desk.of("message")) == 2


@every_channel
async def test_danger_is_answered_first_while_handed_over_and_is_urgent_to_the_desk(
    way: Way | None,
) -> None:
    async with asking(way) as (desk, person):
        await handed_over(person, desk)
        said = "".join(await person.say(DANGER))
        assert all(number in said for number in NUMBERS)
        assert desk.events().index("danger") < desk.events().index("message")
        assert desk.of("danger")[0]["kind"] == "danger"
        assert desk.of("message")[0]["text"] == DANGER


async def test_danger_does_not_wait_for_a_desk_that_hangs() -> None:
    import asyncio

    async with asking() as (desk, person):
        await handed_over(person, desk)
        desk.held = asyncio.Event()
        await person._post({"id": "hung", "text": "are you there"})
        await person._post({"id": "now", "text": DANGER})
        assert person.seen[-1]["kind"] == "emergency"
        desk.held.set()
        await person.settled()


@every_channel
async def test_nothing_goes_to_the_desk_that_was_not_agreed_to(way: Way | None) -> None:
    async with asking(way) as (desk, person):
        await person.say("i am in perth and scared of my ex")
        await person.say("a person please")
        await person.say("Talk to a person")
        told = "\n".join(await person.say("Do not send it"))
        assert "Nothing was sent" in told
        await person.say("something else")
        assert desk.calls == []
        await handed_over(person, desk)
        raw = b"".join(call.raw for call in desk.calls)
        assert b"perth" not in raw and b"something else" not in raw


@every_channel
async def test_nobody_came_is_said_honestly_with_a_line_to_reach(way: Way | None) -> None:
    async with asking(way) as (desk, person):
        clock = Clock()
        person.handover.clock = clock
        hand_off = await handed_over(person, desk)
        await person.handover.tick()
        await person.settled()
        assert not any("has come so far" in text for text in person.texts)
        clock.ahead = 15 * 60
        await person.handover.tick()
        await person.settled()
        text = "\n".join(person.texts[-3:])
        assert "Nobody from the helpline has come" in text and "0800 160 1985" in text
        assert desk.of("closed")[-1]["reason"] == "nobody"
        assert await replied(person.house, hand_off, "too late") == 409
        assert "too late" not in "".join(person.texts)
        assert "heard: and now" in "".join(await person.say("and now"))


async def test_whoever_is_answered_is_not_told_that_nobody_came() -> None:
    async with asking() as (desk, person):
        clock = Clock()
        person.handover.clock = clock
        hand_off = await handed_over(person, desk)
        await replied(person.house, hand_off, "hello")
        clock.ahead = 3600
        await person.handover.tick()
        await person.settled()
        assert person.state["with"] == "person"


@every_channel
async def test_leaving_ends_it_and_has_the_desk_delete(way: Way | None) -> None:
    async with asking(way) as (desk, person):
        await handed_over(person, desk)
        said = "\n".join(await person.say("delete me"))
        assert "asked the helpline to delete" in said and "its own rules" in said
        (closed,) = desk.of("closed")
        assert closed["delete"] is True and closed["reason"] == "deleted"
        assert person.house.brain.deleted
        before = len(desk.calls)
        await person.say("hello again")
        assert len(desk.calls) == before


@pytest.mark.parametrize("way", [way for way in CHANNELS if way], ids=named)
async def test_exit_says_one_harmless_line_and_tells_the_desk(way: Way) -> None:
    async with asking(way) as (desk, person):
        await handed_over(person, desk)
        assert await person.say("exit") == ["Thanks, all done."]
        assert desk.of("closed")[-1]["delete"] is True


async def test_a_page_that_closes_tells_the_desk_and_an_earlier_hand_off_is_deleted_too() -> None:
    async with asking() as (desk, person):
        first = await handed_over(person, desk)
        await person.say("back to the guide")
        second = await handed_over(person, desk)
        assert first != second
        url = f"{person.house.url}/webhooks/web/session/end"
        async with person.house.http.post(url, data=person.token.encode()) as response:
            assert response.status == 204
        await person.handover.idle()
        deleted = {one["hand_off"] for one in desk.of("closed") if one["delete"]}
        assert deleted == {first, second}


@every_channel
@pytest.mark.parametrize(
    ("event", "said"),
    [("resume", "given the chat back"), ("close", "has ended its part")],
)
async def test_the_helpline_gives_it_back_and_the_guide_talks_again(
    way: Way | None, event: str, said: str
) -> None:
    async with asking(way) as (desk, person):
        hand_off = await handed_over(person, desk)
        await replied(person.house, hand_off, "", event=event)
        await person.settled()
        assert said in person.texts[-1]
        assert "heard: hello" in "".join(await person.say("hello"))
        assert desk.of("message") == []


@every_channel
async def test_two_misunderstandings_in_a_row_bring_the_offer_and_one_does_not(
    way: Way | None,
) -> None:
    async with asking(way) as (_desk, person):
        said = await person.say("mumble one")
        said += await person.say("i understand this")
        said += await person.say("mumble two")
        assert "can join this chat" not in "".join(said)
        assert "can join this chat" in "".join(await person.say("mumble three"))
        # Not again and again.
        said = await person.say("mumble four")
        said += await person.say("mumble five")
        assert "can join this chat" not in "".join(said)


@every_channel
async def test_after_danger_the_offer_comes_last_and_never_before_the_number(
    way: Way | None,
) -> None:
    async with asking(way) as (_desk, person):
        said = "\n".join(await person.say(DANGER))
        assert said.index("10111") < said.index("can join this chat")
        assert said.rindex("can join this chat") > said.index("heard: ")


async def test_without_a_desk_nobody_is_offered() -> None:
    async with open_house(brain=Guide()) as house:
        turn = house.pipelines["telegram"].turn
        got: list[Any] = []
        from bot.channels.turn import Incoming

        await turn.take("web-1", Incoming(text="a person please"), got.append)
        await turn.take("web-1", Incoming(text=DANGER), got.append)
        assert not any("can join this chat" in message.text for message in got)
        assert await desk_posts(house, {"id": "1", "hand_off": "x", "event": "reply"}) == 403


async def test_yes_to_the_offer_shows_the_packet_and_a_later_yes_does_not() -> None:
    async with asking() as (_desk, person):
        await person.say("a person please")
        assert "Nothing has been sent" in "".join(await person.say("yes please"))
        await person.say("Do not send it")
        await person.say("a person please")
        await person.say("what is stalking")
        assert (await person.say("yes")) == ["heard: yes"]


async def test_the_button_of_the_menu_brings_the_offer_too() -> None:
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk)) as house,
    ):
        from bot.channels.turn import Incoming

        got: list[Any] = []
        turn = house.pipelines["telegram"].turn
        await turn.take("web-1", Incoming(payload="/ask_human"), got.append)
        assert "can join this chat" in got[-1].text


async def test_i_cannot_call_is_answered_while_a_person_has_the_chat() -> None:
    async with asking() as (desk, person):
        await handed_over(person, desk)
        await person.say(DANGER)
        assert await person.say("no") == ["heard: /cannot_call"]
        assert desk.of("message")[-1]["text"] == "no"


async def test_a_picture_and_a_change_are_told_to_the_desk_and_to_nobody_else() -> None:
    (way,) = (one for one in CHANNELS if one and one.name == "telegram")
    async with asking(way) as (desk, person):
        await handed_over(person, desk)
        before = len(person.texts)
        await way.deliver(person.house, way.wordless(n=7))
        await way.deliver(person.house, way.edited("i meant glasgow", n=8))
        await person.settled()
        assert person.texts[before:] == []
        assert "not words" in desk.of("aside")[0]["text"]
        assert desk.of("message")[0]["text"] == "(changed) i meant glasgow"
        await way.deliver(person.house, way.edited(DANGER, n=9))
        await person.settled()
        assert "10111" in "".join(person.texts[before:])


async def test_two_people_never_hear_each_other() -> None:
    (way,) = (one for one in CHANNELS if one and one.name == "telegram")
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk)) as house,
    ):
        one, other = await person_on(house, way, who=1), await person_on(house, way, who=2)
        first, second = await handed_over(one, desk), await handed_over(other, desk)
        await replied(house, first, "for the first")
        await replied(house, second, "for the second")
        await one.settled()
        sent = [
            (call.body["chat_id"], call.body["text"])
            for call in house.provider.calls
            if "for the" in str(call.body.get("text"))
        ]
        assert {(str(to)[-1], text.split()[-1]) for to, text in sent} == {
            ("1", "first"),
            ("2", "second"),
        }


async def test_what_is_kept_of_it_is_in_the_export() -> None:
    async with asking() as (desk, person):
        await handed_over(person, desk)
        text = "\n".join(await person.say("give me my data"))
        assert '"handed_over"' in text and '"agreed_on": "20' in text
        assert "kept there and not here" in text


async def test_no_word_is_logged_and_metrics_are_counts(caplog: Any) -> None:
    canary = "kanarienvogel"
    caplog.set_level(logging.DEBUG)
    async with asking() as (desk, person):
        hand_off = await handed_over(person, desk)
        desk.down = True
        person.handover.teller.outbox.pause = 0.01
        await person.say(f"{canary} one")
        await replied(person.house, hand_off, f"{canary} two")
        await person._post({"id": "three", "text": f"{canary} three. {DANGER}"})
        async with person.house.http.get(f"{person.house.url}/metrics") as response:
            metrics = await response.text()
        assert canary not in caplog.text and canary not in metrics
        assert hand_off not in caplog.text and hand_off not in metrics
        assert 'event="handoff_agreed"} 1' in metrics
        assert 'event="handoff_danger"} 1' in metrics


async def test_back_to_the_guide_while_a_line_is_written_swallows_nothing() -> None:
    async with asking() as (_desk, person):
        for said in ("a person please", "Talk to a person", "Change a line", "Code word"):
            await person.say(said)
        await person.say("back to the guide")
        assert await person.say("he posted my photos") == ["heard: he posted my photos"]


async def test_who_was_told_to_wait_hears_how_it_ended_however_short_the_retention() -> None:
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=replace(settings_for(desk), retention_hours=0)) as house,
    ):
        person = await person_on(house, None)
        person.handover.clock = clock = Clock()
        await handed_over(person, desk)
        for minutes in (11, 16):
            clock.ahead = minutes * 60
            await person.handover.tick()
        await person.settled()
        assert "Nobody from the helpline has come" in person.texts[-1]


async def test_help_in_a_text_message_reaches_the_person_who_has_taken_over() -> None:
    sms = next(way for way in CHANNELS if way is not None and way.name == "sms")
    async with asking(sms) as (desk, person):
        await handed_over(person, desk)
        await person.say("info")
        assert [one["text"] for one in desk.of("message")] == ["info"]
