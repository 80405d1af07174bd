"""What is remembered of a conversation that was handed over, in memory and sealed in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.handoff.machine import QUIET, State
from bot.handoff.packet import Packet, packet_from

MOST_SEEN = 100
MOST_EARLIER = 20


@dataclass(slots=True)
class Record:
    """One hand-off. Times are seconds since 1970.

    ``address`` is where a messaging channel sends, kept only because the helpline's answer comes
    when nobody has just written. ``ref`` is what the desk calls it; ``seen`` are the ids of the
    desk's posts that were taken. ``earlier`` are hand-offs of the same conversation that are over,
    to be deleted at the desk with this one. ``line`` is the one that the person is writing;
    ``reminded`` is when they last heard that nothing was sent yet.
    """

    conversation: str
    address: tuple[str, ...] = ()
    state: State = State.NONE
    packet: Packet | None = None
    consent: str = ""
    agreed_at: float = 0.0
    heard: float = 0.0
    used: float = 0.0
    ref: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    earlier: list[dict[str, Any]] = field(default_factory=list)
    line: str = ""
    reminded: float = 0.0
    gone: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def id(self) -> str:
        """Return the id by which the desk knows this hand-off."""
        return self.packet.id if self.packet else ""

    @property
    def channel(self) -> str:
        """Return the channel of the conversation."""
        return self.conversation.partition("-")[0]

    @property
    def quiet(self) -> bool:
        """Say whether the guide is quiet and the helpline hears."""
        return self.state in QUIET

    @property
    def at_desk(self) -> bool:
        """Say whether the desk has something of the person."""
        return bool(self.consent or self.earlier)

    def is_new_post(self, post_id: str) -> bool:
        """Say whether a post of the desk was not taken before, and remember it."""
        if post_id in self.seen:
            return False
        self.seen = [*self.seen, post_id][-MOST_SEEN:]
        return True

    def put_away(self) -> None:
        """Make room for another hand-off; what the desk has of this one stays known."""
        if self.consent and self.packet is not None:
            row = {"id": self.packet.id, "ref": dict(self.ref)}
            self.earlier = [*self.earlier, row][-MOST_EARLIER:]
        self.packet, self.consent, self.agreed_at, self.line = None, "", 0.0, ""
        self.ref, self.seen, self.reminded = {}, [], 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return what the store seals."""
        return {
            "conversation": self.conversation,
            "address": list(self.address),
            "state": self.state.value,
            "packet": self.packet.as_dict() if self.packet else None,
            "consent": self.consent,
            "agreed_at": self.agreed_at,
            "heard": self.heard,
            "used": self.used,
            "ref": self.ref,
            "seen": self.seen,
            "earlier": self.earlier,
        }


def record_from(data: Mapping[str, Any]) -> Record:
    """Return the record that ``as_dict`` wrote."""
    return Record(
        conversation=str(data["conversation"]),
        address=tuple(str(part) for part in data["address"]),
        state=State(data["state"]),
        packet=packet_from(data["packet"]) if data["packet"] else None,
        consent=str(data["consent"]),
        agreed_at=float(data["agreed_at"]),
        heard=float(data["heard"]),
        used=float(data["used"]),
        ref={str(name): str(value) for name, value in data["ref"].items()},
        seen=[str(one) for one in data["seen"]],
        earlier=list(data["earlier"]),
    )
