"""Slack: direct messages to an app, by the Events API and interactive buttons."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qs

from sanic.response import HTTPResponse, text

from bot.channel_keys import SlackKeys
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
from bot.channels.render import Limits, Outgoing, utf16
from bot.channels.wire import Answered, judged

BASE = "https://slack.com"
MOST_CHARACTERS = 3000
MOST_BUTTONS = 25
LONGEST_TITLE = 75
FRESH = 300.0
_SAID = frozenset({"", "file_share", "me_message", "thread_broadcast"})
_LATER = frozenset(
    {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"}
)
_ENTITY = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_URL = re.compile(r"https://\S+")
# In Slack's markup these would make words bold or vanish; a number to dial may hold a star.
_MARKUP = frozenset("*_~`")


class Slack(Channel):
    """A Slack app's bot."""

    name = "slack"
    thread = "thread_slack"

    def __init__(self, keys: SlackKeys, *, base: str = BASE) -> None:
        self._keys = keys
        self._base = base

    def verify(self, post: Post) -> bool:
        """Say whether Slack signed this body within the last five minutes."""
        stamp = post.headers.get("x-slack-request-timestamp", "")
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            return False
        if abs(post.now - int(stamp)) > FRESH:
            return False
        signed = b"v0:" + stamp.encode() + b":" + post.body
        made = hmac.new(self._keys.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        return same(post.headers.get("x-slack-signature", ""), f"v0={made}")

    def handshake(self, post: Post) -> HTTPResponse | None:
        """Answer the check of the address."""
        if _is_form(post):
            return None
        body = json_object(post.body)
        if body.get("type") != "url_verification":
            return None
        return text(text_of(body, "challenge").encode("utf-8", "replace").decode())

    def parse(self, post: Post) -> list[Event]:
        """Return what a person said to the app or pressed."""
        if _is_form(post):
            return _pressed(_payload(post.body))
        body = json_object(post.body)
        if body.get("type") != "event_callback":
            return []
        event = _said(body, part(body, "event"))
        return [event] if event is not None else []

    def limits(self, address: tuple[str, ...]) -> Limits:
        """Return the limits of a section with an action block."""
        return Limits(_fits, buttons=MOST_BUTTONS, title=LONGEST_TITLE)

    async def send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        """Send one message; in a channel only the person who wrote sees it."""
        data: dict[str, Any] = {
            "channel": address[0],
            "text": escaped(message.text),
            "blocks": blocks(message),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        method = "chat.postMessage"
        if len(address) > 1:
            method, data["user"] = "chat.postEphemeral", address[1]
        answered = await self._post(
            f"{self._base}/api/{method}",
            data=data,
            headers={"Authorization": f"Bearer {self._keys.bot_token}"},
        )
        return _judged(answered)


def blocks(message: Outgoing) -> list[dict[str, Any]]:
    """Return a message as a section, with its choices as buttons under it."""
    made: list[dict[str, Any]] = [{"type": "section", "text": _section(message.text)}]
    if message.buttons:
        elements = [
            {
                "type": "button",
                "action_id": f"choice-{n}",
                "text": {"type": "plain_text", "text": button.title, "emoji": False},
                "value": button.payload,
            }
            for n, button in enumerate(message.buttons)
        ]
        made.append({"type": "actions", "elements": elements})
    return made


def escaped(said: str) -> str:
    """Return a text in which Slack sees no markup of its own."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(said: str) -> str:
    """Return what a person typed: addresses without their brackets, mentions left out."""
    plain = _ENTITY.sub(lambda m: "" if m[1][:1] in "@!" else (m[2] or m[1]), said)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _section(said: str) -> dict[str, Any]:
    """Return the text, with addresses to press unless a letter of it would be read as markup."""
    if _MARKUP.isdisjoint(_URL.sub("", said)):
        return {"type": "mrkdwn", "text": escaped(said)}
    return {"type": "plain_text", "text": said, "emoji": False}


def _fits(said: str) -> bool:
    return utf16(escaped(said)) <= MOST_CHARACTERS


def _said(body: dict[str, Any], event: dict[str, Any]) -> Event | None:
    """Return a message to the app, or None for its own, for receipts and for others' talk."""
    kind = text_of(event, "type")
    subtype = text_of(event, "subtype")
    changed = subtype == "message_changed"
    message = part(event, "message") if changed else event
    user, channel = id_of(message, "user"), id_of(event, "channel")
    if kind not in ("message", "app_mention") or not user or not channel:
        return None
    if message.get("bot_id") or event.get("bot_id") or not (changed or subtype in _SAID):
        return None
    where = text_of(event, "channel_type")
    private = where == "im"
    if not private and kind == "message" and where != "mpim":
        return None
    said = unescaped(text_of(message, "text"))
    if changed and said == unescaped(text_of(part(event, "previous_message"), "text")):
        return None
    # A mention arrives twice, as a mention and as a message: both have the same time stamp.
    stamp = id_of(event, "event_ts" if changed else "ts")
    if not private:
        found = Kind.GROUP
    elif changed:
        found = Kind.EDIT
    else:
        found = Kind.TEXT if said or not list_of(message, "files") else Kind.WORDLESS
    person = f"{id_of(body, 'team_id')}/{user}"
    return Event(
        id=f"{channel}/{stamp}" if stamp else id_of(body, "event_id"),
        sender=person if private else f"{channel}/{person}",
        address=(channel,) if private else (channel, user),
        kind=found,
        text=said,
        sent_at=number_of(event, "event_ts"),
    )


def _pressed(payload: dict[str, Any]) -> list[Event]:
    """Return the pressed buttons of an interaction."""
    user, channel = id_of(part(payload, "user"), "id"), id_of(part(payload, "channel"), "id")
    if payload.get("type") != "block_actions" or not user or not channel:
        return []
    person = f"{id_of(part(payload, 'team'), 'id')}/{user}"
    # Anywhere else others would read the answer: there it is refused like words.
    private = channel.startswith("D")
    return [
        Event(
            id=f"{channel}/{user}/{id_of(action, 'action_ts')}/{id_of(action, 'action_id')}",
            sender=person if private else f"{channel}/{person}",
            address=(channel,) if private else (channel, user),
            kind=Kind.CHOICE if private else Kind.GROUP,
            text=text_of(part(action, "text"), "text"),
            choice=text_of(action, "value"),
        )
        for action in list_of(payload, "actions")
        if text_of(action, "value")
    ]


def _is_form(post: Post) -> bool:
    kind = post.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded"


def _payload(body: bytes) -> dict[str, Any]:
    """Return the JSON inside an interaction's form; other forms hold nothing for us."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=50)
    except (UnicodeDecodeError, ValueError):
        raise MalformedError("no form") from None
    return json_object(fields["payload"][0]) if "payload" in fields else {}


def _judged(answered: Answered | None) -> Attempt:
    """Return what Slack's answer means: it refuses with a 200 and a word."""
    attempt = judged(answered)
    if answered is None or attempt.result is not Result.SENT or answered.body.get("ok") is True:
        return attempt
    later = text_of(answered.body, "error") in _LATER
    return Attempt(Result.LATER if later else Result.REFUSED, answered.after)
