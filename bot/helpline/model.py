"""What a helpline's settings file says, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.handoff.config import HandOff, Hours
from knowledge.model import Fact

WEB = "web"
# What a helpline calls a channel, and whose secrets switch it on.
PROVIDERS: dict[str, str] = {
    "telegram": "telegram",
    "whatsapp": "twilio",
    "sms": "twilio",
    "messenger": "messenger",
    "slack": "slack",
}
CHANNELS: tuple[str, ...] = (WEB, *PROVIDERS)


@dataclass(frozen=True, slots=True)
class Helpline:
    """A helpline as it stands in its file. What is left out there is None or empty here.

    ``facts`` are its own numbers, one for each place that a number serves; ``words`` the sentences
    it says in its own way, by name. ``lines`` tells where each field stands, as ``path:line``.
    """

    path: str
    name: str
    homes: tuple[str, ...]
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    hours: Hours | None = None
    retention_hours: int | None = None
    hand_off: HandOff | None = None
    lines: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def where(self, name: str) -> str:
        """Return ``path:line`` of a field, or of the file's first line where it is left out."""
        return dict(self.lines).get(name, f"{self.path}:1")

    @property
    def only_home(self) -> str | None:
        """Return the place of everybody it serves, where there is one place only."""
        return self.homes[0] if len(self.homes) == 1 else None
