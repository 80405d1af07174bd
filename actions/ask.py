"""What a person asks, as the answers see it: frozen, without Rasa."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from knowledge.base import Knowledge
from knowledge.message import Choice, Line, Message, build
from knowledge.model import Fact
from knowledge.schema import TOPICS
from knowledge.words import Words

_SECTION = re.compile(r"ss?[. ]|arts?\.|\d|Part |Schedule ")

UNITED_KINGDOM = "united_kingdom"
NATIONS = ("england_wales", "scotland", "northern_ireland")


@dataclass(frozen=True, slots=True)
class Book:
    """All that an answer may draw on: the facts, the sentences and the day."""

    knowledge: Knowledge
    words: Words
    today: date

    def message(
        self, kind: str, lines: list[Line | str], choices: tuple[Choice, ...] = ()
    ) -> Message:
        """Return a message built of lines, with its citations numbered."""
        return build(kind, lines, words=self.words, today=self.today, choices=choices)

    def place(self, place: str | None) -> str:
        """Return 'in Scotland' for a place."""
        return self.knowledge.places[place].in_name if place else ""

    def other_place(self, place: str | None) -> str:
        """Return 'in Scotland' for where the other person is."""
        return self.words("in_other_country") if place == "elsewhere" else self.place(place)

    def place_name(self, place: str | None, state: str | None = None) -> str:
        """Return a place's name: the state's, where one is known."""
        if not place:
            return ""
        found = self.knowledge.places[place]
        return found.states.get(state or "", found.name)

    def harm_names(self, harms: tuple[str, ...]) -> str:
        """Return 'stalking and threats' for harm ids."""
        names = [self.knowledge.harms[harm].name for harm in harms if harm in self.knowledge.harms]
        return joined(names, self.words("list_and"))


@dataclass(frozen=True, slots=True)
class Ask:
    """Where, who, what, and which page: all that decides an answer.

    ``harms`` and ``topics`` are what this message is about, or else what the conversation is.
    """

    home: str | None = None
    state: str | None = None
    perpetrator: str | None = None
    perpetrator_unknown: bool = False
    harms: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    rungs_tried: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    page: int = 0
    reason: str = ""

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the topics that a law can be about; the rest say what was done or found."""
        return tuple(topic for topic in self.topics if topic in TOPICS)

    @property
    def has_home(self) -> bool:
        """Say whether the home is known well enough to answer for it."""
        return self.home is not None and self.home != UNITED_KINGDOM

    @property
    def abroad(self) -> bool:
        """Say whether the person doing it is known to be in another place."""
        return self.perpetrator is not None and self.perpetrator != self.home

    @property
    def steps_key(self) -> str:
        """Name the home steps of this ask, to tell whether they were given already."""
        return "|".join(("steps", str(self.home), str(self.state), *sorted(self.harms)))

    @property
    def safety_key(self) -> str:
        """Name what cannot wait for a place, to tell whether it was said already."""
        return "|".join(("safety", *sorted(self.harms), *sorted(self.topics)))

    @property
    def border_key(self) -> str:
        """Name the cross-border part of this ask."""
        return "|".join(("border", str(self.home), str(self.perpetrator), *sorted(self.harms)))

    def on_page(self, page: int) -> Ask:
        """Return the same ask for another page."""
        return replace(self, page=page)


def joined(names: list[str], last: str) -> str:
    """Return 'a, b and c'."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + last + names[-1]


def law_of(fact: Fact) -> str:
    """Return 'Theft Act 1968 s.21', or the statute alone where there is no section."""
    if not fact.section or fact.section.lower() == fact.statute.lower():
        return fact.statute
    joint = " " if _SECTION.match(fact.section) else ": "
    return f"{fact.statute}{joint}{fact.section}".strip()
