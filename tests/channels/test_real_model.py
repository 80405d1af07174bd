"""The whole way with the real model: a report, a choice, the data, and the way out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.gsm7 import segments
from bot.rasa_brain import RasaBrain
from tests.channels.support import SETTINGS, House, open_house
from tests.channels.ways import WAYS, Way
from tests.support.real_brain import started, with_real_model


class Held:
    """A brain that the test started itself; the server neither starts nor stops it."""

    def __init__(self, brain: RasaBrain) -> None:
        self._brain = brain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._brain, name)


async def say(house: House, way: Way, text: str, n: int) -> str:
    before = len(way.texts(house))
    assert await way.deliver(house, way.said(text, n=n)) == 200
    await house.settled(way.channel, within=60)
    return "\n".join(way.texts(house)[before:])


@pytest.mark.timeout(600)
async def test_a_conversation_on_every_channel(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = with_real_model(replace(SETTINGS, deadline=30.0), tmp_path)
    brain = await started(settings)
    try:
        for way in WAYS:
            async with open_house(brain=Held(brain), settings=settings) as house:  # type: ignore[arg-type]
                await one_conversation(house, way, brain)
    finally:
        brain.stop()
    assert "canary" not in caplog.text and "27000000001" not in caplog.text


async def one_conversation(house: House, way: Way, brain: RasaBrain) -> None:
    said = await say(
        house, way, "my ex keeps posting my address and my photos, canary, im in durban", 1
    )
    assert "computer program" in said and "10111" in said
    page, n = said, 100
    while "Write MORE for the rest." in page:
        n += 1
        page = await say(house, way, "more", n)
        said += page
    number = re.search(r"(\d+)\. What to keep", said)
    titles = (
        [title for call in house.provider.calls for title, _ in way.titles(call)]
        if not number
        else []
    )
    assert number or "What to keep" in titles
    kept = await say(house, way, number[1] if number else "what to keep", 20)
    assert "before anything is deleted" in kept
    urgent = await say(house, way, "he is outside my door with a knife", 21)
    # The home is known by now: its number, and no other country's.
    assert "10111" in urgent and "999" not in urgent
    data = await say(house, way, "give me my data", 22)
    for n in range(30, 60):
        if "canary" in data:
            break
        data += await say(house, way, "more", n)
    assert "canary" in data
    (conversation,) = house.pipelines[way.channel].turn.memory._kept
    assert await brain.export(conversation)
    assert await say(house, way, "exit", 70) == "Thanks, all done."
    assert await brain.export(conversation) == []
    if way.name == "sms":
        assert all(segments(text) <= 3 for text in way.texts(house))
