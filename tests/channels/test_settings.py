"""A channel is on with all of its secrets, off with none, and never half on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channel_keys import NEEDED, ChannelKeys, channel_keys
from bot.channels.messaging import channels
from bot.settings import Settings, SettingsError, from_environment

GOOD = {
    "WAYMARK_PUBLIC_URL": "https://help.example.org/",
    "WAYMARK_TWILIO_ACCOUNT_SID": "AC1",
    "WAYMARK_TWILIO_AUTH_TOKEN": "canary-secret-1",
    "WAYMARK_TWILIO_FROM": "+441234567890, whatsapp:+441234567891",
    "WAYMARK_TELEGRAM_TOKEN": "42:canary-secret-2",
    "WAYMARK_TELEGRAM_SECRET": "canary-secret-of-telegram",
    "WAYMARK_MESSENGER_APP_SECRET": "canary-secret-3",
    "WAYMARK_MESSENGER_PAGE_TOKEN": "canary-secret-4",
    "WAYMARK_MESSENGER_VERIFY_TOKEN": "canary-secret-5",
    "WAYMARK_SLACK_SIGNING_SECRET": "canary-secret-6",
    "WAYMARK_SLACK_BOT_TOKEN": "canary-secret-7",
}


def test_nothing_set_is_every_channel_off() -> None:
    problems: list[str] = []
    assert channel_keys({}, problems) == ChannelKeys() and problems == []
    assert channels(Settings()) == []


def test_all_set_is_every_channel_on() -> None:
    settings = from_environment(GOOD)
    assert {channel.name for channel in channels(settings)} == set(NEEDED)
    keys = settings.channels
    assert keys.twilio is not None
    assert keys.twilio.numbers == ("+441234567890", "whatsapp:+441234567891")
    assert keys.public_url == "https://help.example.org"


@pytest.mark.parametrize("name", [name for needed in NEEDED.values() for name in needed])
def test_a_channel_is_never_half_on(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        from_environment({key: value for key, value in GOOD.items() if key != name})
    assert name in str(caught.value) and "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYMARK_PUBLIC_URL", ""),
        ("WAYMARK_PUBLIC_URL", "http://help.example.org"),
        ("WAYMARK_TWILIO_FROM", "call me"),
        ("WAYMARK_TWILIO_FROM", "+441234567890,"),
        ("WAYMARK_TELEGRAM_SECRET", "short"),
        ("WAYMARK_TELEGRAM_SECRET", "with spaces in it, and long"),
        ("WAYMARK_SENDS_A_DAY", "0"),
    ],
)
def test_a_bad_value_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        from_environment({**GOOD, name: value})
    assert name in str(caught.value) and "canary" not in str(caught.value)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("42:from-a-file\n")
    values = {
        **GOOD,
        "WAYMARK_TELEGRAM_TOKEN": "",
        "WAYMARK_TELEGRAM_TOKEN_FILE": str(tmp_path / "token"),
    }
    keys = from_environment(values).channels.telegram
    assert keys is not None and keys.token == "42:from-a-file"
    with pytest.raises(SettingsError, match="WAYMARK_TELEGRAM_TOKEN_FILE"):
        from_environment({**values, "WAYMARK_TELEGRAM_TOKEN_FILE": str(tmp_path / "none")})


def test_no_secret_is_in_the_printed_settings() -> None:
    assert "canary" not in repr(from_environment(GOOD))
    assert "canary" not in repr(from_environment(GOOD).channels)


def test_every_variable_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for channel, needed in NEEDED.items():
        for name, meaning in needed.items():
            assert f"| `{name}` | {channel} | " in page and meaning in page, name
