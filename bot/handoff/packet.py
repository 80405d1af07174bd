"""What a helpline gets when it takes over: made from what is known, seen and edited by the person.

A packet is a handful of lines. The same lines are read by the person before anything is sent, by
the people at the desk, and as JSON by its programs (docs/handoff.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from knowledge.base import Knowledge
from knowledge.emergency import SELF_HARM
from knowledge.words import Words

VERSION = 1
MOST_TYPED = 500
MOST_FACTS = 100
MOST_SAID = 200
# Each line of the packet, in the order in which it is read, and the name of its label.
LABELS: Mapping[str, str] = {
    "danger": "choice_handoff_danger",
    "home": "choice_handoff_home",
    "other": "choice_handoff_other",
    "harms": "choice_handoff_harms",
    "phrase": "choice_handoff_phrase",
    "tried": "choice_handoff_tried",
    "told": "choice_handoff_told",
    "references": "choice_handoff_references",
    "way": "choice_handoff_way",
    "time": "choice_handoff_time",
    "message": "choice_handoff_message",
    "code": "choice_handoff_code",
    "transcript": "choice_handoff_transcript",
}
FIELDS = tuple(LABELS)
# These are on or off; the rest can be written anew.
MESSAGE, TRANSCRIPT = "message", "transcript"
SWITCHES = frozenset({MESSAGE, TRANSCRIPT})


@dataclass(frozen=True, slots=True)
class Value:
    """One line: as it is read, and the ids behind it. What the person typed has none."""

    text: str
    data: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Danger:
    """That danger was read in what somebody wrote: which kind and when (seconds), no words."""

    kind: str
    at: float


@dataclass(frozen=True, slots=True)
class Packet:
    """What would be handed over. ``revision`` counts changes: a yes is to what was seen."""

    id: str
    channel: str
    language: str
    values: Mapping[str, Value]
    revision: int = 0

    def with_(self, field: str, value: Value | None) -> Packet:
        """Return the packet with another line, or without it."""
        values = {name: kept for name, kept in self.values.items() if name != field}
        if value is not None:
            values[field] = value
        return replace(self, values=values, revision=self.revision + 1)

    def lines(self, words: Words) -> list[str]:
        """Return the lines that are there, as they are read."""
        return [
            words("handoff_line", label=words(LABELS[field]), value=self.values[field].text)
            for field in FIELDS
            if field in self.values
        ]

    def left_out(self, words: Words) -> str:
        """Return the labels of the lines that are not there, as one line, or nothing."""
        labels = [words(LABELS[field]) for field in FIELDS if field not in self.values]
        return words("handoff_left_out", labels=", ".join(labels)) if labels else ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data: for the desk, for the store, and for who asks what is kept."""
        return {
            "version": VERSION,
            "id": self.id,
            "channel": self.channel,
            "language": self.language,
            "revision": self.revision,
            "lines": {
                field: {"text": self.values[field].text, "data": list(self.values[field].data)}
                for field in FIELDS
                if field in self.values
            },
        }


def packet_from(data: Mapping[str, Any]) -> Packet:
    """Return the packet that ``as_dict`` wrote."""
    return Packet(
        id=str(data["id"]),
        channel=str(data["channel"]),
        language=str(data["language"]),
        revision=int(data["revision"]),
        values={
            str(field): Value(str(value["text"]), tuple(value["data"]))
            for field, value in data["lines"].items()
        },
    )


def made_packet(
    kept: Iterable[Mapping[str, Any]],
    *,
    id: str,
    channel: str,
    language: str,
    danger: Danger | None,
    home: str | None,
    knowledge: Knowledge,
    words: Words,
    zone: tzinfo = UTC,
) -> Packet:
    """Return a packet from what is kept of a conversation (an export's lines).

    ``home`` is what the turn knows where the store does not; times are read in ``zone``.
    """
    rows = list(kept)
    known = {str(row["known"]): row["value"] for row in rows if "known" in row}
    known.setdefault("home_jurisdiction", home)
    found: dict[str, Value | None] = {
        "danger": danger_value(danger, words=words, zone=zone),
        "home": _home(known, knowledge),
        "other": _place(known.get("perpetrator_location"), knowledge),
        "harms": _harms(known, knowledge),
        "phrase": _phrase(rows),
        "tried": _tried(known, knowledge),
        "told": _told(rows, knowledge, words),
        "way": Value(words("handoff_only_here"), ("chat",)),
        MESSAGE: message_value(words, fine=False),
    }
    values = {field: value for field, value in found.items() if value is not None}
    return Packet(id, channel, language, values)


def danger_value(danger: Danger | None, *, words: Words, zone: tzinfo) -> Value | None:
    """Return the line on a danger that was read: its kind and when."""
    if danger is None:
        return None
    moment = datetime.fromtimestamp(danger.at, zone)
    name = "handoff_was_crisis" if danger.kind == SELF_HARM else "handoff_was_danger"
    when = moment.strftime("%-d %B, %H:%M %Z").strip()
    at = datetime.fromtimestamp(danger.at, UTC).isoformat(timespec="minutes")
    return Value(words(name, when=when), (danger.kind, at))


def message_value(words: Words, *, fine: bool) -> Value:
    """Return whether a message may be left."""
    if fine:
        return Value(words("handoff_message_fine"), (True,))
    return Value(words("handoff_no_message"), (False,))


def transcript_value(kept: Iterable[Mapping[str, Any]], words: Words) -> Value | None:
    """Return what was said on both sides, the last part of a long one, or nothing."""
    said = [
        {"from": str(row["from"]), "text": str(row["text"])}
        for row in kept
        if row.get("from") and row.get("text") and not _pressed(row)
    ][-MOST_SAID:]
    if not said:
        return None
    return Value(words("handoff_whole_chat", count=str(len(said))), tuple(said))


def typed_value(text: str) -> Value | None:
    """Return a line that the person wrote, on one line and not too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(shown.split())[:MOST_TYPED]
    return Value(shown) if shown else None


def _home(known: Mapping[str, Any], knowledge: Knowledge) -> Value | None:
    home, state = known.get("home_jurisdiction"), known.get("australian_state")
    found = _place(home, knowledge)
    if found is None or not state:
        return found
    name = knowledge.places[str(home)].states.get(str(state))
    return Value(f"{name}, {found.text}", (*found.data, str(state))) if name else found


def _place(place: Any, knowledge: Knowledge) -> Value | None:
    if not place or place not in knowledge.places:
        return None
    name = knowledge.places[place].name
    return Value(name[0].upper() + name[1:], (str(place),))


def _harms(known: Mapping[str, Any], knowledge: Knowledge) -> Value | None:
    harms = [harm for harm in known.get("harm_types") or () if harm in knowledge.harms]
    if not harms:
        return None
    return Value(", ".join(knowledge.harms[harm].name for harm in harms), tuple(harms))


def _tried(known: Mapping[str, Any], knowledge: Knowledge) -> Value | None:
    rungs = [rung for rung in known.get("rungs_tried") or () if rung in knowledge.by_id]
    if not rungs:
        return None
    return Value("; ".join(knowledge.by_id[rung].title for rung in rungs), tuple(rungs))


def _phrase(rows: Sequence[Mapping[str, Any]]) -> Value | None:
    """Return the person's own words in which the guide last read what happened."""
    phrase, last = "", ""
    for row in rows:
        if row.get("from") == "you":
            last = "" if _pressed(row) else str(row.get("text") or "")
        elif row.get("known") == "harm_types" and last:
            phrase = last
    return typed_value(phrase)


def _told(rows: Sequence[Mapping[str, Any]], knowledge: Knowledge, words: Words) -> Value | None:
    said = dict.fromkeys(
        fact for row in rows for fact in row.get("facts") or () if fact in knowledge.by_id
    )
    if not said:
        return None
    data = tuple(
        {"id": fact, "checked_on": knowledge.by_id[fact].checked_on.isoformat()}
        for fact in list(said)[-MOST_FACTS:]
    )
    return Value(words("handoff_facts", count=str(len(data))), data)


def _pressed(row: Mapping[str, Any]) -> bool:
    """Say whether a line is a pressed button: its payload is no words of the person's."""
    return row.get("from") == "you" and str(row.get("text") or "").startswith("/")
