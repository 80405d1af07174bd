"""What the bot sends: a message with its choices, its citations and the facts it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from knowledge.model import EVERYWHERE, Fact
from knowledge.words import Words

KINDS = ("answer", "question", "emergency", "crisis", "notice", "fallback")
OVERDUE = timedelta(days=365)
CITED_PER_FACT = 2
# A full stop ends a sentence when a word of two letters or more stands before it: "s.4" does not.
_SENTENCE = re.compile(r"(?<=[a-z0-9)][a-z0-9)][.!?])\s+(?=[A-Z“])")


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it says, and the payload that the channel keeps on our side."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A numbered source under a message."""

    n: int
    title: str
    url: str
    section: str
    checked_on: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message as every channel gets it; a channel only renders it."""

    kind: str
    text: str
    choices: tuple[Choice, ...] = ()
    citations: tuple[Cited, ...] = ()
    facts: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data, as it passes through Rasa."""
        return {
            "kind": self.kind,
            "text": self.text,
            "choices": [{"title": c.title, "payload": c.payload} for c in self.choices],
            "citations": [
                {
                    "n": c.n,
                    "title": c.title,
                    "url": c.url,
                    "section": c.section,
                    "checked_on": c.checked_on,
                }
                for c in self.citations
            ],
            "facts": list(self.facts),
        }


def message_from(data: dict[str, Any]) -> Message:
    """Return the message that ``as_dict`` wrote."""
    return Message(
        kind=str(data["kind"]),
        text=str(data["text"]),
        choices=tuple(Choice(c["title"], c["payload"]) for c in data.get("choices", ())),
        citations=tuple(Cited(**c) for c in data.get("citations", ())),
        facts=tuple(data.get("facts", ())),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a message and the facts it states."""

    text: str
    facts: tuple[Fact, ...] = ()


def build(
    kind: str,
    lines: Iterable[Line | str],
    *,
    words: Words,
    today: date,
    choices: Sequence[Choice] = (),
) -> Message:
    """Return one message: paragraphs with [n] marks, and the sources they point to.

    A fact that is only likely says so; one whose check is a year old says when it was checked.
    """
    numbers: dict[tuple[str, str, str], Cited] = {}
    used: dict[str, None] = {}
    paragraphs: list[str] = []
    kept = [Line(item) if isinstance(item, str) else item for item in lines]
    for line in kept:
        marks: list[int] = []
        for fact in line.facts:
            used[fact.id] = None
            for citation in fact.citations[:CITED_PER_FACT]:
                key = (citation.title, citation.url, citation.section)
                if key not in numbers:
                    numbers[key] = Cited(
                        n=len(numbers) + 1,
                        title=citation.title,
                        url=citation.url,
                        section=citation.section,
                        checked_on=fact.checked_on.isoformat(),
                    )
                marks.append(numbers[key].n)
        marked = "".join(f" [{n}]" for n in dict.fromkeys(marks))
        paragraphs.append(line.text + _caution(line.facts, words, today) + marked)
    if any(is_unsure_advice(fact) for line in kept for fact in line.facts):
        paragraphs.append(words("note_some_likely"))
    return Message(
        kind=kind,
        text="\n\n".join(paragraphs),
        choices=tuple(choices),
        citations=tuple(numbers.values()),
        facts=tuple(used),
    )


def brief(text: str, sentences: int = 2) -> str:
    """Return a text's first sentences: enough to act on, with the rest a choice away."""
    return " ".join(_SENTENCE.split(text)[:sentences])


def is_unsure_advice(fact: Fact) -> bool:
    """Say whether a fact is general advice that no official page confirms.

    One caution a message is enough for these, not one a line.
    """
    general = fact.jurisdiction == EVERYWHERE and fact.kind != "framing"
    return general and fact.confidence == "likely"


def _caution(facts: Sequence[Fact], words: Words, today: date) -> str:
    overdue = [fact for fact in facts if today - fact.checked_on > OVERDUE]
    if overdue:
        oldest = min(fact.checked_on for fact in overdue)
        return " " + words("note_overdue", checked_on=oldest.isoformat())
    if any(fact.confidence == "likely" and fact.jurisdiction != EVERYWHERE for fact in facts):
        return " " + words("note_likely")
    return ""
