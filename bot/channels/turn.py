"""The turn: the one place that takes a message, on every channel, and sees that it is answered.

In this order: the danger screen, before anything that can fail; what the person asks of their own
data; then Rasa, behind a deadline; then a fixed text with the emergency number where Rasa fails,
is late or says nothing. It runs on the loop that faces people and never computes for long.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.brain import Brain, Outcome, turn_fence, turn_mark
from bot.channels.commands import load_commands, plain, unpadded
from bot.channels.memory import Conversation, Memory
from bot.channels.under_way import UnderWay
from bot.danger import DangerMatch, DangerPatterns, find_danger
from bot.observability.metrics import Times
from bot.observability.tracing import span
from bot.order.model import Alone, Order, Place
from bot.review.desk import ReviewDesk
from bot.settings import Settings
from knowledge.base import Knowledge
from knowledge.emergency import (
    DANGER,
    SELF_HARM,
    crisis_message,
    danger_message,
    fixed_numbers,
    notice_message,
)
from knowledge.loader import FOLDER
from knowledge.message import Line, Message, build
from knowledge.words import Words

log = logging.getLogger(__name__)
MOST_WAITING = 8
# Rasa reads a leading slash as a forged intent; this letter looks the same and is not one.
SLASH = "／"
CANNOT = {DANGER: "/cannot_call", SELF_HARM: '/cannot_call{"reason": "crisis"}'}


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a person sent: free text, or the payload of a choice (then ``text`` is empty).

    ``pushed``: the channel can send at any time, so a late answer goes out when it is there.
    ``id`` is the message's own: a second process that gets it again gives the reply of the first.
    """

    text: str = ""
    payload: str = ""
    default_home: str | None = None
    pushed: bool = False
    id: str = ""


Emit = Callable[[Message], None]


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
        self._knowledge = knowledge
        self._words = words
        self._patterns = patterns
        self._brain = brain
        self._order: Order = order or Alone()
        self._clock = clock
        self._review = review
        self.memory = memory
        self.counts: dict[str, int] = {}
        self._deleting: set[asyncio.Task[None]] = set()
        self.times = Times()
        self.under_way = UnderWay()
        self.commands = load_commands(Path(FOLDER) / "commands.yml")

    async def take(self, conversation: str, incoming: Incoming, emit: Emit) -> None:
        """Answer one message; every part goes to ``emit``, the numbers first of all."""
        channel = conversation.partition("-")[0]
        with self.under_way.one(), self.times.turn.time(), span("turn", channel=channel):
            await self._take(conversation, incoming, emit)

    async def _take(self, conversation: str, incoming: Incoming, emit: Emit) -> None:
        arrived = time.perf_counter()
        memory = self.memory.of(conversation)
        if memory.silent:
            urgent = self.urgent_only(conversation, incoming)
            if urgent is not None:
                emit(urgent)
            return
        sent = _Sent(emit, memory)
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
        for message in _taken(memory.late):
            sent(message)
        self._count("turns")
        heard = self._hear_others(memory, incoming, sent, urgent=present)
        try:
            if not await self._own_answer(memory, incoming, sent):
                await self._ask_brain(memory, incoming, sent, heard, urgent=present)
        except Exception as error:  # nobody meets silence, whatever broke
            log.error("a turn failed: %s", type(error).__name__)
            self._count("failed")
            sent(self.fallback("cannot_answer", memory))
        if heard is not None:
            await heard
        if match is not None and not present:
            sent(
                notice_message(
                    self._knowledge,
                    self._words,
                    home=self._home(memory, incoming),
                    today=date.today(),
                    kind=match.kind,
                )
            )
        if not sent.count:
            self._count("silent")
            sent(self.fallback("nothing_to_say", memory))
        if memory.choices and not self._order.alone:
            await self._order.keep_choices(memory.id, memory.choices)

    def screen(self, memory: Conversation, incoming: Incoming) -> DangerMatch | None:
        """Return the danger in a text, joined with the two before it; remember the text."""
        if not incoming.text:
            return None
        now = self._clock()
        recent = memory.recent(now)
        memory.texts.append((now, incoming.text))
        return find_danger(incoming.text, recent=recent, patterns=self._patterns)

    def _hear_others(
        self, memory: Conversation, incoming: Incoming, sent: _Sent, *, urgent: bool
    ) -> asyncio.Task[bool] | None:
        """Ask other processes, beside the turn, what they heard; nothing waits for it for long."""
        if self._order.alone or not incoming.text:
            return None
        return asyncio.create_task(self._heard(memory, incoming, sent, urgent=urgent))

    async def _heard(
        self, memory: Conversation, incoming: Incoming, sent: _Sent, *, urgent: bool
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

    def fallback(self, name: str, memory: Conversation | None = None) -> Message:
        """Return a fixed text with the emergency number."""
        home = memory.known_home(self._clock()) if memory else None
        numbers = fixed_numbers(self._knowledge, self._words, home=home)
        places = [home] if home else [place.id for place in self._knowledge.homes()]
        facts = tuple(fact for p in places for fact in self._knowledge.emergency(p)[:1])
        return build(
            "fallback",
            [self._words(name), Line(numbers, facts)],
            words=self._words,
            today=date.today(),
        )

    def numbers(self, conversation: str | None = None) -> str:
        """Return the emergency numbers as a sentence, for an error's body."""
        memory = self.memory.of(conversation) if conversation else None
        home = memory.known_home(self._clock()) if memory else None
        return fixed_numbers(self._knowledge, self._words, home=home)

    async def payload_of(self, conversation: str, choice: str) -> str | None:
        """Return the payload of a choice that this process or another one offered, or None."""
        payload = self.memory.of(conversation).choices.get(choice)
        return payload or await self._order.choice(conversation, choice)

    async def delete(self, conversation: str, *, silent: str = "") -> None:
        """Delete what is kept of a conversation, in memory and in the store.

        ``silent`` is all that stays of it, when the person asked to hear nothing more.
        """
        last = self.memory.of(conversation).last
        self.memory.forget(conversation)
        if silent:
            self.memory.of(conversation).silent = silent
        if self._review is not None:
            await self._review.forget(conversation)
        if last is not None and not last.done():
            # A turn under way would write again after the deletion: it goes first.
            await asyncio.wait({last}, timeout=self._settings.deadline)
        await self._brain.delete(conversation)
        await self._order.forget(conversation)
        if last is not None and not last.done():
            self.under_way.add(asyncio.create_task(self._delete_after(last, conversation)))

    async def _delete_after(self, last: asyncio.Task[Any], conversation: str) -> None:
        """Delete once more when a turn that hung has ended."""
        await asyncio.wait({last})
        await self._brain.delete(conversation)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return what the store keeps of a conversation."""
        return await self._brain.export(conversation)

    def _cannot(self, memory: Conversation, incoming: Incoming) -> bool:
        """Say whether somebody who was just told to call says that they cannot or will not."""
        return bool(memory.cannot_payload) and self.commands.get(plain(incoming.text)) == "cannot"

    def _urgent(self, kind: str, memory: Conversation, incoming: Incoming) -> Message:
        memory.cannot_payload = CANNOT[kind]
        make = crisis_message if kind == SELF_HARM else danger_message
        return make(
            self._knowledge,
            self._words,
            home=self._home(memory, incoming),
            today=date.today(),
        )

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

    async def _own_answer(self, memory: Conversation, incoming: Incoming, sent: _Sent) -> bool:
        """Answer what needs no thinking: an empty message, delete, export."""
        text = incoming.text
        reviewed = self._review and self._review.answered(memory, incoming.payload)
        if reviewed:
            sent(reviewed)
            return True
        if not incoming.payload and not any(letter.isalnum() for letter in text):
            if not sent.count:
                sent(self._say("empty", kind="question"))
            return True
        command = self.commands.get(plain(text)) or self.commands.get(unpadded(text))
        if command == "help" and sent.count:
            return True
        if command == "delete":
            await self.delete(memory.id)
            sent(self._say("deleted"))
            return True
        if command == "export":
            kept = await self.export(memory.id)
            lines = [self._words("export_ready"), json.dumps(kept, ensure_ascii=False, indent=1)]
            sent(Message(kind="answer", text="\n\n".join(lines)))
            return True
        return False

    async def _ask_brain(
        self,
        memory: Conversation,
        incoming: Incoming,
        sent: _Sent,
        heard: asyncio.Task[bool] | None,
        *,
        urgent: bool,
    ) -> None:
        trouble = self._brain.trouble
        if trouble or memory.waiting >= MOST_WAITING:
            self._count("refused")
            sent(self.fallback("cannot_answer", memory))
            return
        answer = _Answer(sent, memory, urgent=urgent)

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
                return
            await asyncio.wait({task})
        if task.exception() is not None:
            log.error("Rasa failed in a turn: %s", type(task.exception()).__name__)
            self._count("failed")
            sent(self.fallback("cannot_answer", memory))
            return
        if len(incoming.text) > self._settings.most_characters:
            sent(self._say("shortened", kind="notice"))
        outcome = task.result()
        if self._review is not None and not answer.urgent and outcome is not None:
            asked = self._review.after(memory, incoming.text, outcome)
            if asked is not None:
                sent(asked)

    async def _in_order(
        self,
        memory: Conversation,
        before: asyncio.Task[Any] | None,
        incoming: Incoming,
        answer: _Answer,
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
                turn_mark.set(_mark(memory.id, incoming.id))
                if heard is not None:
                    answer.urgent = await heard
                earlier = (
                    await self._order.answered(memory.id, incoming.id) if incoming.id else None
                )
                if earlier is not None:
                    for message in earlier:
                        answer(message)
                    return None
                with span("rasa"):
                    outcome = await self._brain.answer(
                        memory.id,
                        incoming.payload or self._safe(incoming.text),
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

    def _safe(self, text: str) -> str:
        """Return the text as Rasa may have it: no forged intent, no stray bytes, not too long."""
        clean = "".join(
            letter
            for letter in text[: self._settings.most_characters]
            if letter in "\n\t" or (letter.isprintable() and not "\ud800" <= letter <= "\udfff")
        ).strip()
        return SLASH + clean[1:] if clean.startswith("/") else clean

    def _say(self, name: str, kind: str = "answer") -> Message:
        return Message(kind=kind, text=self._words(name))

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


class _Sent:
    """Passes messages on, counts them, and remembers their choices: people type what they read."""

    def __init__(self, emit: Emit, memory: Conversation) -> None:
        self._emit = emit
        self._memory = memory
        memory.titles, memory.titles_before = {}, memory.titles
        self.count = 0

    def __call__(self, message: Message) -> None:
        self.count += 1
        for choice in message.choices:
            self._memory.titles[plain(choice.title)] = choice.payload
        self._emit(message)


class _Answer:
    """Takes Rasa's messages: to the person in time, to memory after the deadline."""

    def __init__(self, sent: _Sent, memory: Conversation, *, urgent: bool) -> None:
        self._sent = sent
        self._memory = memory
        self.late = False
        self.urgent = urgent
        self.given: list[Message] = []

    def __call__(self, message: Message) -> None:
        self.given.append(message)
        if self.late:
            self._memory.late.append(message)
        else:
            self._sent(message)


def _mark(conversation: str, message_id: str) -> str | None:
    """Return what tells this message from every other one, wherever it is answered."""
    if not message_id:
        return None
    return hashlib.sha256(f"{conversation}\0{message_id}".encode()).hexdigest()[:32]


def _taken(late: list[Message]) -> list[Message]:
    taken = list(late)
    late.clear()
    return taken


__all__ = ["DANGER", "Incoming", "Turn"]
