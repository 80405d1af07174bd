"""The Rasa output channel of a turn: hands each message on as it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel

from knowledge.message import Choice, Message, message_from


class TurnOutput(OutputChannel):  # type: ignore[misc]
    """Passes messages to the turn; what the danger head saw goes before all of them."""

    def __init__(
        self,
        *,
        send: Callable[[Message], None],
        warn: Callable[[str], None],
        seen: list[str],
    ) -> None:
        self._send = send
        self._warn = warn
        self._seen = seen
        self._warned = False

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as events keep it."""
        return "turn"

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any
    ) -> None:
        """Pass on a message that an action composed."""
        self._pass(message_from(json_message))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Pass on a plain response."""
        self._pass(Message(kind="answer", text=text))

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """Pass on a plain response with choices."""
        choices = tuple(Choice(str(b["title"]), str(b["payload"])) for b in buttons)
        self._pass(Message(kind="answer", text=text, choices=choices))

    def finish(self) -> bool:
        """Warn even where the turn said nothing else; say whether there was a danger."""
        self._warn_once()
        return self._warned

    def _pass(self, message: Message) -> None:
        self._warn_once()
        self._send(message)

    def _warn_once(self) -> None:
        if self._seen:
            self._warned = True
            self._warn(self._seen[0])
            self._seen.clear()
