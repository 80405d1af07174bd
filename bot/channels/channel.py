"""What differs between messaging providers: how to check, read, limit and send."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import aiohttp
from sanic.response import HTTPResponse

from bot.channels.events import Event, Post
from bot.channels.outbox import Attempt
from bot.channels.render import Limits, Outgoing
from bot.channels.wire import Answered, Wire

DAY = 24 * 3600.0


class Channel(ABC):
    """One provider. Everything else is the pipeline's."""

    name: str
    # The name of the sentence that says how a person removes this thread from their own device.
    thread: str
    _wire: Wire | None = None

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
        if self._wire is not None:
            await self._wire.close()

    async def _post(
        self,
        url: str,
        *,
        data: dict[str, Any] | None = None,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        auth: aiohttp.BasicAuth | None = None,
    ) -> Answered | None:
        """Post to the provider; None when nothing came back."""
        if self._wire is None:
            self._wire = Wire()
        return await self._wire.call(url, json=data, data=form, headers=headers, auth=auth)
