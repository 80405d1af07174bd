"""A connection to Redis that holds nobody up: short time-outs, and a pause after a failure."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
_T = TypeVar("_T")
PATIENCE = 1.0
# After a failure nobody asks for this long: messages go on in the order of their process.
PAUSE = 2.0
_CONNECTIONS = 32


class RedisDown(Exception):
    """Redis did not answer, or has not been asked because it did not answer just before."""


class Link:
    """Calls Redis for the loop that it is first used on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Redis[Any] | None = None
        self._down_until = 0.0
        self.trouble = ""

    async def call(self, work: Callable[[Redis[Any]], Awaitable[_T]]) -> _T:
        """Return what Redis answers, or raise ``RedisDown`` soon."""
        if time.monotonic() < self._down_until:
            raise RedisDown(self.trouble)
        if self._client is None:
            pool = BlockingConnectionPool.from_url(
                self._url,
                max_connections=_CONNECTIONS,
                timeout=PATIENCE,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
            )
            self._client = Redis(connection_pool=pool)
        try:
            answer = await asyncio.wait_for(work(self._client), PATIENCE)
        except (TimeoutError, RedisError, OSError) as error:
            if not self.trouble:
                log.error("WAYMARK_REDIS: no answer (%s): each process alone", type(error).__name__)
            self.trouble = "WAYMARK_REDIS: Redis does not answer: check that it runs"
            self._down_until = time.monotonic() + PAUSE
            raise RedisDown(self.trouble) from None
        if self.trouble:
            log.warning("Redis answers")
            self.trouble = ""
        return answer

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
