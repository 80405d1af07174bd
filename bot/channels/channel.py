"""What differs between messaging providers: how to check, read, limit and send."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import aiohttp
from sanic.response import HTTPResponse

from bot.channels.events import Event, MalformedError, Post, json_object, number_of
from bot.channels.outbox import Attempt, Result
from bot.channels.render import Limits, Outgoing

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
DAY = 24 * 3600.0
MOST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What a provider's send call answered."""

    status: int
    body: dict[str, Any]
    after: float | None


class Channel(ABC):
    """One provider. Everything else is the pipeline's."""

    name: str
    # The name of the sentence that says how a person removes this thread from their own device.
    thread: str
    _session: aiohttp.ClientSession | None = None

    @abstractmethod
    def verify(self, post: Post) -> bool:
        """Say whether a post is really the provider's, meant for us, and fresh."""

    @abstractmethod
    def parse(self, post: Post) -> list[Event]:
        """Return what happened, in order; raise ``MalformedError`` for what cannot be read."""

    @abstractmethod
    def limits(self, address: tuple[str, ...]) -> Limits:
        """Return what may be sent there."""

    @abstractmethod
    async def send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        """Send one message, once."""

    def handshake(self, post: Post) -> HTTPResponse | None:
        """Answer the provider's own check of the address, if this verified post is one."""
        return None

    def greet(self, query: dict[str, str]) -> HTTPResponse | None:
        """Answer a GET of the provider's own, or None to refuse it."""
        return None

    def acknowledgement(self) -> HTTPResponse:
        """Return what tells the provider that the post has arrived."""
        return HTTPResponse(status=200)

    async def settle(self, event: Event) -> None:
        """Acknowledge one event apart, where a provider wants that."""
        return None

    def window(self, address: tuple[str, ...]) -> float | None:
        """Return how long after a person's last message we may answer, where that is limited."""
        return None

    def cost(self, address: tuple[str, ...], message: Outgoing) -> int:
        """Return what a message counts against the day's limits."""
        return 1

    def thread_words(self, address: tuple[str, ...]) -> str:
        """Return the name of the sentence that says how the person removes this thread."""
        return self.thread

    def has_stop(self, address: tuple[str, ...]) -> bool:
        """Say whether STOP and START are words of the network itself there, as in text messages."""
        return False

    async def close(self) -> None:
        """Close the connections to the provider."""
        if self._session is not None:
            await self._session.close()

    async def _post(
        self,
        url: str,
        *,
        data: dict[str, Any] | None = None,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        auth: aiohttp.BasicAuth | None = None,
    ) -> Answered | None:
        """Post to the provider; None when nothing came back. Addresses may hold a token: no log."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT, connector=aiohttp.TCPConnector(limit=64)
            )
        try:
            async with self._session.post(
                url, json=data, data=form, headers=headers, auth=auth, allow_redirects=False
            ) as response:
                raw = await _whole(response.content)
                return Answered(response.status, _object(raw), _after(response.headers))
        except (TimeoutError, aiohttp.ClientError, OSError):
            return None


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
    return seconds if seconds is not None and 0 <= seconds <= DAY else None
