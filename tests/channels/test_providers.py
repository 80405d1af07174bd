"""What only one provider does: batches, echoes, groups, mentions, live places, waiting signs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.channels.support import DANGER, FIXTURES, fixture, open_house
from tests.channels.ways import MessengerWay, SlackWay, TelegramWay

MESSENGER, TELEGRAM, SLACK = MessengerWay(), TelegramWay(), SlackWay()


def now(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a fixture as if it were sent now."""
    text = json.dumps(payload)
    stamp = int(time.time())
    for old in ("1795500000", "1795500060", "1795500010"):
        text = text.replace(old, str(stamp))
    return dict(json.loads(text))


def without(node: Any, path: list[str]) -> None:
    """Remove the field at a path, in every element of a list on the way."""
    if isinstance(node, list):
        for item in node:
            without(item, path)
    elif isinstance(node, dict) and len(path) == 1:
        node.pop(path[0], None)
    elif isinstance(node, dict):
        without(node.get(path[0]), path[1:])


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_each_payload_names_its_page_and_holds_a_field_that_is_ignored(path: Path) -> None:
    """Fields that we ignore change nothing: with and without them the events are the same."""
    from bot.channels.events import Post
    from bot.channels.messaging import channels
    from tests.channels.support import SETTINGS
    from tests.channels.ways import WAYS

    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["documented_at"].startswith("https://") and len(made["read_on"]) == 10
    assert made["ignored"]
    name = path.stem.partition("_")[0]
    channel = next(c for c in channels(SETTINGS) if c.name == name)
    way = next(w for w in WAYS if w.channel == name)
    bare = json.loads(json.dumps(made["payload"]))
    for field in made["ignored"]:
        before = json.dumps(bare)
        for prefix in ([], ["entry", "messaging"], ["entry"]):
            without(bare, [*prefix, *field.removeprefix("entry.").split(".")])
        assert json.dumps(bare) != before, field
    parsed = []
    for payload in (made["payload"], bare):
        body = way.body(payload)
        headers = {key.lower(): value for key, value in way.signed(body).items()}
        parsed.append(channel.parse(Post(body, headers, "", time.time())))
    assert parsed[0] == parsed[1]


async def test_a_batch_of_three_gives_three_turns_in_order() -> None:
    async with open_house() as house:
        assert await MESSENGER.deliver(house, now(fixture("messenger_batch"))) == 200
        await house.settled("messenger")
        assert house.brain.texts == ["first", "second", "third"]


async def test_danger_inside_a_batch_is_answered_first() -> None:
    async with open_house() as house:
        batch = MESSENGER.batch("hello", "my ex found me", DANGER, "please")
        await MESSENGER.deliver(house, batch)
        await house.settled("messenger")
        assert "10111" in MESSENGER.texts(house)[0]
        assert len(house.brain.asked) == 4


async def test_one_bad_event_of_a_batch_does_not_lose_the_others() -> None:
    async with open_house() as house:
        batch = MESSENGER.batch("first", "second")
        batch["entry"][0]["messaging"].insert(1, {"sender": 5, "message": ["x"]})
        batch["entry"].insert(0, "nonsense")
        assert await MESSENGER.deliver(house, batch) == 200
        await house.settled("messenger")
        assert house.brain.texts == ["first", "second"]


@pytest.mark.parametrize("name", ["messenger_echo", "messenger_read"])
async def test_our_own_echoes_and_receipts_are_no_messages(name: str) -> None:
    async with open_house() as house:
        assert await MESSENGER.deliver(house, now(fixture(name))) == 200
        await house.settled("messenger")
        assert house.provider.calls == []


async def test_the_start_button_of_a_page_brings_the_welcome() -> None:
    async with open_house() as house:
        await MESSENGER.deliver(house, now(fixture("messenger_postback")))
        await house.settled("messenger")
        assert "computer program" in MESSENGER.texts(house)[0]
        assert house.brain.asked == []


async def test_the_pages_token_is_in_no_address() -> None:
    async with open_house() as house:
        await MESSENGER.deliver(house, MESSENGER.said("hello"))
        await house.settled("messenger")
        assert all("page-token" not in call.path for call in house.provider.calls)
        assert house.provider.calls[0].headers["Authorization"] == "Bearer page-token"
        assert house.provider.calls[0].body["messaging_type"] == "RESPONSE"


async def test_messengers_rate_limit_with_another_status_is_tried_again() -> None:
    async with open_house() as house:
        house.provider.answers = [(400, {"error": {"code": 613, "message": "x"}}, {})]
        await MESSENGER.deliver(house, MESSENGER.said("hello"))
        await house.settled("messenger")
        assert house.counts["messenger_send_retried"] == 1
        assert "messenger_send_refused" not in house.counts


async def test_start_on_telegram_brings_the_welcome_but_never_hides_danger() -> None:
    async with open_house() as house:
        await TELEGRAM.deliver(house, TELEGRAM.said("/start"))
        await TELEGRAM.deliver(house, TELEGRAM.said("/start page-7", n=2))
        await house.settled("telegram")
        assert house.brain.asked == []
        assert all("computer program" in text for text in TELEGRAM.texts(house))
        before = len(TELEGRAM.texts(house))
        await TELEGRAM.deliver(house, TELEGRAM.said(f"/start {DANGER}", n=3))
        await house.settled("telegram")
        assert "10111" in TELEGRAM.texts(house)[before]


@pytest.mark.parametrize("text", ["/exit", "/exit@waymark_bot", "/stop", "stop"])
async def test_telegrams_commands_work_with_and_without_the_slash(text: str) -> None:
    async with open_house() as house:
        await TELEGRAM.deliver(house, TELEGRAM.said(text))
        await house.settled("telegram")
        assert TELEGRAM.texts(house) == ["Thanks, all done."]


async def test_a_message_is_answered_in_the_chat_it_came_from() -> None:
    async with open_house() as house:
        await TELEGRAM.deliver(house, TELEGRAM.said("hello", who=3))
        await house.settled("telegram")
        assert {call.body["chat_id"] for call in house.provider.calls} == {"900000003"}


async def test_a_button_pressed_where_others_read_along_is_refused_like_words() -> None:
    async with open_house() as house:
        slack, telegram = (
            SLACK.pressed("I cannot call", "x"),
            TELEGRAM.pressed("I cannot call", "x"),
        )
        slack["channel"] = {"id": "C00000009", "name": "general"}
        telegram["callback_query"]["message"]["chat"] = {"id": -100700, "type": "supergroup"}
        for way, payload in ((SLACK, slack), (TELEGRAM, telegram)):
            await way.deliver(house, payload)
            await house.settled(way.channel)
            (text,) = way.texts(house)[-1:]
            assert "one person at a time" in text
        assert house.brain.asked == []
        assert house.provider.calls[0].path == "/api/chat.postEphemeral"
        assert house.provider.calls[0].body["user"] == "U00000001"


async def test_each_writer_in_a_channel_is_told_where_only_they_see_it() -> None:
    async with open_house() as house:
        for n, user in enumerate(("U00000001", "U00000002", "U00000001")):
            payload = now(fixture("slack_mention"))
            payload["event"].update(user=user, ts=f"{int(time.time())}.{n:06}")
            await SLACK.deliver(house, payload)
        await house.settled("slack")
        assert [c.body["user"] for c in house.provider.calls] == ["U00000001", "U00000002"]


async def test_a_group_is_refused_kindly_and_once() -> None:
    async with open_house() as house:
        for n in range(5):
            payload = now(fixture("telegram_group"))
            payload["update_id"] += n
            payload["message"]["from"]["id"] += n % 2
            assert await TELEGRAM.deliver(house, payload) == 200
        await house.settled("telegram")
        texts = TELEGRAM.texts(house)
        assert len(texts) == 1 and "one person at a time" in texts[0]
        assert {call.body["chat_id"] for call in house.provider.calls} == {"-100700"}
        assert house.brain.asked == []


async def test_danger_in_a_group_is_answered_and_members_are_not_mixed() -> None:
    async with open_house() as house:
        first, second, danger = (now(fixture("telegram_group")) for _ in range(3))
        first["message"]["text"] = "he is standing"
        second["update_id"], second["message"]["text"] = 2, "outside my door"
        second["message"]["from"]["id"] += 1
        for payload in (first, second):
            await TELEGRAM.deliver(house, payload)
        await house.settled("telegram")
        assert not any("10111" in text and "call:" in text for text in TELEGRAM.texts(house)[1:])
        danger["update_id"], danger["message"]["text"] = 3, DANGER
        await TELEGRAM.deliver(house, danger)
        await house.settled("telegram")
        assert "10111" in TELEGRAM.texts(house)[-1]


async def test_danger_in_a_change_to_a_message_of_two_days_ago_is_answered() -> None:
    async with open_house() as house:
        payload = now(fixture("telegram_edit"))
        payload["edited_message"].update(date=int(time.time()) - 47 * 3600, text=DANGER)
        assert await TELEGRAM.deliver(house, payload) == 200
        await house.settled("telegram")
        assert "10111" in TELEGRAM.texts(house)[0]


async def test_long_ids_that_differ_at_their_end_only_are_two_people() -> None:
    async with open_house() as house:
        for n, end in enumerate("ab"):
            said = TELEGRAM.said("hello", n=n + 1)
            said["message"]["chat"]["id"] = said["message"]["from"]["id"] = "x" * 300 + end
            assert await TELEGRAM.deliver(house, said) == 200
        await house.settled("telegram")
        assert len({conversation for conversation, _ in house.brain.asked}) == 2


@pytest.mark.parametrize("name", ["telegram_sticker", "telegram_voice", "telegram_location"])
async def test_stickers_voice_and_places_get_a_sentence(name: str) -> None:
    async with open_house() as house:
        await TELEGRAM.deliver(house, now(fixture(name)))
        await house.settled("telegram")
        assert "only read words" in TELEGRAM.texts(house)[-1]


async def test_a_moving_place_and_unknown_updates_are_passed_over() -> None:
    async with open_house() as house:
        moving = now(fixture("telegram_location"))
        moving["edited_message"] = moving.pop("message")
        assert await TELEGRAM.deliver(house, moving) == 200
        assert await TELEGRAM.deliver(house, now(fixture("telegram_reaction"))) == 200
        assert await TELEGRAM.deliver(house, {"update_id": 5, "of_tomorrow": {"a": 1}}) == 200
        await house.settled("telegram")
        assert house.provider.calls == []


async def test_a_pressed_button_stops_waiting() -> None:
    async with open_house() as house:
        await TELEGRAM.deliver(house, now(fixture("telegram_callback")))
        await house.settled("telegram")
        receipts = [c for c in house.provider.calls if c.path.endswith("/answerCallbackQuery")]
        assert [call.body for call in receipts] == [{"callback_query_id": "4382"}]


async def test_no_preview_is_made_of_an_address() -> None:
    async with open_house() as house:
        await TELEGRAM.deliver(house, TELEGRAM.said("hello"))
        await SLACK.deliver(house, SLACK.said("hello"))
        await house.settled("telegram")
        await house.settled("slack")
        for call in house.provider.calls:
            preview = call.body.get("link_preview_options", {}).get("is_disabled")
            assert preview is True or call.body["unfurl_links"] is False


async def test_a_mention_in_a_channel_is_refused_where_only_the_writer_sees_it() -> None:
    async with open_house() as house:
        payload = now(fixture("slack_mention"))
        twice = json.loads(json.dumps(payload))
        twice["event"].update(type="message", channel_type="channel")
        twice["event_id"] = "Ev00000099"
        for made in (payload, twice):
            assert await SLACK.deliver(house, made) == 200
        await house.settled("slack")
        assert [call.path for call in house.provider.calls] == ["/api/chat.postEphemeral"]
        assert house.provider.calls[0].body["user"] == "U00000001"
        assert house.brain.asked == []


async def test_slacks_own_bot_messages_and_unchanged_edits_are_passed_over() -> None:
    async with open_house() as house:
        same = now(fixture("slack_edit"))
        same["event"]["message"]["text"] = same["event"]["previous_message"]["text"]
        for payload in (now(fixture("slack_bot")), same, {"type": "event_callback"}, {"type": "x"}):
            assert await SLACK.deliver(house, payload) == 200
        await house.settled("slack")
        assert house.provider.calls == []


async def test_slack_delivering_again_after_a_slow_answer_gives_one_turn() -> None:
    async with open_house() as house:
        payload = SLACK.said("once")
        body = SLACK.body(payload)
        for reason in ("http_timeout", "http_error", "connection_failed"):
            headers = {
                **SLACK.signed(body),
                "X-Slack-Retry-Num": "1",
                "X-Slack-Retry-Reason": reason,
            }
            assert (await house.post("slack", body, headers))[0] == 200
        await house.settled("slack")
        assert house.brain.texts == ["once"]


async def test_json_with_a_charset_is_still_json() -> None:
    async with open_house() as house:
        body = SLACK.body(SLACK.said("hello"))
        headers = {**SLACK.signed(body), "Content-Type": "application/json; charset=utf-8"}
        assert (await house.post("slack", body, headers))[0] == 200
        await house.settled("slack")
        assert house.brain.texts == ["hello"]


async def test_slacks_refusal_with_a_200_is_seen() -> None:
    async with open_house() as house:
        house.provider.answers = [
            (200, {"ok": False, "error": "fatal_error"}, {}),
            (200, {"ok": False, "error": "is_archived"}, {}),
        ]
        await SLACK.deliver(house, SLACK.said("hello"))
        await house.settled("slack")
        assert house.counts["slack_send_retried"] == 1
        assert house.counts["slack_send_refused"] == 1


async def test_a_providers_answer_that_comes_in_parts_is_read_whole() -> None:
    async with open_house() as house:
        house.provider.parts = 3
        house.provider.answers = [(200, {"ok": False, "error": "ratelimited"}, {})]
        await SLACK.deliver(house, SLACK.said("hello"))
        await house.settled("slack")
        assert house.counts["slack_send_retried"] == 1
        assert "slack_send_refused" not in house.counts


async def test_with_no_room_danger_is_answered_and_the_rest_comes_again(monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.channels.pipeline.MOST_IN_HAND", 0)
    async with open_house() as house:
        assert await TELEGRAM.deliver(house, TELEGRAM.said("hello")) == 429
        assert await TELEGRAM.deliver(house, TELEGRAM.said(DANGER, n=2)) == 200
        await house.settled("telegram")
        assert "10111" in TELEGRAM.texts(house)[0]
        monkeypatch.setattr("bot.channels.pipeline.MOST_IN_HAND", 1000)
        assert await TELEGRAM.deliver(house, TELEGRAM.said("hello")) == 200
        await house.settled("telegram")
        assert house.brain.texts == ["hello"]
