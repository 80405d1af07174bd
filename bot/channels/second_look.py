"""The classifier reads words that Rasa does not get, because they go to a person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.brain import Brain
from bot.channels.plain_text import safe
from bot.channels.reply import Answer
from bot.channels.under_way import UnderWay
from knowledge.message import Message

log = logging.getLogger(__name__)


class SecondLook:
    """Looks for danger behind the word list, which has looked before; nobody's order waits for it.

    Args:
        brain: has the classifier.
        under_way: what a stop waits for.
        deadline: how long a page waits for it, in seconds.
        most: how many characters are read.
        count: counts an event by its name.
    """

    def __init__(
        self,
        brain: Brain,
        *,
        under_way: UnderWay,
        deadline: float,
        most: int,
        count: Callable[[str], None],
    ) -> None:
        self._brain = brain
        self._under_way = under_way
        self._deadline = deadline
        self._most = most
        self._count = count

    async def at(
        self, text: str, answer: Answer, *, urgent: Callable[[str], Message], pushed: bool
    ) -> None:
        """Look at a text; what it finds becomes an ``urgent`` message to ``answer``.

        Where a page waits, it comes with the next reply once the deadline is over.
        """
        if self._brain.parts.get("model"):
            return

        async def look() -> None:
            try:
                kind = await self._brain.danger_in(safe(text, self._most))
            except Exception as error:  # the word list has looked; nobody meets silence
                log.error("a second look failed: %s", type(error).__name__)
                self._count("failed")
                return
            if kind is not None:
                self._count(f"danger_seen_{kind}")
                answer(urgent(kind))

        task = asyncio.create_task(look())
        self._under_way.add(task)
        done, _ = await asyncio.wait({task}, timeout=self._deadline)
        if not done:
            answer.late = not pushed
