"""The turn: the one place that takes a message, on every channel, and sees that it is answered.

In this order: the danger screen, before anything that can fail; what the person asks of their own
data; then Rasa, behind a deadline; then a fixed text with the emergency number where Rasa fails,
is late or says nothing. It runs on the loop that faces people and never computes for long.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.brain import Brain, Outcome, turn_fence, turn_mark
from bot.channels.commands import load_commands, plain, unpadded
from bot.channels.deletion import Deletion
from bot.channels.fixed_texts import FixedTexts
from bot.channels.incoming import Incoming
from bot.channels.memory import HANDED_OFF, Conversation, Memory
from bot.channels.plain_text import message_mark, safe
from bot.channels.reply import Answer, Emit, Sent, taken
from bot.channels.second_look import SecondLook
from bot.channels.under_way import UnderWay
from bot.danger import DangerMatch, DangerPatterns, find_danger
from bot.handoff.handover import Handover
from bot.handoff.ports import Heard
from bot.handoff.said import PREFIX as HANDOFF
from bot.observability.metrics import Times
from bot.observability.tracing import span
from bot.order.model import Alone, Order, Place
from bot.review.desk import FALLBACK, ReviewDesk
from bot.settings import Settings
from knowledge.base import Knowledge
from knowledge.emergency import (
    DANGER,
    SELF_HARM,
)
from knowledge.loader import FOLDER
from knowledge.message import Message
from knowledge.words import Words

log = logging.getLogger(__name__)
MOST_WAITING = 8
CANNOT_CALL, ASK_HUMAN = "/cannot_call", "ask_human"
CANNOT = {DANGER: CANNOT_CALL, SELF_HARM: '/cannot_call{"reason": "crisis"}'}


class Turn:
    """Takes messages for all channels."""

    def __init__(
        self,
        *,
        settings: Settings,
        knowledge: Knowledge,
        words: Words,
        patterns: DangerPatterns,
        brain: Brain,
        memory: Memory,
        order: Order | None = None,
        clock: Callable[[], float] = time.monotonic,
        review: ReviewDesk | None = None,
    ) -> None:
        self._settings = settings
        self._words = words
        self._texts = FixedTexts(knowledge, words)
        self._patterns = patterns
        self._brain = brain
        self._order: Order = order or Alone()
        self._clock = clock
        self._review = review
        self.memory = memory
        self.handover: Handover | None = None
        self.counts: dict[str, int] = {}
        self.times = Times()
        self.under_way = UnderWay()
        self.second_look = SecondLook(
            brain,
            under_way=self.under_way,
            most=settings.most_characters,
            count=self._count,
        )
        self.deletion = Deletion(
            memory=memory,
            brain=brain,
            order=self._order,
            review=review,
            handover=lambda: self.handover,
            under_way=self.under_way,
            deadline=settings.deadline,
            count=self._count,
        )
        self.commands = load_commands(Path(FOLDER) / "commands.yml")

    async def take(self, conversation: str, incoming: Incoming, emit: Emit) -> None:
        """Answer one message; every part goes to ``emit``, the numbers first of all."""
        channel = conversation.partition("-")[0]
        with self.under_way.one(), self.times.turn.time(), span("turn", channel=channel):
            await self._take(conversation, incoming, emit)

    async def _take(self, conversation: str, incoming: Incoming, emit: Emit) -> None:
        arrived = time.perf_counter()
        memory = self.memory.of(conversation)
        if self.handover is not None:
            self.handover.remind(memory)
        if memory.silent and (self.handover is None or memory.silent != HANDED_OFF):
            urgent = self.urgent_only(conversation, incoming)
            if urgent is not None:
                emit(urgent)
            else:
                self.look_apart(conversation, incoming, emit)
            return
        sent = Sent(emit, memory)
        typed_text = incoming.text
        if self._cannot(memory, incoming):
            incoming = replace(incoming, text="", payload=memory.cannot_payload)
        match = self.screen(memory, incoming)
        typed = memory.titles_before.get(plain(incoming.text))
        if typed and not incoming.payload:
            incoming = replace(incoming, text="", payload=typed)
        present = match is not None and match.present
        if match is not None and present:
            self._count(f"danger_{match.kind}")
            sent(self._urgent(match.kind, memory, incoming))
            self.times.danger.observe(time.perf_counter() - arrived)
        elif not incoming.payload:
            memory.cannot_payload = ""
        for message in taken(memory):
            sent(message)
        self._count("turns")
        heard = self._hear_others(memory, incoming, sent, urgent=present)
        outcome: Outcome | None = None
        command = self._command(incoming.text)
        looks = bool(incoming.text) and not present and not command
        try:
            if looks and self.handover is not None and self.handover.writing(memory.id):
                # A danger is no line of a packet: it is found before the line is written.
                patience = self._settings.danger_deadline
                present = await self._look(memory, incoming, sent, patience=patience)
                looks = False
            said = Heard(
                typed_text,
                payload=incoming.payload,
                command=command,
                aside=incoming.aside,
                address=incoming.address,
                danger=present,
            )
            if await self._own_answer(memory, incoming, sent, said):
                if looks:
                    patience = self._settings.deadline
                    await self._look(memory, incoming, sent, patience=patience)
            else:
                outcome = await self._ask_brain(memory, incoming, sent, heard, urgent=present)
        except Exception as error:  # nobody meets silence, whatever broke
            log.error("a turn failed: %s", type(error).__name__)
            self._count("failed")
            sent(self.fallback("cannot_answer", memory))
        if heard is not None:
            await heard
        if memory.silent or sent.repeated:
            # A person has taken over, or another process has answered: nothing follows from here.
            return
        if match is not None and not present:
            sent(self._texts.notice(match.kind, self._home(memory, incoming)))
        if not sent.count:
            self._count("silent")
            sent(self.fallback("nothing_to_say", memory))
        self._offer_person(memory, incoming, outcome, sent, danger=present)
        if memory.choices and not self._order.alone and self.memory.holds(memory):
            await self._order.keep_choices(memory.id, memory.choices)

    def _offer_person(
        self,
        memory: Conversation,
        incoming: Incoming,
        outcome: Outcome | None,
        sent: Sent,
        *,
        danger: bool,
    ) -> None:
        """Offer a person after the answer, where one was asked for, or the guide is not enough."""
        if self.handover is None or incoming.payload.startswith(HANDOFF):
            return
        intent = outcome.intent if outcome else ""
        offer = self.handover.after(
            memory,
            asked=intent == ASK_HUMAN or incoming.payload.startswith(f"/{ASK_HUMAN}"),
            misunderstood=intent == FALLBACK,
            danger=danger or (outcome is not None and outcome.danger),
        )
        if offer is not None:
            sent(offer)

    def screen(self, memory: Conversation, incoming: Incoming) -> DangerMatch | None:
        """Return the danger in a text, joined with the two before it; remember the text."""
        if not incoming.text:
            return None
        now = self._clock()
        recent = memory.recent(now)
        memory.texts.append((now, incoming.text))
        return find_danger(incoming.text, recent=recent, patterns=self._patterns)

    def _hear_others(
        self, memory: Conversation, incoming: Incoming, sent: Sent, *, urgent: bool
    ) -> asyncio.Task[bool] | None:
        """Ask other processes, beside the turn, what they heard; nothing waits for it for long."""
        if self._order.alone or not incoming.text:
            return None
        return asyncio.create_task(self._heard(memory, incoming, sent, urgent=urgent))

    async def _heard(
        self, memory: Conversation, incoming: Incoming, sent: Sent, *, urgent: bool
    ) -> bool:
        """Screen once more with the texts that others got; say whether danger is answered now."""
        shared = await self._order.exchange(memory.id, incoming.text)
        now = self._clock()
        if shared.home and not memory.known_home(now):
            memory.keep_home(shared.home, now)
        if urgent or not shared.texts:
            return urgent
        match = find_danger(incoming.text, recent=shared.texts, patterns=self._patterns)
        if match is None or not match.present:
            return False
        self._count(f"danger_{match.kind}")
        sent(self._urgent(match.kind, memory, incoming))
        return True

    def urgent_only(self, conversation: str, incoming: Incoming) -> Message | None:
        """Return the emergency message for a text that will not be answered otherwise."""
        memory = self.memory.of(conversation)
        match = self.screen(memory, incoming)
        if match is None or not match.present:
            return None
        self._count(f"danger_{match.kind}")
        return self._urgent(match.kind, memory, incoming)

    def look_apart(self, conversation: str, incoming: Incoming, emit: Emit) -> None:
        """Have the classifier read a text that gets no answer; what it finds comes by itself."""
        memory = self.memory.of(conversation)
        if incoming.text:
            self.second_look.begin(
                conversation,
                incoming.text,
                urgent=lambda kind: self._urgent(kind, memory, incoming),
                say=emit,
            )

    async def _look(
        self, memory: Conversation, incoming: Incoming, sent: Sent, *, patience: float
    ) -> bool:
        """Have the classifier read a text that Rasa does not get; say whether it found danger."""

        def late(message: Message) -> None:
            if incoming.pushed or self.handover is None:
                sent(message)
            else:
                # A page has its reply already.
                self.handover.say(memory.id, message)

        return await self.second_look.at(
            memory.id,
            incoming.text,
            urgent=lambda kind: self._urgent(kind, memory, incoming),
            say=sent,
            late=late,
            patience=patience,
        )

    def fallback(self, name: str, memory: Conversation | None = None) -> Message:
        """Return a fixed text with the emergency number."""
        return self._texts.fallback(name, memory.known_home(self._clock()) if memory else None)

    def numbers(self, conversation: str | None = None) -> str:
        """Return the emergency numbers as a sentence, for an error's body."""
        memory = self.memory.of(conversation) if conversation else None
        return self._texts.numbers(memory.known_home(self._clock()) if memory else None)

    async def payload_of(self, conversation: str, choice: str) -> str | None:
        """Return the payload of a choice that this process or another one offered, or None."""
        payload = self.memory.of(conversation).choices.get(choice)
        return payload or await self._order.choice(conversation, choice)

    async def forget_what_is_gone(self, conversation: str) -> None:
        """Forget what this process has said in a conversation that another one has deleted."""
        memory = self.memory.of(conversation)
        if not self._order.alone and await self._order.gone(conversation, since=memory.born):
            self.memory.forget(conversation)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return what the store keeps of a conversation, and what a helpline got of it."""
        kept = await self._brain.export(conversation)
        return kept + (self.handover.exported(conversation) if self.handover else [])

    def _cannot(self, memory: Conversation, incoming: Incoming) -> bool:
        """Say whether somebody who was just told to call says that they cannot or will not."""
        return bool(memory.cannot_payload) and self.commands.get(plain(incoming.text)) == "cannot"

    def _urgent(self, kind: str, memory: Conversation, incoming: Incoming) -> Message:
        memory.cannot_payload = CANNOT[kind]
        memory.danger = (kind, time.time())
        message = self._texts.urgent(kind, self._home(memory, incoming))
        try:
            if self.handover is not None:
                self.handover.alarm(memory, kind)
        except Exception as error:  # the desk hears less; the person still gets the number
            log.error("the desk was not told of a danger: %s", type(error).__name__)
        return message

    def _home(self, memory: Conversation, incoming: Incoming) -> str | None:
        known = self._named_home(incoming) or memory.known_home(self._clock())
        return known or self._default_home(incoming)

    def _default_home(self, incoming: Incoming) -> str | None:
        """Return the site's choice, or else the one place that the helpline serves."""
        return incoming.default_home or self._settings.default_home

    def _named_home(self, incoming: Incoming) -> str | None:
        """Return the home that the message itself names; whatever fails, the numbers do not."""
        try:
            return self._brain.home_in(incoming.text[: self._settings.most_characters])
        except Exception as error:
            log.error("the place in a message was not read: %s", type(error).__name__)
            return None

    def _command(self, text: str) -> str:
        """Return what a whole message asks of the turn itself, or nothing."""
        return self.commands.get(plain(text)) or self.commands.get(unpadded(text)) or ""

    async def _own_answer(
        self, memory: Conversation, incoming: Incoming, sent: Sent, said: Heard
    ) -> bool:
        """Answer what needs no thinking: a hand-off, an empty message, delete, export."""
        text = incoming.text
        reviewed = self._review and self._review.answered(memory, incoming.payload)
        if reviewed:
            sent(reviewed)
            return True
        own_data = said.command in ("delete", "export")
        if self.handover and not own_data and await self.handover.take(memory, said, sent):
            return True
        if not incoming.payload and not any(letter.isalnum() for letter in text):
            if not sent.count:
                sent(self._say("empty", kind="question"))
            return True
        if said.command == "help" and sent.count:
            return True
        if said.command == "delete":
            handed = self.handover is not None and self.handover.at_desk(memory.id)
            if await self.deletion.surely(memory.id):
                sent(self._say("deleted"))
            else:
                sent(self.fallback("not_deleted_yet", memory))
            if handed:
                sent(self._say("handoff_deleted"))
            return True
        if said.command == "export":
            kept = await self.export(memory.id)
            lines = [self._words("export_ready"), json.dumps(kept, ensure_ascii=False, indent=1)]
            sent(Message(kind="answer", text="\n\n".join(lines)))
            return True
        return False

    async def _ask_brain(
        self,
        memory: Conversation,
        incoming: Incoming,
        sent: Sent,
        heard: asyncio.Task[bool] | None,
        *,
        urgent: bool,
    ) -> Outcome | None:
        trouble = self._brain.trouble
        if trouble or memory.waiting >= MOST_WAITING:
            self._count("refused")
            sent(self.fallback("cannot_answer", memory))
            return None
        answer = Answer(sent, memory, urgent=urgent)
        answer.through = incoming.payload.startswith(CANNOT_CALL)

        def on_danger(kind: str) -> None:
            if not answer.urgent:
                self._count(f"danger_seen_{kind}")
                answer(self._urgent(kind, memory, incoming))

        place = self._order.enter(memory.id)
        task = asyncio.create_task(
            self._in_order(memory, memory.last, incoming, answer, on_danger, place, heard)
        )
        memory.last = task
        self.under_way.add(task)
        deadline = self._settings.danger_deadline if urgent else self._settings.deadline
        done, _ = await asyncio.wait({task}, timeout=deadline)
        if not done:
            # Not cancelled half-way: it finishes apart, and its answer comes with the next turn.
            answer.late = not incoming.pushed
            self._count("late")
            sent(self.fallback("too_slow_pushed" if incoming.pushed else "too_slow", memory))
            if not incoming.pushed:
                return None
            await asyncio.wait({task})
        if task.exception() is not None:
            log.error("Rasa failed in a turn: %s", type(task.exception()).__name__)
            self._count("failed")
            sent(self.fallback("cannot_answer", memory))
            return None
        if sent.repeated:
            return None
        if len(incoming.text) > self._settings.most_characters:
            sent(self._say("shortened", kind="notice"))
        outcome = task.result()
        kept = self.memory.holds(memory)
        if self._review is not None and not answer.urgent and outcome is not None and kept:
            asked = self._review.after(memory, incoming.text, outcome)
            if asked is not None:
                sent(asked)
        return outcome

    async def _in_order(
        self,
        memory: Conversation,
        before: asyncio.Task[Any] | None,
        incoming: Incoming,
        answer: Answer,
        on_danger: Callable[[str], None],
        place: Place,
        heard: asyncio.Task[bool] | None,
    ) -> Outcome | None:
        """Wait for the turn before, then ask; a hanging turn holds up only its conversation."""
        memory.waiting += 1
        try:
            async with place:
                if before is not None and not before.done():
                    await asyncio.wait({before})
                with span("order"):
                    turn_fence.set(await place.turn())
                turn_mark.set(message_mark(memory.id, incoming.id))
                if heard is not None:
                    answer.urgent = await heard
                earlier = (
                    await self._order.answered(memory.id, incoming.id) if incoming.id else None
                )
                if earlier is not None:
                    answer.again(earlier, sent=incoming.pushed)
                    return None
                with span("rasa"):
                    outcome = await self._brain.answer(
                        memory.id,
                        incoming.payload or safe(incoming.text, self._settings.most_characters),
                        metadata={
                            "danger_answered": answer.urgent,
                            "default_home": self._default_home(incoming),
                        },
                        on_message=answer,
                        on_danger=on_danger,
                    )
                memory.keep_home(outcome.home, self._clock())
                if outcome.home:
                    await self._order.tell_home(memory.id, outcome.home)
                if incoming.id:
                    await self._order.keep_reply(memory.id, incoming.id, tuple(answer.given))
                return outcome
        finally:
            memory.waiting -= 1

    def _say(self, name: str, kind: str = "answer") -> Message:
        return Message(kind=kind, text=self._words(name))

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


__all__ = ["DANGER", "Incoming", "Turn"]
