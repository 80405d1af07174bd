"""The frozen types of the knowledge base: what a fact is, and what it cites."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

EVERYWHERE = "all"
"""The jurisdiction of a fact that holds wherever the person is."""


@dataclass(frozen=True, slots=True)
class Number:
    """One thing a person can dial or text: as shown, and as the telephone takes it."""

    display: str
    dial: str
    via: str = "call"
    label: str = ""

    @property
    def is_short_code(self) -> bool:
        """Say whether it works only inside its own country (999, 101, 131 444)."""
        return not self.dial.startswith("+")


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement can be read: title, address, section, and where it was seen."""

    title: str
    url: str
    seen_in: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One sourced statement. Every field is defined once, in ``knowledge/schema.py``.

    ``own`` is true for a number of the helpline that runs the server: it comes from that helpline's
    settings, never from this folder.
    """

    id: str
    kind: str
    jurisdiction: str
    title: str
    text: str
    citations: tuple[Citation, ...]
    checked_on: date
    confidence: str
    where: str
    guide_units: tuple[str, ...] = ()
    harm_types: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    urls: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    narrow: bool = False
    order: int = 50
    state: str = ""
    say: str = ""
    statute: str = ""
    short_names: tuple[str, ...] = ()
    section: str = ""
    max_penalty: str = ""
    needs: tuple[str, ...] = ()
    changed: str = ""
    extent: str = ""
    standing: str = ""
    way: str = ""
    step: int = 0
    gives: str = ""
    rung: int = 0
    answers_to: tuple[str, ...] = ()
    side: str = ""
    part: str = ""
    homes: tuple[str, ...] = ()
    when_in: tuple[str, ...] = ()
    subject: str = ""
    serves: tuple[str, ...] = ()
    hours: str = ""
    consent: str = ""
    own_offence: bool = False
    own: bool = False

    @property
    def full_text(self) -> str:
        """Return all that the fact says, in one string."""
        parts = [self.text, *self.needs, self.changed, self.extent, self.hours, self.say]
        return "\n".join(part for part in parts if part)

    @property
    def rests_on_guide_alone(self) -> bool:
        """Say whether no page but the guide's own confirms it."""
        return all(citation.seen_in == "guide" for citation in self.citations)


@dataclass(frozen=True, slots=True)
class Place:
    """A value of ``home_jurisdiction`` or ``perpetrator_location``."""

    id: str
    prefix: str
    name: str
    in_name: str
    order: int
    home: bool
    perpetrator: bool
    guide: bool
    police: str = ""
    reference: str = ""
    states: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Harm:
    """A value of ``harm_types``: its name and what it means in plain words."""

    id: str
    name: str
    meaning: str
    order: int


@dataclass(frozen=True, slots=True)
class Source:
    """A host that may be cited, and who publishes there."""

    host: str
    publisher: str
    official: bool
