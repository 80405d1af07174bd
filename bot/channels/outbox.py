"""Sends in order for each conversation, urgent messages first, and gives up honestly."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from bot.channels.render import Outgoing

log = logging.getLogger(__name__)
ATTEMPTS = 5
PAUSE = 0.5
LONGEST_WAIT = 120.0
# A number to call is worth many more tries, and no long wait.
URGENT_ATTEMPTS = 20
URGENT_WAIT = 30.0
AT_ONCE = 16
MOST_IN_ROW = 60


class Result(Enum):
    """How one attempt to send ended."""

    SENT = "sent"
    # Busy, slow or broken at the moment: worth another try.
    LATER = "later"
    # Blocked, gone or not accepted: another try would end the same.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt; ``after`` is how long the provider asked us to wait."""

    result: Result
    after: float | None = None


@dataclass(slots=True)
class Item:
    """One message on its way. ``allowed`` is asked right before each attempt.

    ``done`` hears whether it was sent or given up; of what was cleared it hears nothing.
    """

    address: tuple[str, ...]
    message: Outgoing
    urgent: bool
    allowed: Callable[[], bool]
    done: Callable[[bool], None] | None = None
    attempts: int = 0
    not_before: float = 0.0


Send = Callable[[tuple[str, ...], Outgoing], Awaitable[Attempt]]


@dataclass(slots=True)
class _Lane:
    urgent: deque[Item] = field(default_factory=deque)
    ordinary: deque[Item] = field(default_factory=deque)
    tasks: dict[bool, asyncio.Task[None]] = field(default_factory=dict)
    calm: asyncio.Event = field(default_factory=asyncio.Event)
    cleared: asyncio.Event = field(default_factory=asyncio.Event)


class Outbox:
    """One queue for each conversation, each with a lane for danger that nothing holds up."""

    def __init__(self, send: Send, *, count: Callable[[str], None]) -> None:
        self._send = send
        self._count = count
        self.pause = PAUSE
        self._lanes: dict[str, _Lane] = {}
        # All that is not urgent goes through here, so that a connection is free for what is.
        self.gate = asyncio.Semaphore(AT_ONCE)

    def put(self, conversation: str, item: Item) -> None:
        """Queue a message; it is sent from here on without anybody waiting for it."""
        lane = self._lanes.setdefault(conversation, _Lane())
        row = lane.urgent if item.urgent else lane.ordinary
        if len(row) >= MOST_IN_ROW and not (item.urgent and _is_new(item, row)):
            self._count("send_dropped")
            _tell(item, sent=False)
            return
        row.append(item)
        if item.urgent:
            lane.calm.clear()
        if item.urgent not in lane.tasks:
            task = asyncio.create_task(self._drain(conversation, lane, row, urgent=item.urgent))
            lane.tasks[item.urgent] = task

    def clear(self, conversation: str) -> None:
        """Forget what was not sent yet: the person has left."""
        lane = self._lanes.get(conversation)
        if lane is not None:
            lane.urgent.clear()
            lane.ordinary.clear()
            lane.calm.set()
            # What comes next does not wait for the time of what is gone.
            lane.cleared.set()
            lane.cleared = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Return how many messages are on their way."""
        return sum(len(lane.urgent) + len(lane.ordinary) for lane in self._lanes.values())

    async def close(self, *, patience: float) -> None:
        """Give what is on its way a last chance, then stop."""
        tasks = {task for lane in self._lanes.values() for task in lane.tasks.values()}
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=patience)
            for task in left:
                task.cancel()

    async def _drain(
        self, conversation: str, lane: _Lane, row: deque[Item], *, urgent: bool
    ) -> None:
        try:
            while row:
                item = row[0]
                wait = item.not_before - time.monotonic()
                if wait > 0:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(wait):
                            await lane.cleared.wait()
                elif not urgent and lane.urgent:
                    await lane.calm.wait()
                else:
                    done = await self._attempt(item)
                    if done and row and row[0] is item:
                        row.popleft()
        finally:
            if urgent:
                lane.calm.set()
            lane.tasks.pop(urgent, None)
            if not lane.tasks:
                self._lanes.pop(conversation, None)

    async def _attempt(self, item: Item) -> bool:
        """Try once; return whether the message needs no other try."""
        if not item.allowed():
            _tell(item, sent=False)
            return True
        attempt = await self._tried(item)
        if attempt.result is Result.SENT:
            self._count("sent")
            _tell(item, sent=True)
            return True
        item.attempts += 1
        if attempt.result is Result.REFUSED:
            self._count("send_refused")
            _tell(item, sent=False)
            return True
        wait = attempt.after
        if wait is None:
            wait = self.pause * 2**item.attempts * random.uniform(0.5, 1.0)
        if item.urgent:
            wait, given_up = min(wait, URGENT_WAIT), item.attempts >= URGENT_ATTEMPTS
        else:
            given_up = item.attempts >= ATTEMPTS or wait > LONGEST_WAIT
        if given_up:
            log.error("a message was given up after %d attempts", item.attempts)
            self._count("send_failed")
            _tell(item, sent=False)
            return True
        self._count("send_retried")
        item.not_before = time.monotonic() + wait
        return False

    async def _tried(self, item: Item) -> Attempt:
        try:
            if item.urgent:
                return await self._send(item.address, item.message)
            async with self.gate:
                return await self._send(item.address, item.message)
        except Exception as error:  # one that slipped through must not stop the queue
            log.error("sending failed: %s", type(error).__name__)
            return Attempt(Result.LATER)


def _tell(item: Item, *, sent: bool) -> None:
    if item.done is not None:
        item.done(sent)


def _is_new(item: Item, row: deque[Item]) -> bool:
    """Say whether its words do not wait in the row already."""
    return all(item.message.text != waiting.message.text for waiting in row)
