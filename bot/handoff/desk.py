"""What differs between the desks of helplines: how we tell them, and how they answer."""

from __future__ import annotations

import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from bot.channels.events import Post, same
from bot.channels.outbox import Attempt
from bot.channels.wire import Wire
from bot.handoff.config import HandOff
from bot.handoff.machine import Event

WINDOW = 300.0
MOST_REPLY = 4000
MOST_HEARD = 20_000


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that the desk is told. ``data`` is what it says, by ``what``.

    ``packet``: the packet as data, its ``lines`` as read, and when it was agreed to. ``message``:
    the person's ``text``. ``danger``: its ``kind``. ``aside``: a ``text`` of the guide's own, about
    what was not passed on. ``closed``: the ``reason``, and whether to ``delete`` all there is.
    """

    id: str
    hand_off: str
    what: str
    at: str
    data: dict[str, Any]

    def as_text(self) -> str:
        """Return it as it waits in the outbox."""
        return json.dumps([self.id, self.hand_off, self.what, self.at, self.data])


def note_from(text: str) -> Note:
    """Return the note that ``as_text`` wrote."""
    return Note(*json.loads(text))


@dataclass(frozen=True, slots=True)
class Posted:
    """One thing that the desk did. ``key`` finds the hand-off; ``text`` may be empty in a reply."""

    id: str
    key: str
    event: Event
    text: str = ""


class HelpDesk(ABC):
    """One kind of desk."""

    name: str
    # The headers of a signed post, in lower case: when, the signature, the id of the delivery.
    signed_headers: tuple[str, str, str]

    def __init__(self, config: HandOff) -> None:
        self.config = config
        self.wire = Wire()

    @abstractmethod
    async def tell(self, note: Note, ref: dict[str, str]) -> Attempt:
        """Tell the desk something, once; ``ref`` keeps what the desk calls the hand-off."""

    @abstractmethod
    def read(self, post: Post) -> list[Posted]:
        """Return what a verified post says, or raise ``MalformedError``."""

    @abstractmethod
    def key(self, hand_off: str, ref: dict[str, str]) -> str:
        """Return what the desk's posts name this hand-off by, or nothing yet."""

    def verify(self, post: Post) -> bool:
        """Say whether a post is the desk's, and not older than five minutes."""
        when, signature, _ = (post.headers.get(name, "") for name in self.signed_headers)
        if not self.config.secret or not (when.isascii() and when.isdigit() and len(when) < 12):
            return False
        fresh = abs(post.now - int(when)) <= WINDOW
        return same(signature, signed(self.config.secret, when, post.body)) and fresh

    async def close(self) -> None:
        """Close the connections to the desk."""
        await self.wire.close()


def signed(secret: bytes, when: str, body: bytes) -> str:
    """Return the signature of a body at a time (seconds since 1970, as text)."""
    made = hmac.new(secret, when.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={made}"
