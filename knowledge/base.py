"""The knowledge base in memory, and the questions that answers ask of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from knowledge.model import EVERYWHERE, Fact, Harm, Place, Source

UNITED_KINGDOM = "united_kingdom"
NATIONS = ("england_wales", "scotland", "northern_ireland")


@dataclass(frozen=True)
class Knowledge:
    """Every fact, place, harm and source; all queries are pure."""

    facts: tuple[Fact, ...]
    places: dict[str, Place]
    harms: dict[str, Harm]
    sources: dict[str, Source]

    @cached_property
    def by_id(self) -> dict[str, Fact]:
        """Return all facts by id."""
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def _by_kind_and_place(self) -> dict[tuple[str, str], tuple[Fact, ...]]:
        groups: dict[tuple[str, str], list[Fact]] = {}
        for fact in self.facts:
            groups.setdefault((fact.kind, fact.jurisdiction), []).append(fact)
        return {
            key: tuple(sorted(group, key=lambda fact: (fact.rung, fact.order)))
            for key, group in groups.items()
        }

    def homes(self) -> tuple[Place, ...]:
        """Return the places a person can be in, in the order they are offered."""
        return tuple(place for place in self.places.values() if place.home)

    def guides(self) -> tuple[Place, ...]:
        """Return the homes that have a guide in depth."""
        return tuple(place for place in self.homes() if place.guide)

    def find(
        self,
        kind: str,
        place: str | None,
        *,
        state: str | None = None,
        harms: Collection[str] = (),
        topics: Collection[str] = (),
    ) -> tuple[Fact, ...]:
        """Return the facts of a kind for a place, in order, narrowed by what is known.

        A fact of another state never appears; facts without a state always do. Harms and topics
        narrow only where given: a fact that names neither is about all of them.
        """
        if place is None:
            return ()
        found = self._by_kind_and_place.get((kind, place), ())
        return tuple(
            fact
            for fact in found
            if (not fact.state or fact.state == state) and _about(fact, harms, topics)
        )

    def emergency(
        self, place: str | None, *, ways: Collection[str] = ("call",)
    ) -> tuple[Fact, ...]:
        """Return a place's emergency numbers for the given ways of using them."""
        return tuple(fact for fact in self.find("emergency_number", place) if fact.way in ways)

    def own_lines(self, place: str | None) -> tuple[Fact, ...]:
        """Return the numbers of the helpline that runs the server, for one place or for all."""
        return tuple(f for f in self.facts if f.own and place in (None, f.jurisdiction))

    def with_own(self, facts: Sequence[Fact]) -> Knowledge:
        """Return this knowledge and a helpline's own numbers."""
        return replace(self, facts=(*facts, *self.facts)) if facts else self

    def essentials(self, subject: str) -> tuple[Fact, ...]:
        """Return what holds everywhere on one subject, in reading order."""
        return tuple(fact for fact in self.find("essential", EVERYWHERE) if fact.subject == subject)

    def about(self) -> tuple[Fact, ...]:
        """Return what the guide is and promises."""
        return self.find("framing", EVERYWHERE)

    def cross_border(
        self,
        place: str | None,
        *,
        side: str,
        home: str | None,
        other: str | None,
        part: str | None = None,
        harms: Collection[str] = (),
    ) -> tuple[Fact, ...]:
        """Return what to ask for at home, or what works where the other person is.

        Args:
            place: whose facts: the home's, the other place's, or ``all``.
            side: ``home`` or ``perpetrator``.
            home: where the person is.
            other: where the other person is, if known.
            part: ``lever``, ``route`` or ``note``; None for all.
            harms: what happened; narrows only facts that name harms.
        """
        return tuple(
            fact
            for fact in self.find("cross_border", place, harms=harms)
            if fact.side == side
            and (part is None or fact.part == part)
            and (not fact.homes or home in fact.homes)
            and (not fact.when_in or other in fact.when_in)
        )


def _about(fact: Fact, harms: Collection[str], topics: Collection[str]) -> bool:
    named = not set(fact.topics).isdisjoint(topics)
    if fact.narrow:
        return named
    if not harms and not topics:
        return True
    if not fact.harm_types and not fact.topics:
        return True
    return named or not set(fact.harm_types).isdisjoint(harms)
