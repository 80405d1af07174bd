"""What is said without Rasa: an emergency, a notice, and the texts that stand in when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.base import Knowledge
from knowledge.emergency import (
    SELF_HARM,
    crisis_message,
    danger_message,
    fixed_numbers,
    notice_message,
)
from knowledge.message import Line, Message, build
from knowledge.words import Words


@dataclass(frozen=True, slots=True)
class FixedTexts:
    """Makes messages out of knowledge and words alone; a home is where the person is, if known."""

    knowledge: Knowledge
    words: Words

    def urgent(self, kind: str, home: str | None) -> Message:
        """Return the message of a present danger, with its numbers."""
        make = crisis_message if kind == SELF_HARM else danger_message
        return make(self.knowledge, self.words, home=home, today=date.today())

    def notice(self, kind: str, home: str | None) -> Message:
        """Return the line under an answer where words of danger were softened."""
        return notice_message(self.knowledge, self.words, home=home, today=date.today(), kind=kind)

    def fallback(self, name: str, home: str | None) -> Message:
        """Return a fixed text with the emergency number."""
        places = [home] if home else [place.id for place in self.knowledge.homes()]
        facts = tuple(fact for p in places for fact in self.knowledge.emergency(p)[:1])
        line = Line(self.numbers(home), facts)
        return build("fallback", [self.words(name), line], words=self.words, today=date.today())

    def numbers(self, home: str | None) -> str:
        """Return the emergency numbers as a sentence."""
        return fixed_numbers(self.knowledge, self.words, home=home)
