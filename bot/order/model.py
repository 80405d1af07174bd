"""What a turn asks of the order, and the order of one process, which needs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from knowledge.message import Message


@dataclass(frozen=True, slots=True)
class Shared:
    """What other processes saw of a conversation in the last minutes."""

    texts: tuple[str, ...] = ()
    home: str | None = None


class Place(Protocol):
    """A message's place in its conversation, taken when it arrived; left at the end of ``with``."""

    async def __aenter__(self) -> Self:
        """Keep the place until the end of the block."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next message go on."""
        ...

    async def turn(self) -> int | None:
        """Wait until it is this message's turn; return its fencing number, if there is one."""
        ...


class Order(Protocol):
    """Keeps messages in order. Whatever fails in it costs a turn its order, never its answer."""

    @property
    def alone(self) -> bool:
        """Say whether there is no other process to ask."""
        ...

    @property
    def trouble(self) -> str:
        """Return why the order is kept in this process only, or nothing."""
        ...

    def enter(self, conversation: str) -> Place:
        """Take a place at once, without waiting for anything."""
        ...

    async def exchange(self, conversation: str, text: str) -> Shared:
        """Tell the others a text, and return what they saw before it; soon, or nothing."""
        ...

    async def tell_home(self, conversation: str, home: str) -> None:
        """Tell the others where a person lives."""
        ...

    async def answered(self, conversation: str, message_id: str) -> tuple[Message, ...] | None:
        """Return the reply that another process gave to the same message, or None."""
        ...

    async def keep_reply(
        self, conversation: str, message_id: str, reply: tuple[Message, ...]
    ) -> None:
        """Keep a reply, for when the same message comes again."""
        ...

    async def keep_choices(self, conversation: str, choices: Mapping[str, str]) -> None:
        """Tell the others which choices a person was offered: id to payload."""
        ...

    async def choice(self, conversation: str, choice_id: str) -> str | None:
        """Return the payload of a choice that another process offered, or None."""
        ...

    async def gone(self, conversation: str, *, since: float) -> bool:
        """Say whether a conversation was deleted, at any process, after a moment (seconds)."""
        ...

    async def forget(self, conversation: str) -> None:
        """Forget a conversation everywhere."""
        ...

    async def check(self) -> str:
        """Ask whether the order works, and return why not, or nothing; soon."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class _FreePlace:
    """The place of a message in one process: the turn itself keeps the order."""

    async def __aenter__(self) -> Self:
        """Return the place."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Do nothing."""

    async def turn(self) -> int | None:
        """Return at once."""
        return None


class Alone:
    """The order where there is one process."""

    alone = True
    trouble = ""

    def enter(self, conversation: str) -> Place:
        """Take a place that is free at once."""
        return _FreePlace()

    async def exchange(self, conversation: str, text: str) -> Shared:
        """Return nothing: the turn remembers what it saw."""
        return Shared()

    async def tell_home(self, conversation: str, home: str) -> None:
        """Do nothing."""

    async def answered(self, conversation: str, message_id: str) -> tuple[Message, ...] | None:
        """Return None: the channel remembers what it answered."""
        return None

    async def keep_reply(
        self, conversation: str, message_id: str, reply: tuple[Message, ...]
    ) -> None:
        """Do nothing."""

    async def keep_choices(self, conversation: str, choices: Mapping[str, str]) -> None:
        """Do nothing."""

    async def choice(self, conversation: str, choice_id: str) -> str | None:
        """Return None: there is nobody else who could have offered it."""
        return None

    async def gone(self, conversation: str, *, since: float) -> bool:
        """Return False: what is deleted is deleted here."""
        return False

    async def forget(self, conversation: str) -> None:
        """Do nothing."""

    async def check(self) -> str:
        """Return nothing: there is nobody to ask."""
        return ""

    async def close(self) -> None:
        """Do nothing."""
