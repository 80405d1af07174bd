"""Templates for new knowledge: every field with its meaning, left empty, so that check refuses it.

They are made from ``knowledge/schema.py``: a field that is added there stands in the next template.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path

from bot.helpline.fields import SECTIONS as HELPLINE_SECTIONS
from bot.helpline.fields import TOP as HELPLINE
from knowledge.base import Knowledge
from knowledge.schema import CITATION_FIELDS, NUMBER_FIELDS, PLACE_FIELDS, FieldRule, fields_for
from knowledge.yaml_lines import DataError, Problem, did_you_mean

_ID = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
# Fields that no rule demands, but that an offence or a line to call is nothing without.
_ASKED = {
    "offence": ("statute", "section", "max_penalty", "harm_types", "needs"),
    "emergency_number": ("numbers",),
    "reporting_channel": ("urls", "gives", "say"),
}
_LEFT_OUT = ("guide_units", "nations", "emails")
_FLAGS = {"home": "true", "perpetrator": "true", "guide": "false"}
_PLACE_KINDS = ("emergency_number", "reporting_channel", "offence")


def offence(knowledge: Knowledge, place: str, name: str) -> dict[str, str]:
    """Return the file of a new offence by its path.

    Args:
        knowledge: what there is already.
        place: a place's id, or ``australia/nsw`` for one of its states.
        name: the id without the place's prefix: ``stalking-s39``.

    Raises:
        DataError: the place is unknown, or the id is taken.
    """
    folder, _, state = place.partition("/")
    where = knowledge.places.get(folder)
    if where is None:
        raise DataError([Problem(place, "no such place", did_you_mean(folder, knowledge.places))])
    if state and state not in where.states:
        raise DataError([Problem(place, "no such state", did_you_mean(state, where.states))])
    prefix = f"{where.prefix}-{state}" if state else where.prefix
    made = _new_id(f"{prefix}-{name}", taken=knowledge.by_id)
    file = made.removeprefix(f"{where.prefix}-").replace("-", "_")
    part = f"{folder}/states" if state else folder
    path = f"knowledge/jurisdictions/{part}/offence_{file}.yml"
    return {path: _facts("offence", made, given={"state": state} if state else {})}


def place(knowledge: Knowledge, name: str) -> dict[str, str]:
    """Return the files of a new place by their paths: index, gazetteer, first facts."""
    made = _new_id(name, taken=knowledge.places).replace("-", "_")
    base = f"knowledge/jurisdictions/{made}"
    index = ["# A place that people or harassers can be in."]
    for field, meaning in PLACE_FIELDS.items():
        value = made if field == "id" else _FLAGS.get(field, "")
        index.append(f"{field}: {value}".rstrip() + f"  # {meaning}")
    files = {f"{base}/index.yml": "\n".join(index) + "\n"}
    names = {"emergency_number": "emergency", "reporting_channel": "reporting"}
    for kind in _PLACE_KINDS:
        file = names.get(kind, "offences")
        files[f"{base}/{file}.yml"] = _facts(kind, "", given={})
    files[f"knowledge/places/{made}.yml"] = "\n".join(
        [
            "# What people call it, its places, its police and its courts, in lower case.",
            "# The other files of this folder show the types: country, region, city, police, ...",
            f"place: {made}",
            "names:",
            "  country: []  # how people write its name",
            "  city: []  # its towns",
            "",
        ]
    )
    return files


def harm(knowledge: Knowledge, name: str, *, harms_file: str) -> dict[str, str]:
    """Return what a new harm type needs: its entry, and a file for its messages."""
    made = _new_id(name, taken=knowledge.harms).replace("-", "_")
    entry = [
        f"  - id: {made}",
        "    name:  # what an answer calls it, in lower case",
        "    meaning:  # what it is, in one plain sentence",
        "",
    ]
    messages = [
        'version: "3.1"',
        f"# Messages of people who tell of {made}, one a line, made up, as people really write:",
        f'#  - {{text: "...", metadata: {{harm_types: [{made}]}}}}',
        "nlu:",
        "- intent: report_harm",
        "  examples:",
        "  - {text: }",
        "",
    ]
    return {
        "knowledge/harms.yml": harms_file.rstrip("\n") + "\n" + "\n".join(entry),
        f"data/nlu/report_harm_{made}.yml": "\n".join(messages),
    }


def channel(name: str, *, taken: frozenset[str]) -> dict[str, str]:
    """Return the module of a new channel: what it has to do, each thing a function to fill."""
    made = _new_id(name, taken=taken).replace("-", "_")
    return {f"bot/channels/{made}.py": _CHANNEL.format(name=made)}


def helpline(path: str) -> dict[str, str]:
    """Return the file of a new helpline: what it needs, and in comments what it may have."""
    lines = ["# A helpline that runs Waymark. docs/example-helpline.yml is a whole one."]
    for rule in HELPLINE:
        if rule.required:
            lines.append(f"{rule.name}:  # {_hint(rule)}")
    lines += ["", "# These may be left out:"]
    for rule in HELPLINE:
        if rule.required:
            continue
        lines.append(f"# {rule.name}:  # {_hint(rule)}")
        start = "- " if rule.type == "numbers" else "  "
        for at, inner in enumerate(HELPLINE_SECTIONS.get(rule.name, ())):
            lines.append(f"#   {'  ' if at else start}{inner.name}:  # {_hint(inner)}")
    return {path: "\n".join(lines) + "\n"}


def write(files: dict[str, str], *, root: Path) -> list[Path]:
    """Write new files, and return their paths; a file that stands is only ever added to."""
    for name, content in files.items():
        path = root / name
        there = path.read_text(encoding="utf-8").rstrip("\n") if path.exists() else None
        if there is not None and (content.rstrip("\n") == there or not content.startswith(there)):
            raise DataError([Problem(f"{name}:1", "stands there already", "choose another name")])
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return [root / name for name in files]


def _facts(kind: str, fact_id: str, *, given: dict[str, str]) -> str:
    rules = fields_for(kind)
    asked = [name for name, rule in rules.items() if rule.required or name in _ASKED.get(kind, ())]
    lines = [f"kind: {kind}", "facts:"]
    for at, name in enumerate(asked):
        value = fact_id if name == "id" else ""
        lines += _field(rules[name], value, start="  - " if at == 0 else "    ")
    lines += [f"    {name}: {value}" for name, value in given.items()]
    lines += ["    # These may be left out:"]
    for name, rule in rules.items():
        if name not in asked and name not in _LEFT_OUT and name not in given:
            lines += [f"    # {name}: {_hint(rule)}"]
    return "\n".join(lines) + "\n"


def _field(rule: FieldRule, value: str, *, start: str) -> Iterator[str]:
    if rule.type == "citations":
        yield f"{start}{rule.name}:  # {_hint(rule)}"
        yield from _entry(CITATION_FIELDS, leave=("source",))
    elif rule.type == "numbers":
        yield f"{start}{rule.name}:  # {_hint(rule)}"
        yield from _entry(NUMBER_FIELDS, leave=("via", "label"))
    else:
        yield f"{start}{rule.name}: {value}".rstrip() + f"  # {_hint(rule)}"


def _entry(fields: dict[str, str], *, leave: tuple[str, ...]) -> Iterator[str]:
    for at, (name, meaning) in enumerate(fields.items()):
        mark = "# " if name in leave else ""
        yield f"      {'- ' if at == 0 else '  '}{mark}{name}:  # {meaning}"


def _hint(rule: FieldRule) -> str:
    allowed = f" One of: {', '.join(rule.allowed)}." if rule.allowed else ""
    shape = " A list: [a, b]." if rule.type in ("words", "lines", "urls", "emails") else ""
    return f"{rule.meaning}.{allowed}{shape}"


def _new_id(text: str, *, taken: Container[str]) -> str:
    if not _ID.fullmatch(text):
        raise DataError([Problem(text, "is not an id", "use lower-case words joined by - or _")])
    if text in taken or text.replace("-", "_") in taken:
        raise DataError([Problem(text, "stands there already", "choose another name")])
    return text


_CHANNEL = '''\
"""The {name} channel: what it hears goes to the one turn; what the turn says comes back.

``waymark check`` names each function that is still empty. See bot/channels/web.py for a whole one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.turn import Incoming
from knowledge.message import Message


def verify(headers: Mapping[str, str], body: bytes, *, secret: bytes) -> bool:
    """Say whether the provider sent this; without a secret nothing is let in."""
    ...


def conversation_of(body: Mapping[str, Any], *, secret: bytes) -> str:
    """Return the conversation's id, made on our side: nothing of the sender may stand in it."""
    ...


def message_id(body: Mapping[str, Any]) -> str:
    """Return what the provider calls this message: a repeated one is answered once."""
    ...


def incoming(body: Mapping[str, Any]) -> Incoming:
    """Return the text, or the payload of the choice that was picked."""
    ...


def rendered(message: Message) -> list[dict[str, Any]]:
    """Return the message within the provider's limits: split, choices numbered, nothing dropped."""
    ...
'''
