"""The order between processes: a queue for each conversation in Redis, with fencing numbers.

A message takes its place when it arrives. The head of the queue may run; whoever stops renewing its
place loses it, and its number, which the store compares, keeps it from writing late. Without Redis
each process keeps its own order, and the store keeps both of two turns that met.

Keys hold hashes of names; texts and replies are sealed and gone after ten minutes, choices
after an hour.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Self

from redis.asyncio import Redis

from bot.order.link import Link, RedisDown
from bot.order.model import Place, Shared
from bot.stores.keys import Keyring, Unreadable
from knowledge.message import Message, message_from

LEASE = 5.0
SHARED_SECONDS = 600
_CHOICES_SECONDS = 3600
_DONE_SECONDS = 24 * 3600
_TEXTS = 2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.1

# Time in microseconds, or one more than the last: it rises even when Redis has lost all it had.
_ENTER = """
local now = redis.call('TIME')
local number = now[1] * 1000000 + now[2]
local last = tonumber(redis.call('GET', KEYS[3]) or '0')
if last >= number then number = last + 1 end
local shown = string.format('%.0f', number)
redis.call('SET', KEYS[3], shown, 'EX', 86400)
redis.call('ZADD', KEYS[1], shown, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', number + ARGV[2]))
redis.call('EXPIRE', KEYS[1], 600)
redis.call('EXPIRE', KEYS[2], 600)
return shown
"""
# 1: it is this place's turn; 0: not yet; -1: the place was lost.
_RENEW = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', now + ARGV[2]))
redis.call('EXPIRE', KEYS[1], 600)
redis.call('EXPIRE', KEYS[2], 600)
while true do
  local head = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if head == ARGV[1] then return 1 end
  if tonumber(redis.call('HGET', KEYS[2], head) or '0') > now then return 0 end
  redis.call('ZREM', KEYS[1], head)
  redis.call('HDEL', KEYS[2], head)
end
"""


class RedisOrder:
    """Keeps the order and the short memory of all processes that share a Redis."""

    alone = False

    def __init__(self, url: str, keyring: Keyring, *, lease: float = LEASE) -> None:
        self._keyring = keyring
        self._lease = lease
        self._entering: dict[str, asyncio.Task[Any]] = {}
        self.link = Link(url)

    @property
    def trouble(self) -> str:
        """Return why each process keeps its own order, or nothing."""
        return self.link.trouble

    def enter(self, conversation: str) -> Place:
        """Take a place; its number is asked for behind that of the message before."""
        name = self._keyring.name(conversation)
        place = RedisPlace(self.link, name, lease=self._lease)
        before = self._entering.get(name)
        task = asyncio.create_task(place.ask(before))
        self._entering[name] = task

        def asked(done: asyncio.Task[Any]) -> None:
            if self._entering.get(name) is done:
                del self._entering[name]

        task.add_done_callback(asked)
        place.asking = task
        return place

    async def exchange(self, conversation: str, text: str) -> Shared:
        """Tell the others a text and return what they saw in the last ten minutes."""
        name = self._keyring.name(conversation)
        texts, home = _key(name, "texts"), _key(name, "home")
        said = self._keyring.seal_shared([time.time(), text], name=texts)

        async def work(redis: Redis[Any]) -> list[Any]:
            pipeline = redis.pipeline(transaction=True)
            pipeline.lrange(texts, 0, _TEXTS - 1)
            pipeline.get(home)
            pipeline.lpush(texts, said)
            pipeline.ltrim(texts, 0, _TEXTS - 1)
            pipeline.expire(texts, SHARED_SECONDS)
            return list(await pipeline.execute())

        try:
            before, at_home, *_ = await self.link.call(work)
            oldest = time.time() - SHARED_SECONDS
            seen = [self._keyring.open_shared(one, name=texts) for one in reversed(before)]
            known = self._keyring.open_shared(at_home, name=home) if at_home else None
        except (RedisDown, Unreadable):
            return Shared()
        return Shared(tuple(said for at, said in seen if at >= oldest), known)

    async def tell_home(self, conversation: str, home: str) -> None:
        """Tell the others where a person lives, for ten minutes."""
        key = _key(self._keyring.name(conversation), "home")
        sealed = self._keyring.seal_shared(home, name=key)
        await self._try(lambda redis: redis.set(key, sealed, ex=SHARED_SECONDS))

    async def answered(self, conversation: str, message_id: str) -> tuple[Message, ...] | None:
        """Return the reply to a message that was answered before; an old one has no words left."""
        name = self._keyring.name(conversation)
        done, reply_key = (_key(name, f"{what}:{_short(message_id)}") for what in ("done", "reply"))

        async def work(redis: Redis[Any]) -> list[Any]:
            pipeline = redis.pipeline(transaction=True)
            pipeline.exists(done)
            pipeline.get(reply_key)
            return list(await pipeline.execute())

        try:
            was_done, reply = await self.link.call(work)
            if not was_done:
                return None
            kept = self._keyring.open_shared(reply, name=reply_key) if reply else []
        except (RedisDown, Unreadable):
            return None
        return tuple(message_from(message) for message in kept)

    async def keep_reply(
        self, conversation: str, message_id: str, reply: tuple[Message, ...]
    ) -> None:
        """Keep a reply for ten minutes, and for a day that there was one."""
        name = self._keyring.name(conversation)
        done, reply_key = (_key(name, f"{what}:{_short(message_id)}") for what in ("done", "reply"))
        replies = _key(name, "replies")
        sealed = self._keyring.seal_shared([m.as_dict() for m in reply], name=reply_key)

        async def work(redis: Redis[Any]) -> Any:
            pipeline = redis.pipeline(transaction=True)
            pipeline.set(done, 1, ex=_DONE_SECONDS)
            pipeline.set(reply_key, sealed, ex=SHARED_SECONDS)
            # Which there are, so that all can be forgotten.
            pipeline.sadd(replies, reply_key)
            pipeline.expire(replies, SHARED_SECONDS)
            return await pipeline.execute()

        await self._try(work)

    async def keep_choices(self, conversation: str, choices: Mapping[str, str]) -> None:
        """Keep for an hour what a person was offered."""
        key = _key(self._keyring.name(conversation), "choices")
        sealed = self._keyring.seal_shared(dict(choices), name=key)
        await self._try(lambda redis: redis.set(key, sealed, ex=_CHOICES_SECONDS))

    async def choice(self, conversation: str, choice_id: str) -> str | None:
        """Return the payload of a choice that another process offered, or None."""
        key = _key(self._keyring.name(conversation), "choices")
        try:
            sealed = await self.link.call(lambda redis: redis.get(key))
            offered = self._keyring.open_shared(sealed, name=key) if sealed else {}
        except (RedisDown, Unreadable):
            return None
        payload = offered.get(choice_id)
        return None if payload is None else str(payload)

    async def close(self) -> None:
        """Close the connections."""
        await self.link.close()

    async def forget(self, conversation: str) -> None:
        """Forget all that is shared; without Redis it goes by itself, in an hour at most."""
        name = self._keyring.name(conversation)
        shared = [_key(name, what) for what in ("texts", "home", "replies", "choices")]

        async def work(redis: Redis[Any]) -> Any:
            replies = await redis.smembers(_key(name, "replies"))  # type: ignore[misc]
            # Another process remembers what it has said: it looks here before it says that again.
            await redis.set(_key(name, "gone"), time.time(), ex=_DONE_SECONDS)
            return await redis.delete(*shared, *replies)

        await self._try(work)

    async def gone(self, conversation: str, *, since: float) -> bool:
        """Say whether a conversation was deleted, at any process, after a moment."""
        key = _key(self._keyring.name(conversation), "gone")
        try:
            at = await self.link.call(lambda redis: redis.get(key))
        except RedisDown:
            return False
        return at is not None and float(at) > since

    async def check(self) -> str:
        """Ask Redis for a sign of life, unless it failed just now."""
        await self._try(lambda redis: redis.ping())
        return self.trouble

    async def _try(self, work: Any) -> None:
        try:
            await self.link.call(work)
        except RedisDown:
            return


class RedisPlace:
    """A place in a conversation's queue, renewed until it is left."""

    def __init__(self, link: Link, name: str, *, lease: float) -> None:
        self._link = link
        self._lease = lease
        self._keys = [_key(name, what) for what in ("queue", "leases", "number")]
        self._member = secrets.token_hex(8)
        self._number: int | None = None
        self._beat: asyncio.Task[None] | None = None
        self.asking: asyncio.Task[None] | None = None

    async def ask(self, before: asyncio.Task[Any] | None) -> None:
        """Get a number, after the message before has got one; without Redis there is none."""
        if before is not None:
            await asyncio.wait({before})
        try:
            self._number = int(await self._run(_ENTER))
        except RedisDown:
            return
        self._beat = asyncio.create_task(self._renew())

    async def __aenter__(self) -> Self:
        """Return the place; it was taken when the message arrived."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the queue; without Redis the lease ends by itself."""
        if self.asking is not None:
            await asyncio.wait({self.asking})
        if self._beat is not None:
            self._beat.cancel()
        if self._number is None:
            return

        async def leave(redis: Redis[Any]) -> Any:
            pipeline = redis.pipeline(transaction=True)
            pipeline.zrem(self._keys[0], self._member)
            pipeline.hdel(self._keys[1], self._member)
            return await pipeline.execute()

        try:
            await self._link.call(leave)
        except RedisDown:
            return

    async def turn(self) -> int | None:
        """Wait until every place before this one was left or lost."""
        if self.asking is not None:
            await asyncio.wait({self.asking})
        pause = _FIRST_PAUSE
        while self._number is not None:
            try:
                state = int(await self._run(_RENEW))
                if state == 1:
                    return self._number
                if state == -1:
                    # Frozen for longer than the lease: others went ahead, this one goes last.
                    self._number = int(await self._run(_ENTER))
            except RedisDown:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        return None

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                await self._run(_RENEW)
            except RedisDown:
                continue

    async def _run(self, script: str) -> Any:
        lease = int(self._lease * 1_000_000)

        def work(redis: Redis[Any]) -> Awaitable[Any]:
            made: Awaitable[Any] = redis.eval(script, 3, *self._keys, self._member, lease)
            return made

        return await self._link.call(work)


def _key(name: str, what: str) -> str:
    return f"waymark:{{{name}}}:{what}"


def _short(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:32]
