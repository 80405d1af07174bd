"""The messages of the checklist, made from the templates: always the same ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
# Bare answers: whatever stands before or after one of these is what the message says.
BARE = frozenset({"greet", "goodbye", "thanks", "affirm", "deny", "dont_know"})
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Seed:
    """A message and what it must be understood as; a danger has a kind and no intent."""

    text: str
    intent: str | None = None
    harm: str | None = None
    kind: str | None = None
    hard: bool = False

    @property
    def bare(self) -> bool:
        return self.intent in BARE


@dataclass(frozen=True, slots=True)
class Pair:
    """A message and the same one changed so that the answer has to turn."""

    before: str
    after: str


def seeds(fill: int = 0) -> list[Seed]:
    """Return one message a template; another ``fill`` puts other words in the slots."""
    content = _read("templates.yml")
    slots = content["slots"]
    found: list[Seed] = []
    for group in content["ordinary"]:
        for text in group["texts"]:
            filled = _filled(text, slots, len(found) + fill)
            found.append(Seed(filled, intent=group["intent"], harm=group.get("harm")))
    for group in content["danger"]:
        for text in group["texts"]:
            found.append(Seed(_filled(text, slots, len(found) + fill), kind=group["kind"]))
    for text in content["hard_negatives"]["texts"]:
        found.append(Seed(_filled(text, slots, len(found) + fill), hard=True))
    return found


def pairs(name: str) -> list[Pair]:
    """Return the pairs of a direction, each with two fillings where there are slots."""
    slots = _read("templates.yml")["slots"]
    found = [
        Pair(_filled(before, slots, turn), _filled(after, slots, turn))
        for at, (before, after) in enumerate(_read("directions.yml")[name])
        for turn in (at, at + 3)
    ]
    return list(dict.fromkeys(found))


def added(name: str, messages: Sequence[Seed]) -> list[Pair]:
    """Return messages without and with what a direction adds to them."""
    line = _read("directions.yml")["added"][name]
    return [Pair(seed.text, line.format(text=seed.text)) for seed in messages]


def _filled(text: str, slots: Mapping[str, Sequence[str]], turn: int) -> str:
    return _SLOT.sub(lambda found: slots[found[1]][turn % len(slots[found[1]])], text)


def _read(name: str) -> dict[str, Any]:
    content = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content
