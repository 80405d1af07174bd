"""Read a helpline's file: the whole of it, or a line for each thing that does not hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from zoneinfo import available_timezones

from bot.handoff.config import DESKS, HandOff, Hours, Span
from bot.helpline.fields import (
    DAYS,
    HAND_OFF,
    HOURS,
    LONGEST_NAME,
    MOST_RETENTION,
    MOST_WAIT,
    SAME,
    TOP,
)
from bot.helpline.hours import in_words, overlap
from bot.helpline.model import CHANNELS, Helpline
from bot.helpline.numbers import OWN, read_numbers
from bot.helpline.reader import Reader
from bot.helpline.words import replaced
from knowledge.loader import load_places
from knowledge.model import Fact
from knowledge.words import Words, load_words
from knowledge.yaml_lines import DataError, Node, Problem, read_yaml

_STRINGS = Path(__file__).resolve().parent.parent.parent / "widget" / "strings"
_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")
_FIRST = ("en",)
_LARGEST_ID = 10**12


def languages() -> tuple[str, ...]:
    """Return the languages that there are words for."""
    return tuple(sorted(path.stem for path in _STRINGS.glob("*.json")))


def load_helpline(path: Path) -> Helpline:
    """Return what a helpline's file says. Its secrets are not in it: see ``agree``.

    Raises:
        DataError: with every problem in the file, each as ``path:line: what: what to do``.
    """
    reader = Reader()
    node = read_yaml(path, root=path.parent, problems=reader.problems)
    helpline = _helpline(node, reader) if node is not None else None
    if reader.problems or helpline is None:
        raise DataError(sorted(reader.problems, key=_line))
    return helpline


def _line(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])


def _helpline(node: Node, reader: Reader) -> Helpline:
    # Built even where something is wrong, so that all of it is found; never handed out then.
    words = load_words()
    places = load_places()
    fields = reader.section(node, TOP, name="the file")
    name = reader.line(fields.get("name"), "name")
    if len(name) > LONGEST_NAME or set(name) & set("{}"):
        reader.note(
            fields["name"], "'name' cannot be used", f"{LONGEST_NAME} letters at most, no {{ or }}"
        )
    homes = reader.several_of(
        fields.get("homes"), "homes", [place.id for place in places.values() if place.home]
    )
    hours = _hours(fields["hours"], reader) if "hours" in fields else None
    facts: tuple[Fact, ...] = ()
    ids: tuple[str, ...] = ()
    if "numbers" in fields:
        facts, ids = read_numbers(
            fields["numbers"],
            name=name,
            # Where 'homes' does not hold, that is told once.
            homes=homes or tuple(places),
            places=places,
            hours=_hours_of_numbers(fields, hours, words, reader),
            reader=reader,
        )
    return Helpline(
        path=node.path,
        name=name,
        homes=homes,
        languages=reader.several_of(fields.get("languages"), "languages", languages()) or _FIRST,
        channels=reader.several_of(fields.get("channels"), "channels", CHANNELS),
        facts=facts,
        words=replaced(fields["words"], words, reader.problems) if "words" in fields else (),
        hours=hours,
        retention_hours=reader.whole(
            fields.get("retention_hours"), "retention_hours", low=0, high=MOST_RETENTION
        ),
        hand_off=_hand_off(fields["hand_off"], hours, ids, reader, homes=homes, facts=facts)
        if "hand_off" in fields
        else None,
        lines=tuple((field, item.where) for field, item in node.items().items()),
    )


def _hours_of_numbers(
    fields: Mapping[str, Node], hours: Hours | None, words: Words, reader: Reader
) -> dict[int, str]:
    """Return when each number answers, in words, by its place in the list, where that is said."""
    said: dict[int, str] = {}
    for at, entry in enumerate(fields["numbers"].entries()):
        own = entry.items().get("hours")
        if own is None or own.value is None:
            continue
        if own.value == SAME and "hours" not in fields:
            reader.note(own, "'same' as no hours", "write 'hours' at the top of the file too")
        found = hours if own.value == SAME else _hours(own, reader)
        if found is not None:
            said[at] = in_words(found, words)
    return said


def _hours(section: Node, reader: Reader) -> Hours | None:
    fields = reader.section(section, HOURS, name="'hours'")
    if not fields:
        return None
    zone = reader.line(fields.get("zone"), "zone")
    known = available_timezones()
    if zone and zone not in known:
        hint = "write continent and city: Europe/London" if known else "install Debian's tzdata"
        reader.note(fields["zone"], f"'{zone}' is no time zone here", hint)
        zone = ""
    spans = [
        span
        for weekday, day in enumerate(DAYS)
        if day in fields
        for span in _spans(fields[day], weekday, reader)
    ]
    if not spans:
        reader.note(section, "'hours' has no day", "write 'monday: 09:00-17:00'")
    made = Hours(zone, tuple(spans), frozenset(_closed(fields.get("closed"), reader)))
    twice = overlap(made)
    if twice is not None:
        day = DAYS[twice.weekday]
        reader.note(
            fields[day],
            f"{day} opens at {twice.begins:%H:%M} before the hours in front have ended",
            "join them or shorten one",
        )
    return made if zone and spans else None


def _spans(node: Node, weekday: int, reader: Reader) -> list[Span]:
    found: list[Span] = []
    for part in str(node.value).split(","):
        match = _SPAN.fullmatch(part.strip())
        ends = (int(match[3]), int(match[4])) if match else (0, 0)
        if match is None or ends > (24, 0):
            reader.note(node, f"'{part.strip()}' are no hours", "write them as 09:00-17:00")
            continue
        found.append(Span(weekday, time(int(match[1]), int(match[2])), time(ends[0] % 24, ends[1])))
    return found


def _closed(node: Node | None, reader: Reader) -> list[str]:
    if node is None:
        return []
    if not node.entries():
        reader.note(node, "'closed' is not a list", "write [2026-12-25, 2027-01-01]")
    days = [item for item in node.entries() if type(item.value) is date]
    for item in node.entries():
        if item not in days:
            reader.note(item, f"'{item.value}' is not a date", "write it as 2026-12-25")
    return [item.value.isoformat() for item in days]


def _hand_off(
    section: Node,
    hours: Hours | None,
    numbers: tuple[str, ...],
    reader: Reader,
    *,
    homes: tuple[str, ...],
    facts: tuple[Fact, ...],
) -> HandOff:
    fields = reader.section(section, HAND_OFF, name="'hand_off'")
    desk = reader.one_of(fields.get("desk"), "desk", DESKS)
    ids = {}
    for name in ("account", "inbox"):
        ids[name] = reader.whole(fields.get(name), name, low=1, high=_LARGEST_ID) or 0
        if desk == "chatwoot" and name not in fields:
            reader.note(section, f"'{name}' is missing", "add it: Chatwoot shows it in the address")
        if desk == "webhook" and name in fields:
            reader.note(fields[name], f"'{name}' is for chatwoot", "leave it out")
    fallback = reader.line(fields.get("fallback"), "fallback")
    if fallback and not numbers:
        reader.note(fields["fallback"], "'fallback' names no number", "write 'numbers' first")
    elif fallback:
        reader.one_of(fields["fallback"], "fallback", [number for number in numbers if number])
        served = {fact.jurisdiction for fact in facts if fact.id.endswith(f"-{OWN}-{fallback}")}
        for home in homes if served else ():
            if home not in served:
                reader.note(
                    fields["fallback"],
                    f"'{fallback}' does not serve {home}",
                    "name a number that serves all of 'homes'",
                )
    return HandOff(
        desk=desk,
        url=reader.address(fields.get("url"), "url", here=True).rstrip("/"),
        hours=hours,
        wait_minutes=reader.whole(fields.get("wait_minutes"), "wait_minutes", low=1, high=MOST_WAIT)
        or 0,
        fallback=fallback,
        account=ids["account"],
        inbox=ids["inbox"],
    )
