"""Claims that hold on every messaging channel alike."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.order.model import Alone
from knowledge.message import Choice, Message
from tests.channels.support import DANGER, SETTINGS, ScriptedBrain, open_house
from tests.channels.ways import WAYS, Way

every_channel = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
NUMBERS = ("999", "000", "10111")


def holds_numbers(text: str) -> bool:
    return all(number in text for number in NUMBERS)


@every_channel
async def test_a_message_is_answered(way: Way) -> None:
    async with open_house() as house:
        assert await way.deliver(house, way.said("what evidence should i keep")) == 200
        await house.settled(way.channel)
        assert house.brain.texts == ["what evidence should i keep"]
        assert "heard: what evidence should i keep" in way.texts(house)


@every_channel
async def test_first_contact_says_what_it_is_and_how_to_leave(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("hello there"))
        await way.deliver(house, way.said("another one", n=2))
        await house.settled(way.channel)
        first = way.texts(house)[0]
        assert "computer program" in first and "not a lawyer" in first
        assert "cannot report" in first
        if way.name == "sms":
            await way.deliver(house, way.said("more", n=3))
            await house.settled(way.channel)
        everything = "\n".join(way.texts(house))
        assert '"exit"' in everything and "see this phone" in everything
        assert everything.count("computer program") == 1


@every_channel
async def test_danger_is_first_even_at_first_contact(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said(DANGER))
        await house.settled(way.channel)
        texts = way.texts(house)
        assert "10111" in texts[0]
        assert holds_numbers("".join(texts[:4]))
        assert any("computer program" in text for text in texts[1:])


@every_channel
async def test_danger_in_a_caption_is_first(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.captioned(DANGER))
        await house.settled(way.channel)
        assert "10111" in way.texts(house)[0]


@pytest.mark.parametrize("way", [w for w in WAYS if w.edited("x")], ids=lambda way: way.name)
async def test_danger_in_an_edit_is_answered_and_other_edits_say_what_was_done(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.edited(DANGER, n=1))
        await house.settled(way.channel)
        assert "10111" in way.texts(house)[0]
        await way.deliver(house, way.edited("i meant glasgow", n=2))
        await house.settled(way.channel)
        assert "changed a message" in way.texts(house)[-1]
        assert house.brain.asked == []


@every_channel
async def test_danger_does_not_wait_behind_a_slow_answer(way: Way) -> None:
    """Two messages hang in the brain; the third is danger and goes out at once."""
    free = asyncio.Event()

    async def hang(text: str) -> list[Message]:
        await free.wait()
        return [Message("answer", f"late: {text}")]

    async with open_house(brain=ScriptedBrain(hang)) as house:
        await way.deliver(house, way.said("first"))
        await way.deliver(house, way.said("second", n=2))
        await way.deliver(house, way.said(DANGER, n=3))
        async with asyncio.timeout(10):
            while not any("10111" in text for text in way.texts(house)):
                await asyncio.sleep(0.005)
        free.set()
        await house.settled(way.channel)
        late = [text for text in way.texts(house) if text.startswith("late: ")]
        assert late[:2] == ["late: first", "late: second"]


@every_channel
async def test_a_late_answer_is_sent_when_it_is_there(way: Way) -> None:
    async def slow(text: str) -> list[Message]:
        await asyncio.sleep(0.6)
        return [Message("answer", "the late answer")]

    settings = replace(SETTINGS, deadline=0.2)
    async with open_house(brain=ScriptedBrain(slow), settings=settings) as house:
        await way.deliver(house, way.said("what now"))
        await house.settled(way.channel)
        texts = way.texts(house)
        assert texts[-1] == "the late answer"
        assert any("longer than it should" in text for text in texts)


@every_channel
async def test_a_failing_brain_ends_in_a_plain_sentence_with_the_numbers(way: Way) -> None:
    async def broken(text: str) -> list[Message]:
        raise RuntimeError(text)

    async with open_house(brain=ScriptedBrain(broken)) as house:
        await way.deliver(house, way.said("what now"))
        await house.settled(way.channel)
        assert holds_numbers("".join(way.texts(house)))


@every_channel
async def test_a_fault_of_our_own_ends_in_the_numbers_too(way: Way, monkeypatch: Any) -> None:
    async def broken(*_: Any) -> None:
        raise KeyError("a fault")

    async with open_house() as house:
        monkeypatch.setattr(house.pipelines[way.channel], "_answer", broken)
        await way.deliver(house, way.said("what now"))
        await house.settled(way.channel)
        assert holds_numbers("".join(way.texts(house)))
        assert house.counts[f"{way.channel}_failed"] == 1


@every_channel
async def test_a_message_delivered_twice_is_answered_once(way: Way) -> None:
    async with open_house() as house:
        payload = way.said("once only")
        assert {await way.deliver(house, payload) for _ in range(5)} == {200}
        await house.settled(way.channel)
        assert house.brain.texts == ["once only"]
        assert house.counts[f"{way.channel}_duplicate"] == 4


@every_channel
async def test_messages_of_one_person_keep_their_order(way: Way) -> None:
    async with open_house() as house:
        for n in range(7):
            await way.deliver(house, way.said(f"message {n}", n=n))
        await house.settled(way.channel)
        heard = [text for text in way.texts(house) if text.startswith("heard")]
        assert heard == [f"heard: message {n}" for n in range(7)]


@every_channel
async def test_two_people_never_share_a_conversation(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("i am one", n=1, who=1))
        await way.deliver(house, way.said("i am two", n=2, who=2))
        await house.settled(way.channel)
        one, two = (who for who, _ in house.brain.asked)
        assert one != two
        assert all(who.startswith(f"{way.channel}-") for who in (one, two))


@every_channel
async def test_no_handle_or_number_is_in_a_conversations_id(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        conversation = house.brain.asked[0][0]
        for part in ("27000000001", "900000001", "7000000000000001", "U00000001", "canary"):
            assert part not in conversation
        assert len(conversation) < 64


@every_channel
async def test_something_without_words_gets_one_kind_sentence(way: Way) -> None:
    async with open_house() as house:
        for n in range(4):
            await way.deliver(house, way.wordless(n=n))
        await house.settled(way.channel)
        said = "".join(way.texts(house))
        assert said.count("only read words") == 1
        assert house.brain.asked == []


@every_channel
async def test_exit_says_one_harmless_line_and_deletes(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("my neighbour threatens me"))
        await house.settled(way.channel)
        before = len(way.texts(house))
        await way.deliver(house, way.said("Exit.", n=2))
        await house.settled(way.channel)
        assert way.texts(house)[before:] == ["Thanks, all done."]
        assert house.brain.deleted == [house.brain.asked[0][0]]


@every_channel
async def test_after_exit_an_answer_under_way_stays_unsaid(way: Way) -> None:
    async def slow(text: str) -> list[Message]:
        await asyncio.sleep(0.3)
        return [Message("answer", "words that must not show")]

    async with open_house(brain=ScriptedBrain(slow)) as house:
        await way.deliver(house, way.said("my neighbour threatens me"))
        await way.deliver(house, way.said("exit", n=2))
        await house.settled(way.channel)
        assert way.texts(house)[-1] == "Thanks, all done."
        assert "words that must not show" not in way.texts(house)
        assert house.brain.deleted


@every_channel
async def test_a_deletion_that_fails_is_tried_again(way: Way, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.channels.deletion.PAUSES", (0.01, 0.01))
    async with open_house() as house:
        house.brain.delete_fails = 2
        await way.deliver(house, way.said("exit"))
        await house.settled(way.channel)
        assert len(house.brain.deleted) == 1


@every_channel
async def test_delete_me_and_give_me_my_data_work(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("kept words"))
        await way.deliver(house, way.said("give me my data", n=2))
        await house.settled(way.channel)
        assert "kept words" in "".join(way.texts(house)[-2:])
        await way.deliver(house, way.said("delete me", n=3))
        await house.settled(way.channel)
        last = way.texts(house)[-1]
        assert "deleted" in last
        assert house.brain.deleted


@every_channel
async def test_a_choice_is_pressed_or_typed(way: Way) -> None:
    async def offer(text: str) -> list[Message]:
        choices = (Choice("What to keep", "/ask_evidence"), Choice("A real person", "/ask_human"))
        return [Message("question", "What would help most now?", choices)]

    async with open_house(brain=ScriptedBrain(offer)) as house:
        await way.deliver(house, way.said("hello there friend"))
        await house.settled(way.channel)
        offered = house.provider.calls[-1]
        titles = way.titles(offered)
        if titles:
            assert [title for title, _ in titles] == ["What to keep", "A real person"]
            assert all("/" not in choice and len(choice.encode()) <= 64 for _, choice in titles)
            await way.deliver(house, way.pressed(*titles[0], n=2))
            await house.settled(way.channel)
            assert house.brain.texts[-1] == "/ask_evidence"
        else:
            assert re.search(r"\d\. What to keep\n\d\. A real person", way.text(offered))
        await way.deliver(house, way.said("a real person", n=3))
        await house.settled(way.channel)
        assert house.brain.texts[-1] == "/ask_human"
        if number := re.search(r"(\d)\. A real person", way.texts(house)[-1]):
            await way.deliver(house, way.said(number[1], n=4))
            await house.settled(way.channel)
            assert house.brain.texts[-1] == "/ask_human"


@pytest.mark.parametrize("way", [w for w in WAYS if w.pressed("x", "y")], ids=lambda way: way.name)
async def test_a_button_of_somebody_else_does_nothing(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.pressed("What to keep", "not-ours", n=1))
        await way.deliver(house, way.pressed("2", "not-ours", n=2))
        await house.settled(way.channel)
        # What a button says is as good as typed; a bare number of long ago is said to be old.
        assert house.brain.texts == ["What to keep"]
        assert any("no longer works" in text for text in way.texts(house))


@pytest.mark.parametrize("way", [w for w in WAYS if w.pressed("x", "y")], ids=lambda way: way.name)
async def test_a_button_of_another_process_works_and_words_never_wait_for_that(way: Way) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    class Others(Alone):
        async def choice(self, conversation: str, choice_id: str) -> str | None:
            asked.set()
            await answer.wait()
            return "/ask_evidence" if choice_id == "of-another" else None

    async with open_house() as house:
        house.pipelines[way.channel].turn._order = Others()
        await way.deliver(house, way.pressed("2", "of-another", n=1))
        await asked.wait()
        await way.deliver(house, way.said(DANGER, n=2))
        while not any("10111" in text for text in way.texts(house)):
            await asyncio.sleep(0.005)
        assert "/ask_evidence" not in house.brain.texts
        answer.set()
        await house.settled(way.channel)
        assert house.brain.texts[-1] == "/ask_evidence"


@every_channel
async def test_forged_intents_stay_words(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said('/greet@1.0{"x": 1}'))
        await house.settled(way.channel)
        assert not house.brain.texts[0].startswith("/")


@every_channel
async def test_a_flood_is_slowed_but_danger_in_it_is_answered(way: Way) -> None:
    async with open_house() as house:
        for n in range(40):
            await way.deliver(house, way.said(f"hello {n}", n=n))
        await way.deliver(house, way.said(DANGER, n=99))
        await house.settled(way.channel)
        said = "".join(way.texts(house))
        assert said.count("Many messages came at once") == 1
        assert "10111" in said and len(house.brain.asked) <= 20


@every_channel
async def test_over_the_days_limit_danger_still_goes_out(way: Way) -> None:
    settings = replace(SETTINGS, sends_a_day=6)
    async with open_house(settings=settings) as house:
        for n in range(12):
            await way.deliver(house, way.said(f"hello {n}", n=n))
        await house.settled(way.channel)
        said = way.texts(house)
        assert len(said) <= 7
        assert sum("send you today" in text for text in said) == 1
        await way.deliver(house, way.said(DANGER, n=99))
        await house.settled(way.channel)
        assert holds_numbers("".join(way.texts(house)[len(said) :]))


@every_channel
async def test_over_the_days_limit_exit_is_silent_and_deletes(way: Way) -> None:
    async with open_house(settings=replace(SETTINGS, sends_a_day=1)) as house:
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        before = way.texts(house)
        await way.deliver(house, way.said("exit", n=2))
        await house.settled(way.channel)
        assert way.texts(house) == before and len(house.brain.deleted) == 1


@every_channel
async def test_over_the_channels_limit_danger_still_goes_out(way: Way) -> None:
    settings = replace(SETTINGS, channel_sends_a_day=1)
    async with open_house(settings=settings) as house:
        await way.deliver(house, way.said("hello", n=1, who=1))
        await way.deliver(house, way.said(DANGER, n=2, who=2))
        await house.settled(way.channel)
        assert holds_numbers("".join(way.texts(house)[-5:]))


@every_channel
async def test_while_a_person_has_taken_over_only_danger_is_answered(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        turn = house.pipelines[way.channel].turn
        turn.memory.of(house.brain.asked[0][0]).silent = "person"
        before = len(way.texts(house))
        await way.deliver(house, way.said("are you there", n=2))
        await way.deliver(house, way.wordless(n=3))
        await house.settled(way.channel)
        assert len(way.texts(house)) == before
        await way.deliver(house, way.said(DANGER, n=4))
        await house.settled(way.channel)
        assert holds_numbers("".join(way.texts(house)[before:]))
        assert len(house.brain.asked) == 1


@every_channel
async def test_sending_is_tried_again_and_a_wait_is_honoured(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        calls = len(house.provider.calls)
        wait = {"parameters": {"retry_after": 1}, "ok": False, "error": "ratelimited"}
        house.provider.answers = [(500, {}, {}), (429, wait, {"Retry-After": "1"})]
        await way.deliver(house, way.said("again", n=2))
        await house.settled(way.channel)
        tries = house.provider.calls[calls:]
        assert [way.text(call) for call in tries] == ["heard: again"] * 3
        assert tries[2].at - tries[1].at >= 0.95


@every_channel
async def test_a_send_that_never_works_is_given_up_and_counted(way: Way) -> None:
    async with open_house() as house:
        house.provider.answers = [(503, {}, {})] * 50
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        assert house.counts[f"{way.channel}_send_failed"] >= 1
        assert len(house.provider.calls) <= 20


@every_channel
async def test_a_refused_send_is_not_tried_again(way: Way) -> None:
    async with open_house() as house:
        house.provider.answers = [(403, {"ok": False, "error": "channel_not_found"}, {})] * 9
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        assert house.counts[f"{way.channel}_send_refused"] == len(house.provider.calls)


@every_channel
async def test_danger_is_tried_for_longer_than_anything_else(way: Way) -> None:
    async with open_house() as house:
        house.pipelines[way.channel].outbox.pause = 0.0001
        house.provider.answers = [(503, {}, {})] * 8
        await way.deliver(house, way.said(DANGER))
        await house.settled(way.channel)
        assert holds_numbers("".join(way.texts(house)[8:]))


@every_channel
async def test_danger_overtakes_answers_that_wait_for_the_provider(way: Way) -> None:
    async with open_house() as house:
        await way.deliver(house, way.said("hello"))
        await house.settled(way.channel)
        wait = {"parameters": {"retry_after": 60}, "ok": False, "error": "ratelimited"}
        house.provider.answers = [(429, wait, {"Retry-After": "60"})]
        await way.deliver(house, way.said("again", n=2))
        while house.provider.answers:
            await asyncio.sleep(0.005)
        before = len(house.provider.calls)
        await way.deliver(house, way.said(DANGER, n=3))
        async with asyncio.timeout(10):
            while len(house.provider.calls) == before:
                await asyncio.sleep(0.005)
        assert "10111" in way.text(house.provider.calls[before])


@every_channel
async def test_the_post_is_acknowledged_before_the_provider_takes_the_answer(way: Way) -> None:
    async with open_house() as house:
        house.provider.held = asyncio.Event()
        assert await way.deliver(house, way.said("hello")) == 200
        async with asyncio.timeout(10):
            while not house.provider.calls:
                await asyncio.sleep(0.005)
        house.provider.held.set()


@every_channel
async def test_words_handles_and_numbers_are_never_logged(
    way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(text: str) -> list[Message]:
        raise RuntimeError(text)

    caplog.set_level(logging.DEBUG, logger="bot")
    async with open_house(brain=ScriptedBrain(broken)) as house:
        house.provider.answers = [(500, {}, {})] * 99
        await way.deliver(house, way.said("canary-words he keeps calling me"))
        await way.deliver(house, way.wordless(n=2))
        await house.settled(way.channel)
    log = "\n".join(
        f"{r.getMessage()} {r.exc_text}" for r in caplog.records if r.name.startswith("bot")
    )
    assert "given up" in log
    for part in ("canary", "27000000001", "900000001", "7000000000000001", "U00000001", "token"):
        assert part not in log


@every_channel
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 50_000,
        b"\xc3\xa9\x00",
        b"not json",
        b'{"update_id": {"a": 1}, "object": "page", "type": 5}',
        json.dumps({"update_id": "9" * 300, "message": {"chat": {"id": "x" * 300, "type": "private"}, "text": "a\x00b"}}).encode(),
        json.dumps({"update_id": 5, "message": {"chat": {"id": True}, "text": ["x"]}}).encode(),
        json.dumps({"object": "page", "entry": [{"messaging": [1, None, {"sender": 4}, {"sender": {"id": "1"}, "message": {"mid": 5, "text": {}}}]}, 7]}).encode(),
        json.dumps({"object": "page", "entry": [{"messaging": [{"sender": {"id": "1"}, "timestamp": 1e999, "message": {"mid": "m", "text": "\x00"}}]}]}).encode(),
        json.dumps({"type": "event_callback", "event": {"type": "message", "channel": 5, "user": [], "channel_type": "im"}}).encode(),
        json.dumps({"type": "event_callback", "event": {"type": "message", "channel": "D1", "user": "U" * 300, "text": "\ud83d", "channel_type": "im"}}).encode(),
        json.dumps({"type": "url_verification", "challenge": ["x"]}).encode(),
        b"payload=%7B%22type%22%3A",
        b"payload=" + b"%5B" * 20_000,
        b"MessageSid=SM1&From=%00&To=%2B440000000001&AccountSid=AC00000000000000000000000000000001&Body=%00",
        b"MessageSid=" + b"9" * 300 + b"&From=" + b"1" * 300 + b"&To=%2B440000000001&AccountSid=AC00000000000000000000000000000001",
        b"a=1&" * 5000,
    ],
    ids=range(20),
)  # fmt: skip
async def test_odd_bodies_are_a_4xx_or_a_reply_and_never_a_5xx(way: Way, body: bytes) -> None:
    """Signed as the provider would, so that they are read."""
    async with open_house() as house:
        status, _ = await house.post(way.channel, body, way.signed(body))
        assert status == 200 or 400 <= status < 500
        await house.settled(way.channel)
        assert f"{way.channel}_failed" not in house.counts


@every_channel
async def test_a_body_over_a_mebibyte_is_refused(way: Way) -> None:
    async with open_house() as house:
        body = b"x" * (1024 * 1024 + 10)
        status, answer = await house.post(way.channel, body, way.signed(body[:10]))
        assert status == 413
        assert b"Traceback" not in answer


@every_channel
async def test_without_its_secrets_a_channel_answers_403_to_everything(way: Way) -> None:
    from bot.channel_keys import ChannelKeys

    async with open_house(settings=replace(SETTINGS, channels=ChannelKeys())) as house:
        body = way.body(way.said("hello"))
        assert (await house.post(way.channel, body, way.signed(body)))[0] == 403
        for method in ("get", "put", "delete", "head", "options", "patch"):
            url = f"{house.url}/webhooks/{way.channel}/webhook?hub.mode=subscribe"
            async with house.http.request(method, url) as response:
                assert response.status == 403
