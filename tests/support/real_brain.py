"""The real brain with the model of this checkout, ready to answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.rasa_brain import RasaBrain
from bot.settings import Settings, local_key


def with_real_model(settings: Settings, folder: Path) -> Settings:
    """Return settings that serve the model, with a store in a folder of the test's own."""
    return replace(settings, model_key=local_key("model_key"), store=folder / "kept.db")


async def started(settings: Settings) -> RasaBrain:
    """Return a brain that has loaded; whoever asked stops it."""
    brain = RasaBrain(settings)
    brain.start()
    while brain.trouble == "starting":
        await asyncio.sleep(0.1)
    assert brain.trouble == ""
    return brain
