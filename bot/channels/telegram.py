"""Telegram: the Bot API's webhook, private chats only."""

from __future__ import annotations

import re
from typing import Any

from bot.channel_keys import TelegramKeys
from bot.channels.channel import Channel
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

BASE = "https://api.telegram.org"
MOST_CHARACTERS = 4096
MOST_BUTTONS = 24
# No limit is documented for a title; longer ones are cut off on a small screen.
LONGEST_TITLE = 40
_WORDLESS = (
    "animation", "audio", "contact", "dice", "document", "game", "location", "paid_media", "photo",
    "poll", "sticker", "story", "venue", "video", "video_note", "voice",
)  # fmt: skip
# A deep link's word may follow /start; anything else after it is the person's own words.
_START = re.compile(r"/start(@\w+)?( [A-Za-z0-9_-]{1,64})?\s*")
_COMMAND = re.compile(r"/([a-z]{2,12})(@\w+)?\s*", re.IGNORECASE)


class Telegram(Channel):
    """A Telegram bot."""

    name = "telegram"
    thread = "thread_telegram"

    def __init__(self, keys: TelegramKeys, *, base: str = BASE) -> None:
        self._keys = keys
        self._base = base

    def verify(self, post: Post) -> bool:
        """Say whether the secret that the webhook was set with came along."""
        return same(post.headers.get("x-telegram-bot-api-secret-token", ""), self._keys.secret)

    def parse(self, post: Post) -> list[Event]:
        """Return the one thing that an update holds, if it is something a person said."""
        update = json_object(post.body)
        update_id = id_of(update, "update_id")
        if not update_id:
            raise MalformedError("no update_id")
        for name in ("message", "edited_message", "channel_post", "edited_channel_post"):
            if message := part(update, name):
                return _message(update_id, message, edited=name.startswith("edited"))
        return _pressed(update_id, part(update, "callback_query"))

    def limits(self, address: tuple[str, ...]) -> Limits:
        """Return the limits of a text with an inline keyboard."""
        return Limits(within(MOST_CHARACTERS), buttons=MOST_BUTTONS, title=LONGEST_TITLE)

    async def send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        """Send one text; no preview is made of the addresses in it."""
        data: dict[str, Any] = {
            "chat_id": address[0],
            "text": message.text,
            "link_preview_options": {"is_disabled": True},
        }
        if message.buttons:
            rows = [[{"text": b.title, "callback_data": b.payload}] for b in message.buttons]
            data["reply_markup"] = {"inline_keyboard": rows}
        return _judged(await self._call("sendMessage", data))

    async def settle(self, event: Event) -> None:
        """Stop the pressed button's waiting sign."""
        await self._call("answerCallbackQuery", {"callback_query_id": event.receipt})

    async def _call(self, method: str, data: dict[str, Any]) -> Answered | None:
        return await self._post(f"{self._base}/bot{self._keys.token}/{method}", data=data)


def _message(update_id: str, message: dict[str, Any], *, edited: bool) -> list[Event]:
    chat, sender = part(message, "chat"), part(message, "from")
    chat_id = id_of(chat, "id")
    if not chat_id:
        raise MalformedError("no chat")
    # A channel's post names nobody.
    person = id_of(sender, "id") or chat_id
    if sender.get("is_bot") is True:
        return []
    text = text_of(message, "text") or text_of(message, "caption")
    wordless = any(name in message for name in _WORDLESS)
    kind = Kind.TEXT if text else Kind.WORDLESS
    if chat.get("type") != "private":
        # Strangers share a group: each has a conversation of their own, even to be refused.
        kind, person = Kind.GROUP, f"{chat_id}/{person}"
    elif edited:
        kind = Kind.EDIT
    elif _START.fullmatch(text):
        kind, text = Kind.START, ""
    elif command := _COMMAND.fullmatch(text):
        text = command.group(1)
    if not text and (edited or not (wordless or kind is Kind.START)):
        return []
    return [
        Event(
            id=update_id,
            sender=person,
            address=(chat_id,),
            kind=kind,
            text=text,
            # A change keeps the date of the message that it changes.
            sent_at=number_of(message, "edit_date" if edited else "date"),
        )
    ]


def _pressed(update_id: str, query: dict[str, Any]) -> list[Event]:
    """Return a pressed button; its title comes from the message it stands under."""
    message = part(query, "message")
    chat = part(message, "chat")
    chat_id, person = id_of(chat, "id"), id_of(part(query, "from"), "id")
    choice = text_of(query, "data")
    if not chat_id or not person or not choice:
        return []
    # In a group others would read the answer: there it is refused like words.
    private = chat.get("type") == "private"
    rows = list_of(part(message, "reply_markup"), "inline_keyboard")
    buttons = [button for row in rows if isinstance(row, list) for button in row]
    titles = [text_of(b, "text") for b in buttons if text_of(b, "callback_data") == choice]
    return [
        Event(
            id=update_id,
            sender=person if private else f"{chat_id}/{person}",
            address=(chat_id,),
            kind=Kind.CHOICE if private else Kind.GROUP,
            text=titles[0] if titles else "",
            choice=choice,
            receipt=id_of(query, "id"),
        )
    ]


def _judged(answered: Answered | None) -> Attempt:
    """Return what Telegram's answer means; how long to wait stands in its body."""
    attempt = judged(answered)
    if answered is not None and answered.status == 429:
        return Attempt(Result.LATER, number_of(part(answered.body, "parameters"), "retry_after"))
    return attempt
