"""Twilio: text messages and WhatsApp, told apart by the address."""

from __future__ import annotations

from urllib.parse import parse_qsl

import aiohttp
from sanic.response import HTTPResponse
from twilio.request_validator import RequestValidator

from bot.channel_keys import TwilioKeys
from bot.channels.channel import DAY, Channel
from bot.channels.events import Event, Kind, MalformedError, Post
from bot.channels.gsm7 import segments
from bot.channels.outbox import Attempt
from bot.channels.render import Limits, Outgoing, in_segments, within
from bot.channels.wire import judged

BASE = "https://api.twilio.com"
PATH = "/webhooks/twilio/webhook"
MOST_CHARACTERS = 1600
WHATSAPP = "whatsapp:"
_MOST_FIELDS = 200
_OPT_OUT = {"STOP": "stop", "START": "start"}


class Form(dict[str, list[str]]):
    """A form's fields as Twilio's validator reads them, empty ones and repeated ones too."""

    def getall(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self[name]

    def first(self, name: str) -> str:
        """Return a field's value, or nothing."""
        return self.get(name, [""])[0]


class Twilio(Channel):
    """A Twilio account with its numbers."""

    name = "twilio"
    thread = "thread_sms"

    def __init__(self, keys: TwilioKeys, *, public_url: str, base: str = BASE) -> None:
        self._keys = keys
        self._url = public_url + PATH
        self._base = base
        self._validator = RequestValidator(keys.auth_token)

    def verify(self, post: Post) -> bool:
        """Say whether Twilio signed this for our public address, our account and our number."""
        form = _form(post.body)
        url = f"{self._url}?{post.query}" if post.query else self._url
        signature = post.headers.get("x-twilio-signature", "")
        if form is None or not signature or not self._validator.validate(url, form, signature):
            return False
        return form.first("AccountSid") == self._keys.account_sid

    def parse(self, post: Post) -> list[Event]:
        """Return the message of a request; reports on messages of ours are none."""
        form = _form(post.body)
        if form is None:
            raise MalformedError("no form")
        if "MessageStatus" in form:
            return []
        sid, person, ours = (form.first(name) for name in ("MessageSid", "From", "To"))
        if not sid or not person or ours not in self._keys.numbers:
            raise MalformedError("no message to a number of ours")
        text = _OPT_OUT.get(form.first("OptOutType"), form.first("Body"))
        wordless = form.first("NumMedia") not in ("", "0") or form.first("Latitude")
        kind = Kind.WORDLESS if wordless and not text.strip() else Kind.TEXT
        return [Event(sid, person, (person, ours), kind, text=text)]

    def limits(self, address: tuple[str, ...]) -> Limits:
        """Return WhatsApp's limit, or three parts of a text message, the rest on request."""
        if _is_whatsapp(address):
            return Limits(within(MOST_CHARACTERS))
        return Limits(in_segments, plain=True, paged=True)

    async def send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        """Send one text from the number that the person wrote to."""
        person, ours = address
        sid = self._keys.account_sid
        answered = await self._post(
            f"{self._base}/2010-04-01/Accounts/{sid}/Messages.json",
            form={"From": ours, "To": person, "Body": message.text},
            auth=aiohttp.BasicAuth(sid, self._keys.auth_token),
        )
        return judged(answered)

    def acknowledgement(self) -> HTTPResponse:
        """Return an empty reply: the answer is sent apart, so that Twilio never waits for it."""
        return HTTPResponse("<Response/>", content_type="text/xml")

    def window(self, address: tuple[str, ...]) -> float | None:
        """Return WhatsApp's day; text messages have none."""
        return DAY if _is_whatsapp(address) else None

    def cost(self, address: tuple[str, ...], message: Outgoing) -> int:
        """Return how many messages are paid for."""
        return 1 if _is_whatsapp(address) else segments(message.text)

    def thread_words(self, address: tuple[str, ...]) -> str:
        """Return the sentence for the kind of thread."""
        return "thread_whatsapp" if _is_whatsapp(address) else self.thread

    def has_stop(self, address: tuple[str, ...]) -> bool:
        """Say that it is a text message, where the networks know STOP and START."""
        return not _is_whatsapp(address)


def _is_whatsapp(address: tuple[str, ...]) -> bool:
    return address[0].startswith(WHATSAPP)


def _form(body: bytes) -> Form | None:
    """Return a form's fields, or None for what is no form."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        return None
    form = Form()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form
