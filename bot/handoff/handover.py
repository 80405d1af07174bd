"""The one place that hands a conversation over and takes it back, for every channel.

The turn asks it with each message, after the danger screen; the desk's posts and the clock come in
beside that. What is decided stands in machine.py; here it is done: said, told, kept.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.memory import HANDED_OFF, Conversation, Memory
from bot.handoff import said
from bot.handoff.config import HandOff
from bot.handoff.desk import HelpDesk, Posted
from bot.handoff.drafts import Drafts
from bot.handoff.farewell import Farewells, farewell_from, farewells_of
from bot.handoff.machine import QUIET, Effect, Event, State, step
from bot.handoff.packet import FIELDS, Danger
from bot.handoff.ports import Delivery, Heard, Sender
from bot.handoff.presence import Presence
from bot.handoff.record import Record, record_from
from bot.handoff.shelf import Shelf
from bot.handoff.teller import Teller
from knowledge.base import Knowledge
from knowledge.message import Message
from knowledge.words import Words

log = logging.getLogger(__name__)
GUIDE, WAITING, PERSON = "guide", "waiting", "person"
MISUNDERSTOOD = 2
OFFER_EVERY = 600.0
TICK = 5.0
# How long a message waits for what a restart left, and the store to be asked for it.
PATIENCE = 2.0
Say = Callable[[Message], None]


class Handover:
    """Every hand-off of this process. It is told to be quiet by nobody but its own states."""

    def __init__(
        self,
        config: HandOff,
        *,
        desk: HelpDesk,
        shelf: Shelf,
        memory: Memory,
        knowledge: Knowledge,
        words: Words,
        export: Callable[[str], Awaitable[list[dict[str, Any]]]],
        counts: dict[str, int],
        retention: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.desk = desk
        self.clock = clock
        self.senders: dict[str, Sender] = {}
        self._config = config
        self._shelf = shelf
        self._memory = memory
        self._words = words
        self._counts = counts
        self._retention = retention
        self._presence = Presence(
            config, knowledge=knowledge, words=words, clock=lambda: self.clock()
        )
        self._records: dict[str, Record] = {}
        # Conversations whose record the store could not delete when that was asked for.
        self._undropped: set[str] = set()
        self._restored = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()
        zone = ZoneInfo(config.hours.zone) if config.hours else UTC
        self._drafts = Drafts(
            knowledge=knowledge, words=words, memory=memory, export=export, zone=zone
        )
        self.teller = Teller(
            desk,
            words=words,
            count=lambda name: self.count(f"desk_{name}"),
            told=self._told,
            clock=clock,
        )
        self.farewells = Farewells(shelf, tell=self.teller.deleted, clock=lambda: self.clock())

    # --- what the turn asks ----------------------------------------------------------------------

    def remind(self, memory: Conversation) -> None:
        """Make the conversation's memory say what the record says."""
        record = self._records.get(memory.id)
        if record is not None and record.quiet:
            memory.silent = HANDED_OFF
        elif memory.silent == HANDED_OFF:
            memory.silent = ""

    async def take(self, memory: Conversation, heard: Heard, say: Say) -> bool:
        """Answer a message that belongs to the hand-off, or pass it on; False: it does not."""
        if not heard.danger:
            await self._known()
        self.remind(memory)
        record = self._records.get(memory.id) or Record(memory.id)
        record.address = heard.address or record.address
        what, _, of = heard.payload.removeprefix(said.PREFIX).partition(" ")
        if heard.payload.startswith(said.PREFIX):
            self._records[memory.id] = record
            await self._pressed(record, what, of, say)
            return True
        if record.quiet:
            return await self._passed_on(record, heard, say)
        if heard.command == "resume" and (record.at_desk or record.state is State.EDITING):
            await self._back(record, say)
            return True
        if heard.command == "agree" and record.state is State.OFFERED:
            await self._ask(record, say)
            return True
        if record.packet is not None and record.line and heard.text and not heard.payload:
            # A danger is no line of a packet.
            text = "" if heard.danger else heard.text
            await self._drafted(record, self._drafts.write(record, record.packet, text), say)
            return True
        record.line = ""
        await self._happen(record, Event.LAPSE, say)
        return False

    def after(
        self, memory: Conversation, *, asked: bool, misunderstood: bool, danger: bool
    ) -> Message | None:
        """Return what follows the guide's answer: an offer, a reminder, or nothing."""
        record = self._records.get(memory.id)
        if record is not None and record.state is State.EDITING:
            if not (asked or danger) and self.clock() - record.reminded < OFFER_EVERY:
                return None
            record.reminded = self.clock()
            return said.pending(self._words)
        memory.misunderstood = memory.misunderstood + 1 if misunderstood else 0
        if not (asked or danger or memory.misunderstood >= MISUNDERSTOOD):
            return None
        now = self.clock()
        if not asked and now - memory.offered < OFFER_EVERY:
            return None
        memory.offered, memory.misunderstood = now, 0
        if self._presence.shut:
            return self._presence.closed(memory.home)
        record = self._records.setdefault(memory.id, Record(memory.id))
        record.used = now
        record.state = step(record.state, Event.OFFER).state
        self.count("offered")
        return said.offer(self._words)

    def alarm(self, memory: Conversation, kind: str) -> None:
        """Tell the desk at once that danger was read; in a packet that is not sent, note it."""
        record = self._records.get(memory.id)
        if record is None:
            return
        if record.quiet:
            self.count("danger")
            self.teller.danger(record, kind)
        elif record.packet is not None and record.state is State.EDITING:
            self._drafts.alarm(record, record.packet, Danger(kind, self.clock()))

    def writing(self, conversation: str) -> bool:
        """Say whether the person is writing a line of the packet."""
        record = self._records.get(conversation)
        return record is not None and record.state is State.EDITING and bool(record.line)

    def say(self, conversation: str, message: Message) -> None:
        """Say something to somebody who has been answered already."""
        record = self._records.get(conversation)
        if record is not None:
            self._push(record, message)

    def standing(self, conversation: str) -> str:
        """Return who has the conversation: the guide, a person, or nobody yet."""
        record = self._records.get(conversation)
        if record is None or not record.quiet:
            return GUIDE
        return PERSON if record.state is State.WITH_PERSON else WAITING

    def at_desk(self, conversation: str) -> bool:
        """Say whether the helpline has something of this conversation."""
        record = self._records.get(conversation)
        return record is not None and record.at_desk

    def exported(self, conversation: str) -> list[dict[str, Any]]:
        """Return what is kept of a hand-off, for the person who asks."""
        record = self._records.get(conversation)
        if record is None or record.packet is None or not record.consent:
            return []
        shown = {"handed_over": record.packet.as_dict(), "agreed_on": record.consent}
        return [{**shown, "note": self._words("handoff_export")}]

    async def forget(self, conversation: str) -> None:
        """Have the desk close and delete, and delete what is kept here; raises if it cannot be."""
        record = self._records.pop(conversation, None)
        if record is not None:
            move = step(record.state, Event.DELETE)
            if Effect.TELL_DELETED in move.effects or record.at_desk:
                self.count("deleted")
                for farewell in farewells_of(record):
                    self.farewells.bid(farewell)
            record.state = move.state
            record.gone = True
            async with record.lock:
                pass
        self._undropped.add(conversation)
        await self._shelf.drop(conversation)
        self._undropped.discard(conversation)

    # --- what the desk and the clock bring -------------------------------------------------------

    async def posted(self, post: Posted) -> bool | None:
        """Take what the desk did; None: no such hand-off, False: it is over."""
        await self._known()
        record = next((one for one in self._records.values() if self._key(one) == post.key), None)
        if record is None:
            return None
        if not record.quiet:
            return False
        if record.is_new_post(post.id):
            await self._happen(record, post.event, self._pusher(record), reply=post.text)
        return True

    async def tick(self) -> None:
        """End what has waited, or has been left, for too long."""
        now = self.clock()
        self.farewells.again()
        for record in list(self._records.values()):
            waits = record.state in (State.AGREED, State.WAITING)
            if waits:
                # However short the retention is: who was told to wait hears how it ended.
                if now - record.agreed_at >= self._config.wait_minutes * 60:
                    await self._happen(record, Event.TIME_OUT, self._pusher(record))
            elif now - record.used > self._retention:
                await self._happen(record, Event.EXPIRE, self._pusher(record))
                self._records.pop(record.conversation, None)
        for conversation in list(self._undropped):
            # Else a restart would take up again what the person had deleted.
            await self._shelf.drop(conversation)
            self._undropped.discard(conversation)

    async def restore(self) -> None:
        """Take up again what was handed over before a restart; raises while it cannot be read."""
        for data in await self._shelf.all():
            farewell = farewell_from(data)
            if farewell is not None:
                self.farewells.bid(farewell, kept=True)
                continue
            record = record_from(data)
            begun = self._records.get(record.conversation)
            if begun is not None and begun.at_desk:
                continue
            # An offer or a packet that nobody agreed to yet gives way to what the desk has.
            self._records[record.conversation] = record
            memory = self._memory.of(record.conversation)
            memory.greeted, memory.heard = True, record.heard
            self.remind(memory)
            if record.state is State.AGREED:
                self.teller.packet(record)
        self._restored.set()

    async def run(self) -> None:
        """Take up what a restart left, then look at the clock for ever."""
        while True:
            try:
                if not self._restored.is_set():
                    await self.restore()
                await self.tick()
            except Exception as error:  # the next round tries again
                log.error("hand-off: %s", type(error).__name__)
            await asyncio.sleep(TICK if self._restored.is_set() else PATIENCE / 4)

    async def close(self) -> None:
        """Give what is on its way to the desk a last chance."""
        await self.teller.outbox.close(patience=2)
        if self._working:
            await asyncio.wait(set(self._working), timeout=2)
        await self.farewells.close()
        await self.desk.close()

    async def idle(self) -> None:
        """Wait until the desk has been told everything, and everything that follows is done."""
        while self.teller.outbox.waiting or self._working or self.farewells.waiting:
            await asyncio.sleep(0.005)

    def count(self, name: str) -> None:
        """Count an event; the figures stand in /metrics."""
        self._counts[f"handoff_{name}"] = self._counts.get(f"handoff_{name}", 0) + 1

    # --- the person's side -----------------------------------------------------------------------

    async def _pressed(self, record: Record, what: str, of: str, say: Say) -> None:
        """Do what a choice of the hand-off says; one from an earlier step changes nothing."""
        packet, editing = record.packet, record.state is State.EDITING
        record.line = ""
        if what == said.START or (what == said.SHOW and editing):
            await self._ask(record, say)
        elif what == said.RESUME:
            await self._back(record, say)
        elif what == said.NO and not record.quiet:
            if record.state not in (State.OFFERED, State.EDITING):
                say(Message("notice", self._words("handoff_declined")))
            await self._happen(record, Event.DECLINE, say)
        elif record.quiet:
            say(Message("notice", self._words("handoff_quiet")))
        elif packet is None or not editing:
            say(Message("notice", self._words("old_choice")))
        elif what == said.CHANGE:
            say(said.which_line(self._words))
        elif what == said.FIELD and of in FIELDS:
            question = await self._drafts.choose(record, packet, of)
            await self._drafted(record, question, say)
        elif what == said.REMOVE and of in FIELDS:
            record.packet = packet.with_(of, None)
            await self._happen(record, Event.CHANGE, say)
        elif what == said.SEND and of == said.as_seen(packet) and not self._presence.shut:
            await self._happen(record, Event.AGREE, say)
        else:
            # Changed since it was seen, or closed meanwhile: nothing is sent unseen.
            await self._ask(record, say)

    async def _ask(self, record: Record, say: Say) -> None:
        """Show the packet, made anew unless one is being edited; nobody there: say that."""
        if self._presence.shut:
            await self._happen(record, Event.LAPSE, say)
            say(self._presence.closed(self._memory.of(record.conversation).home))
            return
        if record.quiet:
            say(Message("notice", self._words("handoff_quiet")))
            return
        if record.state is not State.EDITING:
            await self._drafts.begin(record)
        await self._happen(record, Event.ASK, say)

    async def _drafted(self, record: Record, question: Message | None, say: Say) -> None:
        """Ask on, or show the packet as it is now."""
        if question is not None:
            say(question)
        else:
            await self._happen(record, Event.CHANGE, say)

    async def _back(self, record: Record, say: Say) -> None:
        """Give the conversation back to the guide, or say that it is there already."""
        before, record.line = record.state, ""
        await self._happen(record, Event.RESUME, say)
        if record.state is before:
            say(Message("notice", self._words("handoff_resumed")))

    async def _passed_on(self, record: Record, heard: Heard, say: Say) -> bool:
        """Give the desk what the person wrote; the guide says nothing of its own."""
        if heard.command == "resume":
            await self._back(record, say)
            return True
        record.heard = record.used = self.clock()
        if heard.aside == "wordless" and not heard.text:
            self.teller.aside(record, self._words("desk_wordless"))
        elif heard.text:
            text = heard.text
            if heard.aside == "edited":
                text = self._words("desk_edited", text=text)
            self.teller.message(record, text)
        await self._save(record)
        if heard.payload.startswith("/cannot_call"):
            # What follows the number belongs to the danger.
            return False
        if heard.payload and not heard.text:
            say(Message("notice", self._words("handoff_quiet")))
        return True

    # --- doing what the machine says -------------------------------------------------------------

    async def _happen(self, record: Record, event: Event, say: Say, *, reply: str = "") -> None:
        before = record.state
        move = step(before, event)
        record.state = move.state
        now = self.clock()
        if move.effects and event is not Event.EXPIRE:
            record.used = now
        self.remind(self._memory.of(record.conversation))
        for effect in move.effects:
            self._do(effect, record, event, say, reply)
        if before is not move.state:
            self.count(move.state.value)
        if before in QUIET or record.quiet:
            await self._save(record)

    def _do(self, effect: Effect, record: Record, event: Event, say: Say, reply: str) -> None:
        words, home = self._words, self._memory.of(record.conversation).home
        packet = record.packet
        if effect is Effect.SAY_PACKET and packet is not None:
            say(said.packet_shown(packet, words))
        elif effect is Effect.NOTE_CONSENT:
            record.consent = datetime.fromtimestamp(self.clock(), UTC).date().isoformat()
            record.agreed_at = record.heard = self.clock()
        elif effect is Effect.TELL_PACKET:
            self.teller.packet(record)
        elif effect is Effect.TELL_CLOSED:
            self.teller.closed(record, event)
        elif effect is Effect.SAY_WAITING:
            say(said.waiting(words, minutes=self._config.wait_minutes))
        elif effect is Effect.SAY_REPLY:
            text = reply or words("handoff_not_words")
            self._push(record, Message("answer", text), by_person=True)
        elif effect in _LINES:
            say(self._presence.elsewhere(_LINES[effect], home))
        elif effect in _NOTICES:
            say(Message("notice", words(_NOTICES[effect])))

    def _told(self, record: Record, *, sent: bool, packet: bool) -> None:
        """Go on when the packet has arrived, or say that something could not be brought."""
        event = Event.DELIVERED if sent else Event.UNDELIVERED
        if packet or not sent:
            self._start(self._happen(record, event, self._pusher(record)))

    def _pusher(self, record: Record) -> Say:
        return lambda message: self._push(record, message)

    def _push(self, record: Record, message: Message, *, by_person: bool = False) -> None:
        sender = self.senders.get(record.channel)
        if sender is None or record.gone:
            self.count("unsaid")
            return
        hand_off, told = record.id, False

        def lost() -> None:
            # One line for one answer, however many parts it had; the desk has got its 200.
            nonlocal told
            if by_person and not told:
                told = True
                self.count("reply_lost")
                if record.id == hand_off and not record.gone:
                    self.teller.aside(record, self._words("desk_not_delivered"))

        sender(Delivery(record.conversation, record.address, message, by_person, lost))

    async def _save(self, record: Record) -> None:
        """Keep the record; without a store the hand-off goes on, until a restart."""
        async with record.lock:
            if record.gone or not record.at_desk:
                return
            try:
                await self._shelf.keep(record.conversation, record.as_dict())
                self._undropped.discard(record.conversation)
            except Exception as error:
                log.error("hand-off: not kept: %s", type(error).__name__)
                self.count("unsaved")

    async def _known(self) -> None:
        """Wait until it is known what a restart left, but not for long."""
        if not self._restored.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._restored.wait()

    def _key(self, record: Record) -> str:
        return self.desk.key(record.id, record.ref) if record.packet else ""

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)


_NOTICES = {
    Effect.SAY_DECLINED: "handoff_declined",
    Effect.SAY_JOINED: "handoff_joined",
    Effect.SAY_RESUMED: "handoff_resumed",
    Effect.SAY_HANDED_BACK: "handoff_handed_back",
    Effect.SAY_ENDED: "handoff_ended",
}
_LINES = {
    Effect.SAY_NOBODY: "handoff_nobody",
    Effect.SAY_UNREACHED: "handoff_unreached",
    Effect.SAY_LOST: "handoff_lost",
}
