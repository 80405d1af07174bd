"""What is on its way: danger waits for nothing that is gone, and a row has an end."""

from __future__ import annotations

import asyncio

from bot.channels.outbox import MOST_IN_ROW, Attempt, Item, Outbox, Result
from bot.channels.render import Outgoing


def item(text: str, *, urgent: bool = True) -> Item:
    return Item(("1",), Outgoing(text), urgent, lambda: True)


class Provider:
    """Takes messages, or asks to wait for a minute."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.busy = True

    async def send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        self.seen.append(message.text)
        return Attempt(Result.LATER, 60.0) if self.busy else Attempt(Result.SENT)


def outbox(provider: Provider, counts: list[str]) -> Outbox:
    return Outbox(provider.send, count=counts.append)


async def seen(provider: Provider, *texts: str) -> None:
    async with asyncio.timeout(2):
        while provider.seen != list(texts):
            await asyncio.sleep(0.005)


async def test_who_left_and_writes_again_does_not_wait_for_what_was_thrown_away() -> None:
    for urgent in (True, False):
        provider = Provider()
        box = outbox(provider, [])
        box.put("one", item("old", urgent=urgent))
        await seen(provider, "old")
        box.clear("one")
        provider.busy = False
        box.put("one", item("new", urgent=urgent))
        await seen(provider, "old", "new")
        await box.close(patience=1)
        assert box.waiting == 0


async def test_a_row_has_an_end_and_yet_no_other_danger_is_left_out() -> None:
    counts: list[str] = []
    provider = Provider()
    box = outbox(provider, counts)
    for n in range(MOST_IN_ROW):
        box.put("one", item(f"{n % 2}"))
    box.put("one", item("1"))
    assert box.waiting == MOST_IN_ROW and counts == ["send_dropped"]
    box.put("one", item("another"))
    assert box.waiting == MOST_IN_ROW + 1
    await box.close(patience=0)
