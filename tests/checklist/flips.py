"""What was understood of a message, and which answers a change turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """What the bot acts on: intent, harm types with the surest first, danger by either layer."""

    intent: str
    harms: tuple[str, ...] = ()
    danger: bool = False

    @property
    def top_harm(self) -> str | None:
        return self.harms[0] if self.harms else None


@dataclass(frozen=True, slots=True)
class Change:
    """A message before and after, with what was understood of each."""

    before: str
    after: str
    was: Reading
    now: Reading


@dataclass(frozen=True, slots=True)
class Flips:
    """The changes that turned one part of the answer."""

    what: str
    lines: tuple[str, ...]
    of: int

    @property
    def share(self) -> float:
        return len(self.lines) / self.of if self.of else 0.0

    def told(self, limit: float) -> str:
        """Return the count, the limit and every message that flipped."""
        head = f"{self.what}: {len(self.lines)} of {self.of} flipped ({self.share:.1%}, at most {limit:.0%})"
        return "\n".join([head, *(f"  {line}" for line in self.lines)])


def flips(what: str, changes: Sequence[Change]) -> Flips:
    """Return the flips of ``intent``, ``top harm``, ``harms`` or ``danger`` among the changes."""
    read = {
        "intent": lambda reading: reading.intent,
        "top harm": lambda reading: reading.top_harm,
        "harms": lambda reading: " ".join(sorted(reading.harms)) or None,
        "danger": lambda reading: "danger" if reading.danger else "no danger",
    }[what]
    lines = tuple(
        f"{read(c.was)} -> {read(c.now)}: {c.after!r} (was {c.before!r})"
        for c in changes
        if read(c.was) != read(c.now)
    )
    return Flips(what, lines, len(changes))
