"""Whether somebody at the helpline is there, and how else the helpline is reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from bot.handoff import said
from bot.handoff.config import HandOff
from bot.helpline.book import own_line
from bot.helpline.hours import next_opening, open_at
from knowledge.base import Knowledge
from knowledge.message import Message
from knowledge.model import Fact
from knowledge.words import Words


class Presence:
    """Reads the opening hours and the helpline's own number."""

    def __init__(
        self,
        config: HandOff,
        *,
        knowledge: Knowledge,
        words: Words,
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._knowledge = knowledge
        self._words = words
        self._clock = clock

    @property
    def shut(self) -> bool:
        """Say whether nobody is there now; without hours somebody always is."""
        hours = self._config.hours
        return hours is not None and not open_at(hours, self._now)

    def closed(self, home: str | None) -> Message:
        """Return when somebody is there again, and the line to use until then."""
        hours = self._config.hours
        opens = next_opening(hours, self._now) if hours else None
        return said.closed(
            self._words, self._line(home), opens=opens, place=self._place(home), today=date.today()
        )

    def elsewhere(self, name: str, home: str | None) -> Message:
        """Return a sentence with the helpline's own number under it."""
        return said.with_line(
            name, self._words, self._line(home), place=self._place(home), today=date.today()
        )

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _place(self, home: str | None) -> str:
        """Return what the line serves, where that is known not to be the person's home."""
        place = self._knowledge.places.get(self._line(home).jurisdiction)
        return place.in_name if place and home and place.id != home else ""

    def _line(self, home: str | None) -> Fact:
        line = own_line(self._knowledge, self._config.fallback, home=home)
        if line is None:
            # Looked for before the port opened.
            raise LookupError("hand_off: fallback is no fact with a number")
        return line
