"""A look at one place from inside its sentence: what stands before it, after it, around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.places import cues
from bot.places.find import Found, Words
from bot.places.model import Role

_SENTENCE = frozenset((".", "!", "?", "\n", ";"))
_SEGMENT = _SENTENCE | frozenset(
    (",", "(", ")", "-", "–", "—", ":", "/", "...", "..", "and", "but", "plus", "while", "&")
)


_AS_IF = {"out": "from", "for": "to"}
"""Based out of Leeds, left for Leeds."""
_BOUND = frozenset(("left", "leaving", "leaves", "bound", "headed", "heading", "off"))


@dataclass(frozen=True, slots=True)
class Judged:
    """A place with its role.

    Attributes:
        place: What was found.
        role: Whose place it is; "none" is nobody's (denied, past, met there).
        strength: 5 being there now, 4 living there, 3 coming from there, 2 nothing said, 1 a hint.
        law: Named only as the law that is asked about.
        relative: Where a relative is of whom nothing says that they are the victim.
    """

    place: Found
    role: Role
    strength: int
    law: bool = False
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A place, its sentence, its preposition and the word that it hangs on.

    Attributes:
        said: The message.
        place: The place that is looked at; it stands on the words ``first`` to ``last``.
        before: The places before it, with their roles.
        start: Where its sentence starts; it goes to ``end``.
        p: Where its preposition stands (``prep``, empty if it has none).
        gov_at: Where the word stands that it hangs on (``gov``): lives, moved, someone.
    """

    said: Words
    place: Found
    before: Sequence[Judged]
    start: int
    end: int
    p: int
    gov_at: int

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words of the whole message."""
        return self.said.words

    @property
    def first(self) -> int:
        """Return where the place starts."""
        return self.place.first

    @property
    def last(self) -> int:
        """Return where the place has ended."""
        return self.place.last

    @property
    def prep(self) -> str:
        """Return the preposition, or nothing."""
        return _AS_IF.get(word := self.words[self.p], word) if self.p >= self.start else ""

    @property
    def gov(self) -> str:
        """Return the word that the place hangs on, or nothing."""
        return self.words[self.gov_at] if self.gov_at >= self.start else ""

    @property
    def after(self) -> str:
        """Return the word after the place, or nothing at the end of the sentence."""
        return self.words[self.last] if self.last < self.end else ""

    def word(self, at: int) -> str:
        """Return a word of the sentence up to the place; nothing before its start."""
        return self.words[at] if at >= self.start else ""

    def judged(
        self, role: Role, strength: int, *, law: bool = False, relative: bool = False
    ) -> Judged:
        """Return the place with this role."""
        return Judged(self.place, role, strength, law, relative)

    def segment(self) -> tuple[int, int]:
        """Return where the part of the sentence between commas starts and ends."""
        first, last = self.first, self.last
        while first > self.start and self.words[first - 1] not in _SEGMENT:
            first -= 1
        while last < self.end and self.words[last] not in _SEGMENT:
            last += 1
        return first, last

    def place_at(self, at: int) -> Found | None:
        """Return the place that a word belongs to."""
        return next((one for one in self.said.found if one.first <= at < one.last), None)


def _is_preposition(words: Sequence[str], at: int) -> bool:
    """Return whether a word places something; "for" only of somebody who left for a place."""
    word = words[at]
    if word == "for":
        return not _BOUND.isdisjoint(words[max(0, at - 4) : at])
    if word == "out":
        return words[at + 1] == "of"
    return word in cues.IN or word in ("from", "to")


def look_at(said: Words, at: int, *, before: Sequence[Judged]) -> Look:
    """Return the look at the place with this number."""
    words, place = said.words, said.found[at]
    start, end = place.first, place.last
    while start > 0 and words[start - 1] not in _SENTENCE:
        start -= 1
    while end < len(words) and words[end] not in _SENTENCE:
        end += 1
    p = place.first - 1
    while p >= start and words[p] in cues.SKIP_BEFORE:
        p -= 1
    if p < start or not _is_preposition(words, p):
        p = start - 1
    gov_at = (p if p >= start else place.first) - 1
    while gov_at >= start and words[gov_at] in cues.ADVERBS:
        gov_at -= 1
    return Look(said, place, before, start, end, p, gov_at)
