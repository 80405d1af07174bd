"""The packet before it is sent: made from what is known, and changed line by line."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Any

from bot.channels.memory import Memory
from bot.handoff import said
from bot.handoff.packet import (
    MESSAGE,
    SWITCHES,
    TRANSCRIPT,
    Danger,
    Packet,
    danger_value,
    made_packet,
    message_value,
    transcript_value,
    typed_value,
)
from bot.handoff.record import Record
from knowledge.base import Knowledge
from knowledge.message import Message
from knowledge.words import Words

log = logging.getLogger(__name__)
# The language of data/responses/, in which the lines are written.
LANGUAGE = "en"


class Drafts:
    """Writes into a record's packet. Nothing here is sent or kept."""

    def __init__(
        self,
        *,
        knowledge: Knowledge,
        words: Words,
        memory: Memory,
        export: Callable[[str], Awaitable[list[dict[str, Any]]]],
        zone: tzinfo,
    ) -> None:
        self._knowledge = knowledge
        self._words = words
        self._memory = memory
        self._export = export
        self._zone = zone

    async def begin(self, record: Record) -> None:
        """Make the packet from what is kept of the conversation."""
        memory = self._memory.of(record.conversation)
        record.put_away()
        record.packet = made_packet(
            await self._kept(record.conversation),
            id=secrets.token_urlsafe(18),
            channel=record.channel,
            language=LANGUAGE,
            danger=Danger(*memory.danger) if memory.danger else None,
            home=memory.home,
            knowledge=self._knowledge,
            words=self._words,
            zone=self._zone,
        )

    async def choose(self, record: Record, packet: Packet, field: str) -> Message | None:
        """Return the question for a line, or None when it was a switch and is turned."""
        if field not in SWITCHES:
            record.line = field
            return said.edit_line(packet, field, self._words)
        if field == MESSAGE:
            now = packet.values.get(MESSAGE)
            value = message_value(self._words, fine=now is None or now.data != (True,))
            record.packet = packet.with_(field, value)
        else:
            there = TRANSCRIPT in packet.values
            kept = [] if there else await self._kept(record.conversation)
            record.packet = packet.with_(field, transcript_value(kept, self._words))
        return None

    def write(self, record: Record, packet: Packet, text: str) -> Message | None:
        """Put a text into the line that was chosen; return the question again for an empty one."""
        value = typed_value(text)
        if value is None:
            return said.edit_line(packet, record.line, self._words)
        record.packet, record.line = packet.with_(record.line, value), ""
        return None

    def alarm(self, record: Record, packet: Packet, danger: Danger) -> None:
        """Note that danger was read meanwhile."""
        value = danger_value(danger, words=self._words, zone=self._zone)
        record.packet = packet.with_("danger", value)

    async def _kept(self, conversation: str) -> list[dict[str, Any]]:
        """Return what the store keeps; without it the packet says less, and goes all the same."""
        try:
            return await self._export(conversation)
        except Exception as error:
            log.error("hand-off: the store was not read: %s", type(error).__name__)
            return []
