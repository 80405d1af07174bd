"""How a helpline takes over a conversation, as its settings file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

# The desks that there are, as a helpline's file names them.
DESKS = ("webhook", "chatwoot")
# Chatwoot makes a secret of its own, of 24 letters.
LEAST_SECRET = 16


@dataclass(frozen=True, slots=True)
class Span:
    """One opening on a weekday (0 is Monday); ``ends`` up to ``begins`` is on the next day."""

    weekday: int
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Hours:
    """When people answer, in the helpline's own time zone; ``closed`` holds ISO dates."""

    zone: str
    spans: tuple[Span, ...]
    closed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HandOff:
    """Where a conversation is handed to. Secrets come from the environment, not from the file.

    ``desk`` is ``webhook`` or ``chatwoot``; ``url`` where we post; ``wait_minutes`` after which the
    person is told honestly that nobody came, with ``fallback`` (the id of one of the helpline's own
    numbers) beside it.
    """

    desk: str
    url: str
    hours: Hours | None
    wait_minutes: int
    fallback: str
    secret: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    account: int = 0
    inbox: int = 0
