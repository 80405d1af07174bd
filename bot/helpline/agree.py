"""Hold a helpline's file against the environment: secrets, retention, and nothing made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.channel_keys import NEEDED, ChannelKeys
from bot.handoff.config import LEAST_SECRET, HandOff
from bot.helpline.model import PROVIDERS, WEB, Helpline
from bot.helpline.reserved import is_reserved_address, is_reserved_number
from bot.secret_values import read_secret
from knowledge.yaml_lines import Problem

RETENTION = "WAYMARK_RETENTION_HOURS"
HANDOFF_SECRET = "WAYMARK_HANDOFF_SECRET"
CHATWOOT_TOKEN = "WAYMARK_CHATWOOT_TOKEN"


def agree(
    helpline: Helpline, values: Mapping[str, str], keys: ChannelKeys, *, production: bool = False
) -> list[str]:
    """Return where the file and the environment say different things, a line each.

    Args:
        helpline: the file.
        values: the environment.
        keys: the channels that the environment switches on.
        production: made-up numbers and addresses are problems too.
    """
    found = [*_channels(helpline, values), *_twilio(helpline, keys), *_retention(helpline, values)]
    if production:
        found += _made_up(helpline)
    return [str(problem) for problem in found]


def with_secrets(
    helpline: Helpline | None, values: Mapping[str, str], problems: list[str]
) -> HandOff | None:
    """Return how people take over, with the secrets; what is missing or too much is noted."""
    if helpline is None and values.get("WAYMARK_HELPLINE"):
        # The file does not hold: what it would have needed is not known.
        return None
    hand_off = helpline.hand_off if helpline else None
    chatwoot = hand_off is not None and hand_off.desk == "chatwoot"
    read = []
    for name, wanted in ((HANDOFF_SECRET, hand_off is not None), (CHATWOOT_TOKEN, chatwoot)):
        known = len(problems)
        value = read_secret(name, values, problems)
        read.append(value)
        if value and not wanted:
            problems.append(f"{name}: is set, but nothing uses it: write 'hand_off' or unset it")
        elif wanted and helpline and not value and len(problems) == known:
            where = helpline.where("hand_off")
            problems.append(f"{name}: is missing: 'hand_off' ({where}) needs it; or {name}_FILE")
    secret, token = read
    if secret and len(secret) < LEAST_SECRET:
        problems.append(f"{HANDOFF_SECRET}: is shorter than {LEAST_SECRET} characters: make it so")
    if hand_off is None:
        return None
    return replace(hand_off, secret=secret.encode(), token=token)


def _channels(helpline: Helpline, values: Mapping[str, str]) -> Iterator[Problem]:
    where = helpline.where("channels")
    listed = {PROVIDERS[name]: name for name in helpline.channels if name != WEB}
    for provider, needed in NEEDED.items():
        given = [name for name in needed if _is_set(name, values)]
        if provider in listed and not given:
            names = ", ".join(needed)
            what = f"'{listed[provider]}' is listed without its secrets"
            yield Problem(where, what, f"set {names} (each may end in _FILE), or take it out")
        if provider not in listed and given:
            called = [f"'{name}'" for name, whose in PROVIDERS.items() if whose == provider]
            what = f"is set, but 'channels' ({where}) does not list {' or '.join(called)}"
            yield Problem(given[0], what, "list it or unset this")


def _twilio(helpline: Helpline, keys: ChannelKeys) -> Iterator[Problem]:
    """Yield what WhatsApp and text messages lack: they share an account, not a number."""
    if keys.twilio is None:
        return
    name = "WAYMARK_TWILIO_FROM"
    there = {
        "whatsapp" if number.startswith("whatsapp:") else "sms" for number in keys.twilio.numbers
    }
    where = helpline.where("channels")
    asked = {"whatsapp", "sms"} & set(helpline.channels)
    for channel in sorted(asked - there):
        form = "whatsapp:+country and digits" if channel == "whatsapp" else "+country and digits"
        yield Problem(
            where, f"'{channel}' is listed, but {name} has no number of it", f"add {form}"
        )
    for channel in sorted(there - asked) if asked else ():
        what = f"has a number of '{channel}', but 'channels' ({where}) does not list it"
        yield Problem(name, what, "list it or take the number out")


def _retention(helpline: Helpline, values: Mapping[str, str]) -> Iterator[Problem]:
    own, given = helpline.retention_hours, values.get(RETENTION)
    if own is not None and given is not None and given.strip() != str(own):
        where = helpline.where("retention_hours")
        yield Problem(RETENTION, f"is {given}, but {where} says {own}", "keep one of them")


def _made_up(helpline: Helpline) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for fact in helpline.facts:
        for made_up in (
            *(n.display for n in fact.numbers if is_reserved_number(n.dial)),
            *(url for url in fact.urls if is_reserved_address(url)),
        ):
            if (fact.where, made_up) not in told:
                told.add((fact.where, made_up))
                what = f"'{made_up}' is kept for examples, nobody answers there"
                yield Problem(fact.where, what, "write your own")
    if helpline.hand_off is not None and is_reserved_address(helpline.hand_off.url):
        what = f"'{helpline.hand_off.url}' is kept for examples"
        yield Problem(helpline.where("hand_off"), what, "write your own")


def _is_set(name: str, values: Mapping[str, str]) -> bool:
    return bool(values.get(name) or values.get(f"{name}_FILE"))
