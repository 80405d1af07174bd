"""How each provider would deliver a message, signed by the provider's own library where it has one."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

from tests.channels.support import KEYS, PUBLIC, House, Sent, fixture

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Way(ABC):
    """One provider's side: builds payloads, signs them, and reads what was sent."""

    name: str
    channel: str

    @abstractmethod
    def said(self, text: str, *, n: int = 1, who: int = 1) -> Any:
        """Return a payload in which a person says something; ``n`` makes it a message of its own."""

    @abstractmethod
    def captioned(self, text: str, *, n: int = 1) -> Any:
        """Return a picture with a text."""

    @abstractmethod
    def wordless(self, *, n: int = 1) -> Any:
        """Return something without words."""

    def edited(self, text: str, *, n: int = 1) -> Any:
        """Return a changed message, or None where the provider has none."""
        return None

    @abstractmethod
    def signed(self, body: bytes, *, now: float | None = None) -> dict[str, str]:
        """Return the headers of a genuine post."""

    @abstractmethod
    def text(self, sent: Sent) -> str:
        """Return the text of a sent message, or nothing for another call."""

    def titles(self, sent: Sent) -> list[tuple[str, str]]:
        """Return the buttons of a sent message: what they say, and their ids."""
        return []

    def pressed(self, title: str, choice: str, *, n: int = 1) -> Any:
        """Return a pressed button, where the provider has buttons."""
        return None

    def body(self, payload: Any) -> bytes:
        """Return a payload as it is posted."""
        return json.dumps(payload).encode()

    async def deliver(self, house: House, payload: Any) -> int:
        """Post a genuine payload and return the status."""
        body = self.body(payload)
        status, _ = await house.post(self.channel, body, self.signed(body))
        return status

    def texts(self, house: House) -> list[str]:
        """Return every text that was sent, in order."""
        return [text for call in house.provider.calls if (text := self.text(call))]


class TelegramWay(Way):
    name = channel = "telegram"

    def said(self, text: str, *, n: int = 1, who: int = 1) -> Any:
        return self._update("telegram_message", n, text=text, who=who)

    def captioned(self, text: str, *, n: int = 1) -> Any:
        return self._update("telegram_photo", n, caption=text)

    def wordless(self, *, n: int = 1) -> Any:
        return self._update("telegram_sticker", n)

    def edited(self, text: str, *, n: int = 1) -> Any:
        return self._update("telegram_edit", n, text=text)

    def pressed(self, title: str, choice: str, *, n: int = 1) -> Any:
        made = fixture("telegram_callback")
        made["update_id"] += n * 100
        query = made["callback_query"]
        query["data"] = choice
        query["message"]["reply_markup"]["inline_keyboard"] = [
            [{"text": title, "callback_data": choice}]
        ]
        return made

    def signed(self, body: bytes, *, now: float | None = None) -> dict[str, str]:
        assert KEYS.telegram is not None
        return {**JSON, "X-Telegram-Bot-Api-Secret-Token": KEYS.telegram.secret}

    def text(self, sent: Sent) -> str:
        return str(sent.body["text"]) if sent.path.endswith("/sendMessage") else ""

    def titles(self, sent: Sent) -> list[tuple[str, str]]:
        rows = sent.body.get("reply_markup", {}).get("inline_keyboard", [])
        return [(button["text"], button["callback_data"]) for row in rows for button in row]

    def _update(self, name: str, n: int, *, who: int = 1, **fields: Any) -> Any:
        made = fixture(name)
        made["update_id"] += n * 100
        message = made["message"] if "message" in made else made["edited_message"]
        message.update(fields, date=int(time.time()))
        if "edit_date" in message:
            message["edit_date"] = message["date"]
        message["from"]["id"] = message["chat"]["id"] = 900000000 + who
        return made


class TwilioWay(Way):
    channel = "twilio"
    kind = "twilio_sms"

    def said(self, text: str, *, n: int = 1, who: int = 1) -> Any:
        made = fixture(self.kind)
        made["Body"], made["MessageSid"] = text, f"SM{n:032}"
        made["From"] = f"{made['From'][:-1]}{who}"
        return made

    def captioned(self, text: str, *, n: int = 1) -> Any:
        return {**self.said(text, n=n), "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x"}

    def wordless(self, *, n: int = 1) -> Any:
        return self.captioned("", n=n)

    def signed(
        self,
        body: bytes,
        *,
        now: float | None = None,
        url: str = f"{PUBLIC}/webhooks/twilio/webhook",
    ) -> dict[str, str]:
        from bot.channels.twilio import _form

        assert KEYS.twilio is not None
        made = RequestValidator(KEYS.twilio.auth_token).compute_signature(url, _form(body) or {})
        return {**FORM, "X-Twilio-Signature": made}

    def body(self, payload: Any) -> bytes:
        return urlencode(payload).encode()

    def text(self, sent: Sent) -> str:
        return str(sent.body.get("Body", ""))


class SmsWay(TwilioWay):
    name = "sms"


class WhatsAppWay(TwilioWay):
    name = "whatsapp"
    kind = "twilio_whatsapp"


class MessengerWay(Way):
    name = channel = "messenger"

    def said(self, text: str, *, n: int = 1, who: int = 1) -> Any:
        return self._happened("messenger_message", n, who=who, text=text)

    def captioned(self, text: str, *, n: int = 1) -> Any:
        return self._happened("messenger_picture", n, text=text)

    def wordless(self, *, n: int = 1) -> Any:
        return self._happened("messenger_picture", n)

    def edited(self, text: str, *, n: int = 1) -> Any:
        return self._happened("messenger_edit", n, text=text)

    def pressed(self, title: str, choice: str, *, n: int = 1) -> Any:
        return self._happened(
            "messenger_quick_reply", n, text=title, quick_reply={"payload": choice}
        )

    def batch(self, *texts: str) -> Any:
        made = self.said(texts[0])
        first = made["entry"][0]
        for n, text in enumerate(texts[1:], start=2):
            first["messaging"] += self.said(text, n=n)["entry"][0]["messaging"]
        return made

    def signed(self, body: bytes, *, now: float | None = None) -> dict[str, str]:
        assert KEYS.messenger is not None
        made = hmac.new(KEYS.messenger.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return {**JSON, "X-Hub-Signature-256": f"sha256={made}"}

    def text(self, sent: Sent) -> str:
        return str(sent.body.get("message", {}).get("text", ""))

    def titles(self, sent: Sent) -> list[tuple[str, str]]:
        return [(q["title"], q["payload"]) for q in sent.body["message"].get("quick_replies", [])]

    def _happened(self, name: str, n: int, *, who: int = 1, **fields: Any) -> Any:
        made = fixture(name)
        happened = made["entry"][0]["messaging"][0]
        happened["sender"]["id"] = str(7000000000000000 + who)
        happened["timestamp"] = int(time.time() * 1000)
        inner = happened["message"] if "message" in happened else happened["message_edit"]
        inner.update(fields, mid=f"{inner['mid']}-{n}")
        return made


class SlackWay(Way):
    name = channel = "slack"

    def said(self, text: str, *, n: int = 1, who: int = 1) -> Any:
        return self._event("slack_message", n, who=who, text=text)

    def captioned(self, text: str, *, n: int = 1) -> Any:
        return self._event("slack_file", n, text=text)

    def wordless(self, *, n: int = 1) -> Any:
        return self.captioned("", n=n)

    def edited(self, text: str, *, n: int = 1) -> Any:
        made = self._event("slack_edit", n)
        made["event"]["message"]["text"] = text
        return made

    def pressed(self, title: str, choice: str, *, n: int = 1) -> Any:
        made = fixture("slack_actions")
        action = made["actions"][0]
        action["text"]["text"], action["value"], action["action_ts"] = title, choice, f"{n}.1"
        return made

    def body(self, payload: Any) -> bytes:
        if payload.get("type") == "block_actions":
            return urlencode({"payload": json.dumps(payload)}).encode()
        return json.dumps(payload).encode()

    def signed(self, body: bytes, *, now: float | None = None) -> dict[str, str]:
        assert KEYS.slack is not None
        stamp = str(int(time.time() if now is None else now))
        made = SignatureVerifier(KEYS.slack.signing_secret).generate_signature(
            timestamp=stamp, body=body
        )
        kind = FORM if body.startswith(b"payload=") else JSON
        return {**kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(made)}

    def text(self, sent: Sent) -> str:
        from html import unescape

        return unescape(str(sent.body.get("text", "")))

    def titles(self, sent: Sent) -> list[tuple[str, str]]:
        blocks = [block for block in sent.body["blocks"] if block["type"] == "actions"]
        return [(e["text"]["text"], e["value"]) for block in blocks for e in block["elements"]]

    def _event(self, name: str, n: int, *, who: int = 1, **fields: Any) -> Any:
        made = fixture(name)
        event = made["event"]
        stamp = f"{int(time.time())}.{n:06}"
        event.update(fields, ts=stamp, event_ts=stamp)
        inner = event.get("message", event)
        inner["user"], event["channel"] = f"U{who:08}", f"D{who:08}"
        made["event_id"] = f"Ev{n:08}"
        return made


WAYS: tuple[Way, ...] = (TelegramWay(), SmsWay(), WhatsAppWay(), MessengerWay(), SlackWay())
