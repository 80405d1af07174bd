"""Calls to somebody else's API: bounded in time and size, with nothing of them in a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.channels.events import MalformedError, json_object, number_of
from bot.channels.outbox import Attempt, Result

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
LONGEST_AFTER = 24 * 3600.0
MOST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call answered; ``after`` is the wait in seconds that it asked for, if any."""

    status: int
    body: dict[str, Any]
    after: float | None


class Wire:
    """Connections to one API, opened at the first call."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        url: str,
        *,
        method: str = "POST",
        json: dict[str, Any] | None = None,
        data: dict[str, str] | bytes | None = None,
        headers: dict[str, str] | None = None,
        auth: aiohttp.BasicAuth | None = None,
    ) -> Answered | None:
        """Call once; None when nothing came back. Addresses may hold a token: no log."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT, connector=aiohttp.TCPConnector(limit=64)
            )
        try:
            async with self._session.request(
                method,
                url,
                json=json,
                data=data,
                headers=headers,
                auth=auth,
                allow_redirects=False,
            ) as response:
                raw = await _whole(response.content)
                return Answered(response.status, _object(raw), _after(response.headers))
        except (TimeoutError, aiohttp.ClientError, OSError):
            return None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def judged(answered: Answered | None) -> Attempt:
    """Return what a plain HTTP answer means for another try."""
    if answered is None or answered.status >= 500:
        return Attempt(Result.LATER)
    if answered.status == 429:
        return Attempt(Result.LATER, answered.after)
    return Attempt(Result.SENT if answered.status < 300 else Result.REFUSED)


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """Return a body: one read gives only what has arrived by then."""
    raw = b""
    while len(raw) < MOST_ANSWER and (come := await content.read(MOST_ANSWER - len(raw))):
        raw += come
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return json_object(raw)
    except MalformedError:
        return {}


def _after(headers: Any) -> float | None:
    """Return the seconds of a Retry-After; its other form, a date, is left to our own pause."""
    seconds = number_of({"s": headers.get("Retry-After")}, "s")
    return seconds if seconds is not None and 0 <= seconds <= LONGEST_AFTER else None
