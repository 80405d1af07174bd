"""Telegram from an update to the sent answer."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.channels.support import DANGER, KEYS, House, fixture, open_house


def headers() -> dict[str, str]:
    assert KEYS.telegram is not None
    return {
        "Content-Type": "application/json",
        "X-Telegram-Bot-Api-Secret-Token": KEYS.telegram.secret,
    }


def update(text: str, *, n: int = 1, sender: int = 900000001) -> dict[str, Any]:
    made = fixture("telegram_message")
    made["update_id"] += n
    message = made["message"]
    message["text"], message["date"] = text, int(time.time())
    message["from"]["id"] = message["chat"]["id"] = sender
    return made


async def deliver(house: House, made: dict[str, Any]) -> int:
    status, _ = await house.post("telegram", json.dumps(made).encode(), headers())
    return status


async def test_a_message_is_answered_in_the_chat_it_came_from() -> None:
    async with open_house() as house:
        assert await deliver(house, update("what evidence should i keep")) == 200
        await house.settled("telegram")
        assert house.brain.texts == ["what evidence should i keep"]
        texts = [call.body["text"] for call in house.provider.calls]
        assert "computer program" in texts[0]
        assert texts[1] == "heard: what evidence should i keep"
        assert {call.body["chat_id"] for call in house.provider.calls} == {"900000001"}
        assert "700002" not in str(house.counts)


async def test_danger_comes_before_the_welcome() -> None:
    async with open_house() as house:
        await deliver(house, update(DANGER))
        await house.settled("telegram")
        texts = [call.body["text"] for call in house.provider.calls]
        assert "10111" in texts[0] and "999" in texts[0]
        assert "computer program" in "".join(texts[1:])
