"""The classifier reads words that Rasa does not get: a person gets them, or nobody does."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from bot.brain import Brain
from bot.channels.plain_text import safe
from bot.channels.under_way import UnderWay
from knowledge.message import Message

log = logging.getLogger(__name__)
# One person who floods does not keep the classifier from everybody else.
MOST_LOOKS = 4
Say = Callable[[Message], None]


class SecondLook:
    """Looks for danger behind the word list, which has looked before.

    Args:
        brain: has the classifier.
        under_way: what a stop waits for.
        most: how many characters are read.
        count: counts an event by its name.
    """

    def __init__(
        self, brain: Brain, *, under_way: UnderWay, most: int, count: Callable[[str], None]
    ) -> None:
        self._brain = brain
        self._under_way = under_way
        self._most = most
        self._count = count
        self._looking: Counter[str] = Counter()

    async def at(
        self,
        conversation: str,
        text: str,
        *,
        urgent: Callable[[str], Message],
        say: Say,
        late: Say,
        patience: float,
    ) -> bool:
        """Look at a text; what is found becomes an ``urgent`` message. Say whether it was in time.

        Args:
            conversation: whose text it is.
            text: what they wrote.
            urgent: makes the message of a kind of danger.
            say: takes it.
            late: takes it once ``patience`` is over.
            patience: how long somebody waits for it, in seconds.
        """
        waited = True

        def take(message: Message) -> None:
            (say if waited else late)(message)

        task = self.begin(conversation, text, urgent=urgent, say=take)
        if task is None:
            return False
        done, _ = await asyncio.wait({task}, timeout=patience)
        waited = bool(done)
        return waited and task.result()

    def begin(
        self, conversation: str, text: str, *, urgent: Callable[[str], Message], say: Say
    ) -> asyncio.Task[bool] | None:
        """Look without waiting; the task says whether something was found."""
        if self._brain.parts.get("model"):
            return None
        if self._looking[conversation] >= MOST_LOOKS:
            self._count("look_skipped")
            return None
        self._looking[conversation] += 1
        task = asyncio.create_task(self._look(text, urgent=urgent, say=say))
        task.add_done_callback(lambda _: self._ended(conversation))
        self._under_way.add(task)
        return task

    async def _look(self, text: str, *, urgent: Callable[[str], Message], say: Say) -> bool:
        try:
            kind = await self._brain.danger_in(safe(text, self._most))
            if kind is not None:
                self._count(f"danger_seen_{kind}")
                say(urgent(kind))
            return kind is not None
        except Exception as error:  # the word list has looked; nobody meets silence
            log.error("a second look failed: %s", type(error).__name__)
            self._count("failed")
            return False

    def _ended(self, conversation: str) -> None:
        self._looking[conversation] -= 1
        if self._looking[conversation] <= 0:
            del self._looking[conversation]
