"""Tells the desk: in order, urgent things first, again and again where it does not answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.channels.outbox import Attempt, Item, Outbox
from bot.channels.plain_text import readable
from bot.channels.render import Outgoing
from bot.handoff.desk import MOST_HEARD, HelpDesk, Note, note_from
from bot.handoff.farewell import Done, Farewell
from bot.handoff.machine import Event
from bot.handoff.packet import VERSION
from bot.handoff.record import Record
from knowledge.words import Words

_REASONS = {
    Event.TIME_OUT: ("nobody", "desk_nobody"),
    Event.UNDELIVERED: ("nobody", "desk_nobody"),
    Event.EXPIRE: ("expired", "desk_expired"),
    Event.RESUME: ("resumed", "desk_resumed"),
}


class Told(Protocol):
    """Hears what became of a packet or of a person's message."""

    def __call__(self, record: Record, *, sent: bool, packet: bool) -> None:
        """Take it that it was sent, or given up."""
        ...


class Teller:
    """One queue for each hand-off. What is not for the desk never comes here."""

    def __init__(
        self,
        desk: HelpDesk,
        *,
        words: Words,
        count: Callable[[str], None],
        told: Told,
        clock: Callable[[], float],
    ) -> None:
        self._desk = desk
        self._words = words
        self._told = told
        self._clock = clock
        # What the desk calls each hand-off that something is on its way for.
        self._refs: dict[str, dict[str, str]] = {}
        self.outbox = Outbox(self._send, count=count)

    def packet(self, record: Record) -> None:
        """Bring the packet; all that follows waits behind it."""
        packet = record.packet
        if packet is None:
            return
        lines = [*packet.lines(self._words), self._words("desk_agreed", date=record.consent)]
        consent = {"on": record.consent, "packet_version": VERSION}
        data = {"packet": packet.as_dict(), "consent": consent, "lines": lines}
        self._put(record, "packet", data, urgent=True)

    def message(self, record: Record, text: str) -> None:
        """Bring what the person wrote."""
        said = readable(text, MOST_HEARD)
        if said:
            self._put(record, "message", {"text": said})

    def aside(self, record: Record, text: str) -> None:
        """Say what happened that is no message."""
        self._put(record, "aside", {"text": text})

    def danger(self, record: Record, kind: str) -> None:
        """Say at once that danger was read."""
        self._put(record, "danger", {"kind": kind}, urgent=True)

    def closed(self, record: Record, why: Event) -> None:
        """Say that it is over here, and drop what the desk was not told yet."""
        reason, words = _REASONS[why]
        said = {"reason": reason, "text": self._words(words), "delete": False}
        self._close(record.id, record.ref, said)

    def deleted(self, farewell: Farewell, done: Done) -> None:
        """Have a hand-off deleted at the desk; ``done`` hears whether the desk was told."""
        said = {"reason": "deleted", "text": self._words("desk_delete"), "delete": True}
        self._close(farewell.hand_off, farewell.ref, said, done)

    def _close(
        self, hand_off: str, ref: dict[str, str], said: dict[str, Any], then: Done | None = None
    ) -> None:
        self.outbox.clear(hand_off)
        self._refs[hand_off] = ref

        def done(sent: bool) -> None:
            self._refs.pop(hand_off, None)
            if then is not None:
                then(sent)

        self._queue(self._note(hand_off, "closed", said), urgent=True, done=done)

    def _put(
        self, record: Record, what: str, data: dict[str, Any], *, urgent: bool = False
    ) -> None:
        self._refs[record.id] = record.ref

        def done(sent: bool) -> None:
            if what in ("packet", "message"):
                self._told(record, sent=sent, packet=what == "packet")

        self._queue(self._note(record.id, what, data), urgent=urgent, done=done)

    def _queue(self, note: Note, *, urgent: bool, done: Callable[[bool], None]) -> None:
        item = Item((note.hand_off,), Outgoing(note.as_text()), urgent, lambda: True, done)
        self.outbox.put(note.hand_off, item)

    def _note(self, hand_off: str, what: str, data: dict[str, Any]) -> Note:
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")
        return Note(secrets.token_urlsafe(12), hand_off, what, at, data)

    async def _send(self, address: tuple[str, ...], message: Outgoing) -> Attempt:
        return await self._desk.tell(note_from(message.text), self._refs.get(address[0], {}))
