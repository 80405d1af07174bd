"""Deletes all that is kept of a conversation, and goes on trying where a part of it is down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bot.brain import Brain
from bot.channels.memory import Memory
from bot.channels.under_way import UnderWay
from bot.handoff.handover import Handover
from bot.order.model import Order
from bot.review.desk import ReviewDesk

log = logging.getLogger(__name__)
# What is still there after the last try goes with its retention.
PAUSES = (5.0, 60.0, 600.0)


class Deletion:
    """Knows every place that keeps something of a conversation.

    Args:
        memory: what this process remembers.
        brain: the store behind it.
        order: what several processes share.
        review: what waits for a maintainer, if anything may.
        handover: returns the hand-offs, if there are any.
        under_way: what a stop waits for.
        deadline: how long a turn under way may take, in seconds.
        count: counts an event by its name.
    """

    def __init__(
        self,
        *,
        memory: Memory,
        brain: Brain,
        order: Order,
        review: ReviewDesk | None,
        handover: Callable[[], Handover | None],
        under_way: UnderWay,
        deadline: float,
        count: Callable[[str], None],
    ) -> None:
        self.pauses = PAUSES
        self._memory = memory
        self._brain = brain
        self._order = order
        self._review = review
        self._handover = handover
        self._under_way = under_way
        self._deadline = deadline
        self._count = count
        self._trying: set[asyncio.Task[None]] = set()

    async def now(self, conversation: str, *, silent: str = "") -> None:
        """Delete, or raise when a part cannot be.

        ``silent`` is all that stays of it, when the person asked to hear nothing more.
        """
        last = self._memory.of(conversation).last
        handover = self._handover()
        if handover is not None:
            await handover.forget(conversation)
        self._memory.forget(conversation)
        if silent:
            self._memory.of(conversation).silent = silent
        if self._review is not None:
            await self._review.forget(conversation)
        if last is not None and not last.done():
            # A turn under way would write again after the deletion: it goes first.
            await asyncio.wait({last}, timeout=self._deadline)
        await self._brain.delete(conversation)
        await self._order.forget(conversation)
        if last is not None and not last.done():
            self._under_way.add(asyncio.create_task(self._after(last, conversation)))

    async def surely(self, conversation: str, *, silent: str = "") -> bool:
        """Delete, and say whether it is done; what is not is tried again without anybody waiting.

        A deletion that fails for good is counted. A restart ends the tries.
        """
        try:
            await self.now(conversation, silent=silent)
        except Exception as error:
            log.error("not deleted yet: %s", type(error).__name__)
            task = asyncio.create_task(self._again(conversation))
            self._trying.add(task)
            task.add_done_callback(self._trying.discard)
            return False
        return True

    @property
    def trying(self) -> bool:
        """Say whether something is still to be tried again."""
        return bool(self._trying)

    async def _again(self, conversation: str) -> None:
        for pause in self.pauses:
            await asyncio.sleep(pause)
            try:
                # Who began again in the meantime is heard.
                await self.now(conversation, silent=self._memory.of(conversation).silent)
                return
            except Exception as error:
                log.error("not deleted yet: %s", type(error).__name__)
        self._count("delete_failed")

    async def _after(self, last: asyncio.Task[Any], conversation: str) -> None:
        """Delete once more when a turn that hung has ended."""
        await asyncio.wait({last})
        await self._brain.delete(conversation)
