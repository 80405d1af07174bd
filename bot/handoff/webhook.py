"""A desk of the helpline's own making: signed JSON both ways, as docs/handoff.md says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from bot.channels.events import MalformedError, Post, id_of, json_object, text_of
from bot.channels.outbox import Attempt
from bot.channels.plain_text import readable
from bot.channels.wire import judged
from bot.handoff.config import HandOff
from bot.handoff.desk import MOST_REPLY, HelpDesk, Note, Posted, signed
from bot.handoff.machine import Event
from bot.handoff.packet import VERSION

TIME, SIGNATURE, DELIVERY = (
    "X-Waymark-Timestamp",
    "X-Waymark-Signature",
    "X-Waymark-Delivery",
)
_EVENTS = {
    "joined": Event.JOIN,
    "reply": Event.REPLY,
    "resume": Event.HAND_BACK,
    "close": Event.CLOSE,
}
_TOLD = {"packet": "opened", "message": "message", "danger": "danger", "aside": "aside"}


class WebhookDesk(HelpDesk):
    """Posts signed events to one address, and takes signed posts."""

    name = "webhook"
    signed_headers = (TIME.lower(), SIGNATURE.lower(), DELIVERY.lower())

    def __init__(self, config: HandOff, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(config)
        self._clock = clock

    async def tell(self, note: Note, ref: dict[str, str]) -> Attempt:
        """Post one event; the same id comes again when it is not known to have arrived."""
        said: dict[str, Any] = {
            "version": VERSION,
            "id": note.id,
            "hand_off": note.hand_off,
            "event": _TOLD.get(note.what, note.what),
            "at": note.at,
            **{name: value for name, value in note.data.items() if name != "lines"},
        }
        body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
        when = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json",
            TIME: when,
            SIGNATURE: signed(self.config.secret, when, body),
            DELIVERY: note.id,
        }
        return judged(await self.wire.call(self.config.url, data=body, headers=headers))

    def read(self, post: Post) -> list[Posted]:
        """Return the one thing that a post says."""
        said = json_object(post.body)
        event = _EVENTS.get(text_of(said, "event"))
        post_id, key = id_of(said, "id"), id_of(said, "hand_off")
        if event is None or not post_id or not key:
            raise MalformedError("id, hand_off and event are needed")
        return [Posted(post_id, key, event, readable(text_of(said, "text"), MOST_REPLY))]

    def key(self, hand_off: str, ref: dict[str, str]) -> str:
        """Return the hand-off's own id."""
        return hand_off
