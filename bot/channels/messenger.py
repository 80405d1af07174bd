"""Messenger: a page's messages, as Meta's webhooks bring them, often several in one post."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from sanic.response import HTTPResponse, text

from bot.channel_keys import MessengerKeys
from bot.channels.channel import DAY, Channel
from bot.channels.events import (
    Event,
    Kind,
    MalformedError,
    Post,
    id_of,
    json_object,
    list_of,
    number_of,
    part,
    same,
    text_of,
)
from bot.channels.outbox import Attempt, Result
from bot.channels.render import Limits, Outgoing, within
from bot.channels.wire import Answered, judged

BASE = "https://graph.facebook.com"
VERSION = "v21.0"
MOST_CHARACTERS = 2000
MOST_BUTTONS = 13
LONGEST_TITLE = 20
# Errors of the Graph API that mean "too fast" or "not now", whatever the HTTP status.
_LATER = frozenset({1, 2, 4, 17, 32, 341, 613, 80006})


class Messenger(Channel):
    """A page on Messenger."""

    name = "messenger"
    thread = "thread_messenger"

    def __init__(self, keys: MessengerKeys, *, base: str = BASE) -> None:
        self._keys = keys
        self._base = base

    def verify(self, post: Post) -> bool:
        """Say whether Meta signed this very body with the app's secret."""
        made = hmac.new(self._keys.app_secret.encode(), post.body, hashlib.sha256).hexdigest()
        return same(post.headers.get("x-hub-signature-256", ""), f"sha256={made}")

    def greet(self, query: dict[str, str]) -> HTTPResponse | None:
        """Answer the handshake that switches the webhook on."""
        challenge = query.get("hub.challenge", "")
        known = same(query.get("hub.verify_token", ""), self._keys.verify_token)
        if query.get("hub.mode") != "subscribe" or not known or not challenge:
            return None
        return text(challenge)

    def parse(self, post: Post) -> list[Event]:
        """Return every message of every entry, in order."""
        body = json_object(post.body)
        if body.get("object") != "page":
            raise MalformedError("not of a page")
        found: list[Event] = []
        for entry in list_of(body, "entry"):
            for happened in list_of(entry, "messaging"):
                event = _event(happened)
                if event is not None:
                    found.append(event)
        return found

    def limits(self, address: tuple[str, ...]) -> Limits:
        """Return the limits of a text with quick replies, which vanish with the next message."""
        return Limits(
            within(MOST_CHARACTERS), buttons=MOST_BUTTONS, title=LONGEST_TITLE, fleeting=True
        )

    async def send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        """Send one text as the page."""
        said: dict[str, Any] = {"text": message.text}
        if message.buttons:
            said["quick_replies"] = [
                {"content_type": "text", "title": button.title, "payload": button.payload}
                for button in message.buttons
            ]
        answered = await self._post(
            f"{self._base}/{VERSION}/me/messages",
            data={
                "recipient": {"id": address[0]},
                "messaging_type": "RESPONSE",
                "message": said,
            },
            headers={"Authorization": f"Bearer {self._keys.page_token}"},
        )
        return _judged(answered)

    def window(self, address: tuple[str, ...]) -> float | None:
        """Return Meta's day for answers."""
        return DAY


def _event(happened: Any) -> Event | None:
    """Return one event, or None for receipts, echoes of ours, reactions and the like."""
    sender = id_of(part(happened, "sender"), "id")
    if not sender:
        return None
    milliseconds = number_of(happened, "timestamp")
    sent_at = milliseconds / 1000 if milliseconds is not None else None
    address = (sender,)
    if message := part(happened, "message"):
        mid, said = id_of(message, "mid"), text_of(message, "text")
        if message.get("is_echo") is True or message.get("is_deleted") is True or not mid:
            return None
        choice = text_of(part(message, "quick_reply"), "payload")
        if choice:
            return Event(mid, sender, address, Kind.CHOICE, said, choice, sent_at)
        kind = Kind.TEXT if said or not list_of(message, "attachments") else Kind.WORDLESS
        return Event(mid, sender, address, kind, said, sent_at=sent_at)
    if edit := part(happened, "message_edit"):
        mid, said = id_of(edit, "mid"), text_of(edit, "text")
        number = f"{mid}/{id_of(edit, 'num_edit')}"
        return Event(number, sender, address, Kind.EDIT, said, sent_at=sent_at) if mid else None
    if postback := part(happened, "postback"):
        mid = id_of(postback, "mid") or f"{sender}/{milliseconds}"
        # A page's own start button and menus hold no choice of ours.
        return Event(mid, sender, address, Kind.START, sent_at=sent_at)
    return None


def _judged(answered: Answered | None) -> Attempt:
    """Return what Meta's answer means: its rate limits come with several statuses."""
    attempt = judged(answered)
    if answered is None or attempt.result is Result.SENT:
        return attempt
    error = part(answered.body, "error")
    if error.get("code") in _LATER or error.get("is_transient") is True:
        return Attempt(Result.LATER, answered.after)
    return attempt
