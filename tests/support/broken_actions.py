"""Actions that fail in a chosen way: real ones, but for one that a test breaks.

Named by ``WAYMARK_ACTIONS``; ``WAYMARK_TEST_FAULT`` says how: raise, hang, slow or component.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from rasa_sdk.executor import ActionExecutor

from actions.rasa_actions import executor as real_executor

FAULT = os.environ.get("WAYMARK_TEST_FAULT", "raise")
SECRET_WORDS = "words-that-must-stay-out-of-every-log"


def executor(**options: Any) -> ActionExecutor:
    """Return the real actions, with the evidence answer broken."""
    if FAULT == "component":
        _break_component()
    made = real_executor(**options)
    if FAULT != "component":
        made.actions["action_evidence"] = _FAULTS[FAULT]
    return made


async def _raise(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    raise RuntimeError(f"{SECRET_WORDS} {tracker.latest_message['text']}")


async def _hang(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    time.sleep(60)
    return []


async def _slow(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    await asyncio.sleep(3)
    dispatcher.utter_message(
        json_message={"kind": "answer", "text": "the late answer", "choices": []}
    )
    return []


_FAULTS = {"raise": _raise, "hang": _hang, "slow": _slow}


def _break_component() -> None:
    from bot.nlu.components import KnowledgeReader

    def sleep(self: Any, messages: list[Any]) -> list[Any]:
        time.sleep(60)
        return messages

    KnowledgeReader.process = sleep
