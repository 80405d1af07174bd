"""The secrets that switch a messaging channel on: all of a channel's, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.secret_values import read_secret

# Telegram allows these letters only; a short one could be guessed.
_TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_TWILIO_NUMBER = re.compile(r"(whatsapp:)?\+[0-9]{6,15}")


@dataclass(frozen=True, slots=True)
class TwilioKeys:
    """A Twilio account, and the numbers of ours that people may write to."""

    account_sid: str = field(repr=False)
    auth_token: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TelegramKeys:
    """A bot's token, and the secret that its webhook was set with."""

    token: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessengerKeys:
    """An app's secret, a page's token, and the word of the handshake."""

    app_secret: str = field(repr=False)
    page_token: str = field(repr=False)
    verify_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlackKeys:
    """An app's signing secret and its bot's token."""

    signing_secret: str = field(repr=False)
    bot_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """Which messaging channels are on."""

    public_url: str = ""
    twilio: TwilioKeys | None = None
    telegram: TelegramKeys | None = None
    messenger: MessengerKeys | None = None
    slack: SlackKeys | None = None


# What each channel needs, and what the variable holds; docs/settings.md says it again.
NEEDED: dict[str, dict[str, str]] = {
    "twilio": {
        "WAYMARK_TWILIO_ACCOUNT_SID": "the account's id",
        "WAYMARK_TWILIO_AUTH_TOKEN": "checks that a request is Twilio's, and sends",
        "WAYMARK_TWILIO_FROM": "our numbers, parted by commas; `whatsapp:` before a WhatsApp one",
    },
    "telegram": {
        "WAYMARK_TELEGRAM_TOKEN": "the bot's token",
        "WAYMARK_TELEGRAM_SECRET": "the `secret_token` of setWebhook, 16 characters or more",
    },
    "messenger": {
        "WAYMARK_MESSENGER_APP_SECRET": "checks that a request is Meta's",
        "WAYMARK_MESSENGER_PAGE_TOKEN": "sends as the page",
        "WAYMARK_MESSENGER_VERIFY_TOKEN": "a word of your own for the handshake",
    },
    "slack": {
        "WAYMARK_SLACK_SIGNING_SECRET": "checks that a request is Slack's",
        "WAYMARK_SLACK_BOT_TOKEN": "sends as the bot",
    },
}


def channel_keys(values: Mapping[str, str], problems: list[str]) -> ChannelKeys:
    """Return the channels that have their secrets; what does not hold goes to ``problems``."""
    url = values.get("WAYMARK_PUBLIC_URL", "").rstrip("/")
    if url and not url.startswith("https://"):
        problems.append("WAYMARK_PUBLIC_URL: does not begin with https://: providers post to https")
    twilio = _all_of("twilio", values, problems)
    telegram = _all_of("telegram", values, problems)
    messenger = _all_of("messenger", values, problems)
    slack = _all_of("slack", values, problems)
    numbers = tuple(part.strip() for part in twilio[2].split(",")) if twilio else ()
    if twilio and not url:
        problems.append(
            "WAYMARK_PUBLIC_URL: is missing: Twilio signs the address it posts to; set ours"
        )
    if not all(_TWILIO_NUMBER.fullmatch(number) for number in numbers):
        problems.append(
            "WAYMARK_TWILIO_FROM: write numbers as +441234567890 or whatsapp:+441234567890"
        )
    if telegram and not _TELEGRAM_SECRET.fullmatch(telegram[1]):
        problems.append("WAYMARK_TELEGRAM_SECRET: use 16 to 256 letters, digits, _ and -")
    return ChannelKeys(
        public_url=url,
        twilio=TwilioKeys(twilio[0], twilio[1], numbers) if twilio else None,
        telegram=TelegramKeys(*telegram) if telegram else None,
        messenger=MessengerKeys(*messenger) if messenger else None,
        slack=SlackKeys(*slack) if slack else None,
    )


def _all_of(channel: str, values: Mapping[str, str], problems: list[str]) -> tuple[str, ...]:
    """Return a channel's secrets in order, or nothing when it is off."""
    found = {name: read_secret(name, values, problems) for name in NEEDED[channel]}
    missing = [name for name, value in found.items() if not value]
    if len(missing) == len(found):
        return ()
    problems += [f"{name}: is missing: {channel} needs it; set it or none" for name in missing]
    return () if missing else tuple(found.values())
