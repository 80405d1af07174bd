"""What the helpline would get: seen, changed and taken out line by line before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from datetime import time as clock_time
from typing import Any

import pytest

from bot.handoff.config import Hours, Span
from bot.handoff.packet import (
    FIELDS,
    LABELS,
    SWITCHES,
    Danger,
    Packet,
    made_packet,
    packet_from,
    transcript_value,
    typed_value,
)
from knowledge.base import Knowledge
from knowledge.words import Words
from tests.channels.support import DANGER, open_house
from tests.handoff.support import (
    KEPT,
    WORDS,
    Clock,
    DeskServer,
    Guide,
    Person,
    always_open,
    asking,
    handed_over,
    person_on,
    replied,
    settings_for,
)


def made(knowledge: Knowledge, words: Words, **more: Any) -> Packet:
    given: dict[str, Any] = {
        "id": "p1",
        "channel": "web",
        "language": "en",
        "danger": None,
        "home": None,
        "knowledge": knowledge,
        "words": words,
    }
    return made_packet(more.pop("kept", KEPT), **{**given, **more})


def test_a_packet_holds_what_a_helper_needs_and_no_more(knowledge: Knowledge, words: Words) -> None:
    kept = [*KEPT, {"known": "rungs_tried", "value": ["sco-ladder-1"]}]
    packet = made(knowledge, words, kept=kept, danger=Danger("danger", 1795500000.0))
    values = packet.values
    assert values["home"].data == ("scotland",)
    assert values["other"].data == ("south_africa",)
    assert values["harms"].data == ("stalking", "doxxing")
    assert values["phrase"].text == WORDS
    assert values["danger"].data[0] == "danger"
    assert values["tried"].data == ("sco-ladder-1",)
    (fact,) = values["told"].data
    assert fact["id"] == "sco-stalking-s39"
    assert fact["checked_on"] == knowledge.by_id["sco-stalking-s39"].checked_on.isoformat()
    assert values["message"].data == (False,)
    assert values["way"].data == ("chat",)
    assert {"transcript", "references", "code", "time"}.isdisjoint(values)


def test_of_an_empty_store_the_packet_says_what_the_turn_knows(
    knowledge: Knowledge, words: Words
) -> None:
    packet = made(knowledge, words, kept=[], home="scotland")
    assert set(packet.values) == {"home", "way", "message"}


def test_a_packet_is_the_same_after_the_store(knowledge: Knowledge, words: Words) -> None:
    packet = made(knowledge, words, danger=Danger("self_harm", 1795500000.0))
    assert packet_from(packet.as_dict()) == packet


@pytest.mark.parametrize("field", [field for field in FIELDS if field not in SWITCHES])
def test_each_line_can_be_written_anew_and_taken_out(
    field: str, knowledge: Knowledge, words: Words
) -> None:
    packet = made(knowledge, words, danger=Danger("danger", 1795500000.0))
    written = packet.with_(field, typed_value("my own line"))
    assert written.as_dict()["lines"][field] == {"text": "my own line", "data": []}
    gone = written.with_(field, None)
    assert field not in gone.as_dict()["lines"]
    assert words(LABELS[field]) in gone.left_out(words)
    assert packet.revision < written.revision < gone.revision


def test_what_is_typed_is_one_line_without_tricks() -> None:
    assert typed_value("  a\n\nb\x00\u202ec ") is not None
    value = typed_value("  a\n\nb\x00\u202ec ")
    assert value is not None and value.text == "a b c"
    assert typed_value(" \n\x00 ") is None
    long = typed_value("x" * 5000)
    assert long is not None and len(long.text) == 500


def test_a_transcript_has_the_words_of_both_and_no_payload(words: Words) -> None:
    value = transcript_value(KEPT, words)
    assert value is not None
    assert [one["from"] for one in value.data] == ["waymark", "you", "waymark"]
    assert "/ask" not in str(value.data)


async def shown(person: Person, *texts: str) -> str:
    said = ""
    for text in texts:
        said = "\n".join(await person.say(text))
    return said


@pytest.mark.parametrize("field", [field for field in FIELDS if field not in SWITCHES])
async def test_a_person_changes_a_line_and_takes_it_out(field: str, words: Words) -> None:
    label = words(LABELS[field])
    async with asking() as (desk, person):
        await shown(person, "a person please", "Talk to a person", "Change a line")
        assert f"{label}: ten past nine" in await shown(person, label, "ten past nine")
        await shown(person, "Change a line")
        seen = await shown(person, label, "Take it out")
        assert "ten past nine" not in seen and "Nothing has been sent" in seen
        await shown(person, "Send it")
        lines = desk.of("opened")[0]["packet"]["lines"]
        assert field not in lines and lines
        assert b"ten past nine" not in desk.calls[0].raw


async def test_the_desk_gets_the_line_as_it_was_written(words: Words) -> None:
    async with asking() as (desk, person):
        await shown(person, "a person please", "Talk to a person", "Change a line")
        await shown(person, "When it is safe", "after six, never at night", "Change a line")
        await shown(person, "Leaving a message", "Send it")
        lines = desk.of("opened")[0]["packet"]["lines"]
        assert lines["time"] == {"text": "after six, never at night", "data": []}
        assert lines["message"]["data"] == [True]
        assert lines["phrase"]["text"] == WORDS
        opened = desk.of("opened")[0]
        assert opened["consent"]["packet_version"] == opened["version"] == 1
        assert opened["consent"]["on"] == datetime.now(UTC).date().isoformat()
        assert opened["packet"]["channel"] == "web"


async def test_no_transcript_unless_it_was_chosen() -> None:
    async with asking() as (desk, person):
        await handed_over(person, desk)
        assert "transcript" not in desk.of("opened")[0]["packet"]["lines"]
        await person.say("back to the guide")
        await shown(person, "a person please", "Talk to a person", "Change a line")
        assert "3 messages, yours and mine" in await shown(person, "The whole chat")
        await shown(person, "Change a line", "The whole chat", "Change a line", "The whole chat")
        await shown(person, "Send it")
        said = desk.of("opened")[1]["packet"]["lines"]["transcript"]["data"]
        assert [one["text"] for one in said if one["from"] == "you"] == [WORDS]


async def test_a_yes_is_only_to_what_was_seen() -> None:
    """Danger read after the packet was shown is in it now: it is shown again before it goes."""
    async with asking() as (desk, person):
        await shown(person, "a person please", "Talk to a person")
        (send, *_) = (m["choices"][-1] for m in person.seen if "Nothing has been" in m["text"])
        said = await shown(person, DANGER)
        assert "10111" in said and "Nothing has been sent to the helpline yet" in said
        await person._post({"id": "old-yes", "choice": send["id"]})
        assert desk.calls == []
        assert "I wrote of danger on" in person.seen[-1]["text"]
        await shown(person, "Send it")
        assert desk.of("opened")[0]["packet"]["lines"]["danger"]["data"][0] == "danger"


async def test_danger_typed_into_a_line_is_answered_and_is_no_line() -> None:
    async with asking() as (_desk, person):
        await shown(person, "a person please", "Talk to a person", "Change a line", "Code word")
        said = await shown(person, DANGER)
        assert "10111" in said and "Code word: nothing yet" in said
        assert "Code word: bluebell" in await shown(person, "bluebell")


async def test_a_question_while_the_packet_waits_is_answered_with_a_reminder() -> None:
    async with asking() as (_desk, person):
        await shown(person, "a person please", "Talk to a person")
        said = await person.say("what is stalking")
        assert said[0] == "heard: what is stalking"
        assert "Nothing has been sent to the helpline yet" in said[-1]
        assert "Scotland" in await shown(person, "See it again")


async def test_without_the_store_there_is_a_packet_all_the_same() -> None:
    guide = Guide()
    guide.export_fails = True
    async with DeskServer() as desk, open_house(brain=guide, settings=settings_for(desk)) as house:
        person = await person_on(house, None)
        hand_off = await handed_over(person, desk)
        assert await replied(house, hand_off, "hello") == 200


async def test_closed_says_when_it_opens_and_whom_to_call_until_then() -> None:
    friday = Hours("Europe/London", (Span(4, clock_time(9, 0), clock_time(17, 0)),))
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk, hours=friday)) as house,
    ):
        person = await person_on(house, None)
        clock = Clock()
        monday = datetime(2026, 11, 30, 12, 0, tzinfo=UTC).timestamp()
        person.handover.clock = lambda: monday + clock.ahead
        said = await person.say("a person please")
        assert "Friday 4 December, 09:00 (GMT)" in said[-1] and "0800 160 1985" in said[-1]
        assert person.seen[-1]["facts"] and person.seen[-1]["citations"]
        assert "First you see what they would get" not in "".join(said)
        # Open, and closed again before the yes.
        clock.ahead = 4 * 24 * 3600
        await shown(person, "a person please", "Talk to a person")
        clock.ahead += 6 * 3600
        assert "Nobody at the helpline can join" in await shown(person, "Send it")
        assert desk.calls == []


async def test_the_hours_are_those_of_the_helplines_own_zone() -> None:
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk, hours=always_open())) as house,
    ):
        person = await person_on(house, None)
        assert "can join this chat" in (await person.say("a person please"))[-1]
    none = replace(always_open(), spans=())
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk, hours=none)) as house,
    ):
        person = await person_on(house, None)
        assert "I do not know when" in (await person.say("a person please"))[-1]


def test_the_line_beside_it_is_the_one_that_serves_where_the_person_is(
    knowledge: Knowledge,
) -> None:
    from bot.helpline.book import own_line

    fact = knowledge.by_id["sco-support-victim-support-scotland"]
    own = tuple(
        replace(fact, id=f"{place}-own-night", jurisdiction=place)
        for place in ("scotland", "england_wales")
    )
    theirs = replace(knowledge, facts=(*knowledge.facts, *own))
    assert own_line(theirs, "night", home="england_wales") == own[1]
    assert own_line(theirs, "night", home="australia") == own[0]
    assert own_line(theirs, "day", home="scotland") is None
