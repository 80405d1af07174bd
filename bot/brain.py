"""What a turn asks of the part that thinks, and nothing more: Rasa stands behind this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from knowledge.message import Message

# The number that the turn under way has in its conversation's order, where several processes keep
# one; it goes with the turn to the other thread, down to the store.
turn_fence: ContextVar[int | None] = ContextVar("turn_fence", default=None)
# What the store tells this message from another one by, if it has an id of its own: a message that
# two processes answered, because the first ended in between, is kept once.
turn_mark: ContextVar[str | None] = ContextVar("turn_mark", default=None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished turn leaves: the home now known, and what was understood of the message."""

    home: str | None = None
    intent: str = ""
    confidence: float | None = None
    danger: bool = False


class Brain(Protocol):
    """Answers one message at a time for a conversation; may be slow, may fail."""

    @property
    def trouble(self) -> str:
        """Return why no question can be answered now, or nothing."""
        ...

    @property
    def parts(self) -> Mapping[str, str]:
        """Return, for each part behind it by name, why that does not work now, or nothing."""
        ...

    def home_in(self, text: str) -> str | None:
        """Return the home that a text names, or None; quick, and only when it can be read now."""
        ...

    async def answer(
        self,
        conversation: str,
        text: str,
        *,
        metadata: dict[str, Any],
        on_message: Callable[[Message], None],
        on_danger: Callable[[str], None],
    ) -> Outcome:
        """Answer a message; call back, on the caller's loop, for each part of the answer."""
        ...

    async def danger_in(self, text: str) -> str | None:
        """Return the kind of danger that the classifier sees in a text, or None; keeps nothing."""
        ...

    async def delete(self, conversation: str) -> None:
        """Delete all that is kept of a conversation."""
        ...

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return all that is kept of a conversation, as plain data."""
        ...
