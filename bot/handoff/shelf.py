"""Where hand-offs outlast the process: sealed in the store beside the conversation, or nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bot.stores.desk import Desk


class Shelf(Protocol):
    """Keeps what a hand-off's record says; any of it may fail."""

    async def keep(self, conversation: str, record: dict[str, Any]) -> None:
        """Keep a record, in place of the one before."""
        ...

    async def drop(self, conversation: str) -> None:
        """Delete a record."""
        ...

    async def all(self) -> list[dict[str, Any]]:
        """Return every record."""
        ...


class NoShelf:
    """Keeps nothing: where there is no store, a restart ends what was handed over."""

    async def keep(self, conversation: str, record: dict[str, Any]) -> None:
        """Do nothing."""

    async def drop(self, conversation: str) -> None:
        """Do nothing."""

    async def all(self) -> list[dict[str, Any]]:
        """Return nothing."""
        return []


class StoreShelf:
    """Keeps records in the store; the desk of the store is asked for when it is there."""

    def __init__(self, store: Callable[[], Desk]) -> None:
        self._store = store

    async def keep(self, conversation: str, record: dict[str, Any]) -> None:
        """Seal a record with the conversation's own key."""
        await self._store().keep_hand_off(conversation, record)

    async def drop(self, conversation: str) -> None:
        """Delete a record."""
        await self._store().drop_hand_off(conversation)

    async def all(self) -> list[dict[str, Any]]:
        """Return every record that can be read."""
        return await self._store().hand_offs()
