"""Deletes all that is kept of a conversation, and goes on trying where a part of it is down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
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
Part = Callable[[str], Awaitable[None]]


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
        self._handover = handover
        self._under_way = under_way
        self._deadline = deadline
        self._count = count
        # In this order, because the store is the likeliest to be away.
        self._parts: tuple[Part, ...] = (
            *((review.forget,) if review is not None else ()),
            order.forget,
            brain.delete,
        )
        self._trying: dict[str, asyncio.Task[None]] = {}

    @property
    def trying(self) -> bool:
        """Say whether something is still to be tried again."""
        return bool(self._trying)

    async def now(self, conversation: str, *, silent: str = "") -> None:
        """Delete, or raise when a part cannot be; every part is tried.

        ``silent`` is all that stays of it, when the person asked to hear nothing more.
        """
        _, error = await self._once(conversation, silent=silent)
        if error is not None:
            raise error

    async def surely(self, conversation: str, *, silent: str = "") -> bool:
        """Delete, and say whether it is done; what is not is tried again without anybody waiting.

        A deletion that fails for good is counted. A restart ends the tries.
        """
        left, error = await self._once(conversation, silent=silent)
        if left:
            task = asyncio.create_task(self._again(conversation, left))
            self._trying[conversation] = task
            task.add_done_callback(lambda done: self._forget_task(conversation, done))
        return error is None

    async def _once(
        self, conversation: str, *, silent: str
    ) -> tuple[tuple[Part, ...], Exception | None]:
        """Return the parts that have to be tried again, and what was wrong first."""
        earlier = self._trying.pop(conversation, None)
        if earlier is not None:
            # It would delete what begins from here on.
            earlier.cancel()
        last = self._memory.of(conversation).last
        # Before anything that can fail: whoever has left and comes back in danger is heard.
        self._memory.forget(conversation)
        if silent:
            self._memory.of(conversation).silent = silent
        wrong: Exception | None = None
        handover = self._handover()
        if handover is not None:
            try:
                await handover.forget(conversation)
            except Exception as error:  # it goes on trying by itself
                wrong = error
        if last is not None and not last.done():
            # A turn under way would write again after the deletion: it goes first.
            await asyncio.wait({last}, timeout=self._deadline)
        left, first = await self._all(conversation, self._parts)
        if last is not None and not last.done():
            self._under_way.add(asyncio.create_task(self._after(last, conversation)))
        return left, wrong or first

    async def _all(
        self, conversation: str, parts: Sequence[Part]
    ) -> tuple[tuple[Part, ...], Exception | None]:
        left: list[Part] = []
        first: Exception | None = None
        for part in parts:
            try:
                await part(conversation)
            except Exception as error:  # the others are deleted all the same
                log.error("not deleted yet: %s", type(error).__name__)
                left.append(part)
                first = first or error
        return tuple(left), first

    async def _again(self, conversation: str, parts: tuple[Part, ...]) -> None:
        for pause in self.pauses:
            await asyncio.sleep(pause)
            parts, _ = await self._all(conversation, parts)
            if not parts:
                return
        self._count("delete_failed")

    async def _after(self, last: asyncio.Task[Any], conversation: str) -> None:
        """Delete once more when a turn that hung has ended: it may have written after us."""
        await asyncio.wait({last})
        await self._all(conversation, self._parts)

    def _forget_task(self, conversation: str, done: asyncio.Task[None]) -> None:
        if self._trying.get(conversation) is done:
            del self._trying[conversation]
