"""One conversation's messages stay in order between processes, and Redis never holds anybody up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.brain import Outcome, turn_fence
from bot.channels.memory import Kept, Memory
from bot.channels.turn import Incoming, Turn
from bot.danger import load_patterns
from bot.order.link import PAUSE
from bot.order.over_redis import RedisOrder
from bot.settings import Settings
from bot.stores.conversations import Conversations
from bot.stores.errors import LateWriter
from bot.stores.keys import Keyring
from knowledge.base import Knowledge
from knowledge.loader import FOLDER
from knowledge.message import Message
from knowledge.words import Words
from tests.stores.conftest import CANARY, KEY, open_store, store_settings, turn
from tests.support.services import Redis

LEASE = 1.5
PATTERNS = load_patterns(Path(FOLDER) / "danger")


@pytest.fixture
async def orders(redis: Redis) -> AsyncIterator[Callable[[], RedisOrder]]:
    """Return a way to make the order of one more process."""
    made: list[RedisOrder] = []

    def make() -> RedisOrder:
        made.append(RedisOrder(redis.url, Keyring(KEY), lease=LEASE))
        return made[-1]

    yield make
    for order in made:
        await order.close()


async def test_messages_that_arrive_at_two_processes_are_answered_in_order_one_at_a_time(
    orders: Callable[[], RedisOrder],
) -> None:
    processes = [orders(), orders()]
    answered: dict[str, list[int]] = {}
    fences: dict[str, list[int]] = {}
    inside: set[str] = set()

    async def answer(conversation: str, number: int, place: Any) -> None:
        async with place:
            fence = await place.turn()
            assert conversation not in inside, "two at a time"
            inside.add(conversation)
            await asyncio.sleep(0.002)
            inside.discard(conversation)
            answered.setdefault(conversation, []).append(number)
            fences.setdefault(conversation, []).append(fence)

    tasks = []
    for number in range(8):
        for conversation in (f"web-{n}" for n in range(15)):
            place = processes[number % 2].enter(conversation)
            # A message has arrived when its process has asked for its place.
            await place.asking
            tasks.append(asyncio.create_task(answer(conversation, number, place)))
    await asyncio.gather(*tasks)
    assert all(numbers == list(range(8)) for numbers in answered.values())
    assert all(numbers == sorted(set(numbers)) for numbers in fences.values())
    assert len(answered) == 15


@pytest.mark.timed
async def test_who_stops_in_the_middle_is_overtaken_and_cannot_write_late(
    orders: Callable[[], RedisOrder], tmp_path: Path
) -> None:
    """As a process that is frozen or killed while it has the turn."""
    database, store = open_store(store_settings(tmp_path))
    first, second = orders(), orders()
    stopped = first.enter("web-1")
    number = await stopped.turn()
    stopped._beat.cancel()
    started = time.monotonic()
    async with second.enter("web-1") as place:
        later = await place.turn()
        assert time.monotonic() - started < LEASE + 1
        store.append("web-1", turn("in time", fence=later))
    with pytest.raises(LateWriter):
        store.append("web-1", turn("late", fence=number))
    assert texts(store) == ["in time"]
    database.close()


@pytest.mark.timed
async def test_who_hangs_but_lives_keeps_its_place(orders: Callable[[], RedisOrder]) -> None:
    first, second = orders(), orders()
    async with first.enter("web-1") as place:
        await place.turn()
        waiting = asyncio.create_task(second.enter("web-1").turn())
        await asyncio.sleep(2 * LEASE)
        assert not waiting.done()
    assert await asyncio.wait_for(waiting, 1) is not None


async def test_numbers_rise_even_when_redis_has_lost_everything(
    orders: Callable[[], RedisOrder], redis: Redis
) -> None:
    async with orders().enter("web-1") as place:
        before = await place.turn()
    redis.kill()
    redis.start()
    async with orders().enter("web-1") as place:
        after = await place.turn()
    assert before is not None and after is not None and after > before


@pytest.mark.timed
@pytest.mark.parametrize("fault", ["kill", "freeze"])
async def test_without_redis_each_process_goes_on_at_once_and_returns_when_it_is_back(
    orders: Callable[[], RedisOrder], redis: Redis, fault: str
) -> None:
    order = orders()
    async with order.enter("web-1") as place:
        assert await place.turn() is not None
    getattr(redis, fault)()
    for within in (2.0, 0.3):
        started = time.monotonic()
        async with order.enter("web-1") as place:
            assert await place.turn() is None
        assert await order.exchange("web-1", "words") is not None
        assert await order.answered("web-1", "id") is None
        assert time.monotonic() - started < within, "only the first may wait"
    assert "WAYMARK_REDIS" in order.trouble
    redis.start() if fault == "kill" else redis.thaw()
    await asyncio.sleep(PAUSE + 0.1)
    async with order.enter("web-1") as place:
        assert await place.turn() is not None
    assert order.trouble == ""


async def test_texts_home_and_replies_are_shared_sealed_and_forgotten(
    orders: Callable[[], RedisOrder], redis: Redis
) -> None:
    one, two = orders(), orders()
    reply = (Message("answer", CANARY),)
    await one.exchange("web-conversation-id", CANARY)
    await one.tell_home("web-conversation-id", "scotland")
    await one.keep_reply("web-conversation-id", "message-1", reply)
    shared = await two.exchange("web-conversation-id", "more")
    assert shared.texts == (CANARY,) and shared.home == "scotland"
    assert await two.answered("web-conversation-id", "message-1") == reply
    assert await two.answered("web-conversation-id", "message-2") is None
    await one.keep_choices("web-conversation-id", {"id-9": f"/ask {CANARY}"})
    assert await two.choice("web-conversation-id", "id-9") == f"/ask {CANARY}"
    assert await two.choice("web-conversation-id", "id-8") is None
    stored = await everything(one)
    assert len(stored) > 500
    for secret in (CANARY, "scotland", "web-conversation-id", "message-1"):
        assert secret.encode() not in stored
    await two.forget("web-conversation-id")
    assert (await one.exchange("web-conversation-id", "new")).texts == ()
    assert await one.answered("web-conversation-id", "message-1") == ()
    assert await one.choice("web-conversation-id", "id-9") is None


async def test_every_key_in_redis_ends_by_itself(
    orders: Callable[[], RedisOrder],
) -> None:
    order = orders()
    await order.exchange("web-1", CANARY)
    await order.tell_home("web-1", "scotland")
    await order.keep_reply("web-1", "id", ())
    await order.keep_choices("web-1", {"id": "/ask"})
    place = order.enter("web-1")
    await place.turn()
    client = order.link._client
    assert client is not None
    keys = await client.keys("*")
    assert len(keys) >= 6
    for key in keys:
        assert await client.ttl(key) > 0, key


class Brain:
    """Remembers what it was asked, with the fencing number that came along."""

    trouble = ""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int | None]] = []

    def home_in(self, text: str) -> str | None:
        return None

    async def answer(self, conversation: str, text: str, **callbacks: Any) -> Outcome:
        self.asked.append((text, turn_fence.get()))
        callbacks["on_message"](Message("answer", f"heard: {text}"))
        return Outcome(home="scotland")

    async def danger_in(self, text: str) -> str | None:
        return None

    async def delete(self, conversation: str) -> None:
        return None

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        return []


@pytest.fixture
def process(
    orders: Callable[[], RedisOrder], knowledge: Knowledge, words: Words
) -> Callable[[Brain], Turn]:
    """Return a way to make the turn of one more process."""

    def make(brain: Brain) -> Turn:
        return Turn(
            settings=Settings(),
            knowledge=knowledge,
            words=words,
            patterns=PATTERNS,
            brain=brain,
            memory=Memory(),
            order=orders(),
        )

    return make


async def say(turn: Turn, text: str, id: str = "") -> list[Message]:
    got: list[Message] = []
    await turn.take("web-1", Incoming(text=text, id=id), got.append)
    return got


@pytest.mark.timed
async def test_a_danger_split_over_two_processes_is_found_first_and_for_the_right_place(
    process: Callable[[Brain], Turn], redis: Redis
) -> None:
    one, two = process(Brain()), process(Brain())
    await say(one, "he is outside my door")
    got = await say(two, "with a knife")
    assert [m.kind for m in got] == ["emergency", "answer"]
    assert "999" in got[0].text and "10111" not in got[0].text
    redis.kill()
    started = time.monotonic()
    got = await say(two, "he is going to kill me tonight")
    assert got[0].kind == "emergency"
    assert time.monotonic() - started < 1.5


@pytest.mark.timed
async def test_a_danger_leaves_before_a_redis_that_hangs_is_asked(
    process: Callable[[Brain], Turn], redis: Redis
) -> None:
    turn = process(Brain())
    await say(turn, "hello")
    redis.freeze()
    started = time.monotonic()
    first: list[float] = []
    await turn.take(
        "web-1",
        Incoming(text="he is outside my door with a knife"),
        lambda message: first.append(time.monotonic() - started),
    )
    assert first[0] < 0.1


async def test_a_message_that_comes_to_a_second_process_again_is_answered_and_not_asked_again(
    process: Callable[[Brain], Turn],
) -> None:
    brains = Brain(), Brain()
    one, two = process(brains[0]), process(brains[1])
    assert await say(one, "hello", "id-1") == await say(two, "hello", "id-1")
    assert brains[1].asked == []
    await say(two, "hello", "id-2")
    assert [text for text, _ in brains[1].asked] == ["hello"]


async def test_what_one_process_deleted_the_other_one_forgets_too(
    process: Callable[[Brain], Turn],
) -> None:
    one, two = process(Brain()), process(Brain())
    await say(two, "hello", "id-1")
    two.memory.of("web-1").sent.append(Kept.of({"id": "m-1", "text": "heard: hello"}))
    await two.forget_what_is_gone("web-1")
    assert two.memory.of("web-1").sent
    await one.deletion.now("web-1")
    await two.forget_what_is_gone("web-1")
    assert not two.memory.of("web-1").sent


async def test_replies_are_forgotten_one_by_one_and_all_with_their_conversation(
    process: Callable[[Brain], Turn], orders: Callable[[], RedisOrder]
) -> None:
    turn = process(Brain())
    for n in range(3):
        await say(turn, "hello", f"id-{n}")
    order = turn._order
    assert isinstance(order, RedisOrder) and order.link._client is not None
    client = order.link._client
    replies = [key for key in await client.keys("*") if b"reply:" in key]
    assert len(replies) == 3
    for key in replies:
        assert 0 < await client.ttl(key) <= 600
    await turn.deletion.now("web-1")
    assert not [key for key in await client.keys("*") if b"reply:" in key]


async def test_the_number_of_the_order_goes_with_the_turn(
    process: Callable[[Brain], Turn],
) -> None:
    brain = Brain()
    turn = process(brain)
    await say(turn, "one")
    await say(turn, "two")
    (_, first), (_, second) = brain.asked
    assert first is not None and second is not None and first < second


async def everything(order: RedisOrder) -> bytes:
    """Return every byte that Redis holds."""
    client = order.link._client
    assert client is not None
    parts: list[bytes] = []
    for key in await client.keys("*"):
        parts += [key, await client.dump(key)]
        kind = await client.type(key)
        if kind == b"list":
            parts += await client.lrange(key, 0, -1)
        elif kind == b"hash":
            for pair in (await client.hgetall(key)).items():
                parts += pair
        elif kind == b"string":
            parts.append(await client.get(key))
    return b"\n".join(parts)


def texts(store: Conversations) -> list[str]:
    return [str(event["text"]) for event in store.load("web-1", window=None).events]
