"""Text messages and WhatsApp: what a person pays for, STOP and START, pages, and WhatsApp's day."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.gsm7 import is_gsm7, segments
from knowledge.message import Message
from tests.channels.support import DANGER, ScriptedBrain, fixture, open_house
from tests.channels.ways import SmsWay, WhatsAppWay

SMS, WHATSAPP = SmsWay(), WhatsAppWay()
LONG = "\n\n".join(f"Paragraph {n} of a long answer, so that it needs pages." for n in range(60))


async def long_answer(text: str) -> list[Message]:
    return [Message("answer", LONG)]


async def test_the_answer_goes_from_the_number_that_was_written_to() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("hello"))
        await WHATSAPP.deliver(house, WHATSAPP.said("hello", n=2))
        await house.settled("twilio")
        pairs = {(call.body["From"], call.body["To"]) for call in house.provider.calls}
        assert pairs == {
            ("+440000000001", "+27000000001"),
            ("whatsapp:+440000000002", "whatsapp:+27000000001"),
        }
        path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json"
        assert {call.path for call in house.provider.calls} == {path}
        assert len({who for who, _ in house.brain.asked}) == 2


async def test_the_acknowledgement_is_an_empty_reply() -> None:
    async with open_house() as house:
        body = SMS.body(SMS.said("hello"))
        assert await house.post("twilio", body, SMS.signed(body)) == (200, b"<Response/>")


async def test_a_long_answer_comes_a_page_at_a_time_and_more_brings_the_rest() -> None:
    async with open_house(brain=ScriptedBrain(long_answer)) as house:
        await SMS.deliver(house, SMS.said("tell me all"))
        await house.settled("twilio")
        for n in range(30):
            await SMS.deliver(house, SMS.said("More", n=10 + n))
            await house.settled("twilio")
            if "Paragraph 59" in SMS.texts(house)[-1]:
                break
        texts = SMS.texts(house)
        assert all(segments(text) <= 3 and is_gsm7(text) for text in texts)
        joined = "".join("".join(texts).split())
        assert all(f"Paragraph{n}of" in joined for n in range(60))
        assert house.brain.texts == ["tell me all"]


async def test_a_new_question_drops_the_pages_of_the_old_one() -> None:
    async with open_house(brain=ScriptedBrain(long_answer)) as house:
        await SMS.deliver(house, SMS.said("tell me all"))
        await house.settled("twilio")
        house.brain._answer = None
        await SMS.deliver(house, SMS.said("something else", n=2))
        await SMS.deliver(house, SMS.said("more", n=3))
        await house.settled("twilio")
        assert house.brain.texts == ["tell me all", "something else", "more"]


async def test_an_urgent_text_message_is_sent_whole_and_its_sources_on_request() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said(DANGER))
        await house.settled("twilio")
        said = SMS.texts(house)
        assert "lock a door" in "".join(said) and "https://" not in "".join(said)
        urgent = said[: next(n for n, text in enumerate(said) if "lock a door" in text) + 1]
        assert sum(segments(text) for text in urgent) <= 12
        await SMS.deliver(house, SMS.said("more", n=2))
        await house.settled("twilio")
        while "https://" not in SMS.texts(house)[-1]:
            await SMS.deliver(house, SMS.said("more", n=len(SMS.texts(house)) + 10))
            await house.settled("twilio")
        assert "https://www.saps.gov.za" in SMS.texts(house)[-1]


@pytest.mark.parametrize(
    "word", ["STOP", "stop", "Unsubscribe", "CANCEL", "end", "Quit", "stopall"]
)
async def test_stop_ends_it_without_a_word_of_ours(word: str) -> None:
    """The network confirms it; whatever is kept is deleted; only danger is answered from then on."""
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("my neighbour threatens me"))
        await house.settled("twilio")
        before = len(SMS.texts(house))
        await SMS.deliver(house, SMS.said(word, n=2))
        await SMS.deliver(house, SMS.said("are you there", n=3))
        await SMS.deliver(house, SMS.said("more", n=4))
        await house.settled("twilio")
        assert len(SMS.texts(house)) == before
        assert house.brain.deleted == [house.brain.asked[0][0]]
        await SMS.deliver(house, SMS.said(DANGER, n=5))
        await house.settled("twilio")
        assert "10111" in SMS.texts(house)[before]
        await SMS.deliver(house, SMS.said("START", n=6))
        await house.settled("twilio")
        assert "computer program" in SMS.texts(house)[-1]
        await SMS.deliver(house, SMS.said("what now", n=7))
        await house.settled("twilio")
        assert SMS.texts(house)[-1] == "heard: what now"


async def test_exit_after_stop_keeps_the_silence_and_says_nothing() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("STOP"))
        await SMS.deliver(house, SMS.said("exit", n=2))
        await SMS.deliver(house, SMS.said("are you there", n=3))
        await house.settled("twilio")
        assert SMS.texts(house) == []


async def test_stop_outlives_the_words_that_were_kept() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("STOP"))
        await house.settled("twilio")
        turn = house.pipelines["twilio"].turn
        turn.memory.sweep(1e12, keep=1.0)
        await SMS.deliver(house, SMS.said("are you there", n=2))
        await house.settled("twilio")
        assert SMS.texts(house) == []


async def test_start_is_heard_also_while_the_deletion_after_stop_is_still_tried(
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("bot.channels.deletion.PAUSES", (0.2,))
    async with open_house() as house:
        house.brain.delete_fails = 1
        await SMS.deliver(house, SMS.said("STOP"))
        await SMS.deliver(house, SMS.said("START", n=2))
        await house.settled("twilio")
        assert len(house.brain.deleted) == 1
        await SMS.deliver(house, SMS.said("what now", n=3))
        await house.settled("twilio")
        assert SMS.texts(house)[-1] == "heard: what now"


async def test_each_welcome_counts_its_choices_from_one() -> None:
    async with open_house() as house:
        for n in range(3):
            await SMS.deliver(house, SMS.said("START", n=n))
        await house.settled("twilio")
        (conversation,) = house.pipelines["twilio"].turn.memory._kept.values()
        assert len(conversation.numbered) == 3 and len(conversation.pages) <= 2


async def test_the_networks_own_opt_out_counts_in_any_language() -> None:
    async with open_house() as house:
        await SMS.deliver(house, {**SMS.said("BAJA"), "OptOutType": "STOP"})
        await SMS.deliver(house, SMS.said("hola", n=2))
        await house.settled("twilio")
        assert SMS.texts(house) == [] and house.brain.asked == []


async def test_on_whatsapp_stop_is_a_way_out_like_exit() -> None:
    async with open_house() as house:
        await WHATSAPP.deliver(house, WHATSAPP.said("stop"))
        await house.settled("twilio")
        assert WHATSAPP.texts(house) == ["Thanks, all done."]


async def test_help_says_what_this_is_and_brings_the_numbers() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("HELP"))
        await house.settled("twilio")
        said = SMS.texts(house)
        assert "computer program" in said[0]
        assert "STOP" in said[-1] and "10111" in said[-1]


async def test_help_now_is_danger() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("HELP NOW"))
        await house.settled("twilio")
        assert "10111" in SMS.texts(house)[0] and "call:" in SMS.texts(house)[0]


async def test_after_whatsapps_day_nothing_is_sent_and_it_is_counted(monkeypatch: Any) -> None:
    async with open_house() as house:
        pipeline = house.pipelines["twilio"]
        real, ahead = pipeline.clock, 0.0
        monkeypatch.setattr(pipeline, "clock", lambda: real() + ahead)

        async def late(text: str) -> list[Message]:
            nonlocal ahead
            ahead = 24 * 3600.0 + 1
            return [Message("answer", "an answer of tomorrow")]

        house.brain._answer = late
        await WHATSAPP.deliver(house, WHATSAPP.said("hello"))
        await house.settled("twilio")
        assert house.provider.calls == []
        assert house.counts["twilio_outside_window"] >= 1
        await SMS.deliver(house, SMS.said("hello", n=2))
        await house.settled("twilio")
        assert any("an answer of tomorrow" in text for text in SMS.texts(house))


async def test_a_report_on_a_message_of_ours_is_no_message() -> None:
    async with open_house() as house:
        assert await SMS.deliver(house, fixture("twilio_status")) == 200
        await house.settled("twilio")
        assert house.provider.calls == []


async def test_a_picture_without_words_is_answered_and_not_opened() -> None:
    async with open_house() as house:
        assert await WHATSAPP.deliver(house, fixture("twilio_picture")) == 200
        await house.settled("twilio")
        assert any("only read words" in text for text in WHATSAPP.texts(house))


async def test_the_welcome_is_three_parts_at_most_and_says_the_bill_shows() -> None:
    async with open_house() as house:
        await SMS.deliver(house, SMS.said("hello"))
        await SMS.deliver(house, SMS.said("more", n=2))
        await house.settled("twilio")
        texts = SMS.texts(house)
        assert all(segments(text) <= 3 for text in texts)
        assert "phone bill" in "".join(texts)
