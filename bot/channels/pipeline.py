"""One way for every messaging channel: check, read, drop duplicates, answer, send.

A post is acknowledged before anything is answered. Each event becomes a task that hands its words
to the turn, in the order of arrival: the danger screen runs before the first wait, so no answer to
another message, also of the same batch, holds it up; the turn keeps the order of the answers.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Coroutine
from dataclasses import replace
from datetime import date

from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.channel import Channel
from bot.channels.commands import plain
from bot.channels.events import Event, Kind, MalformedError, Post, conversation_id
from bot.channels.memory import HANDED_OFF, STOPPED, Conversation
from bot.channels.outbox import Outbox
from bot.channels.spend import Spend
from bot.channels.talk import LAST_WORD, Talk
from bot.channels.turn import Turn
from bot.handoff.ports import Delivery
from bot.settings import Settings
from knowledge.message import Message
from knowledge.welcome import welcome_message
from knowledge.words import Words

log = logging.getLogger(__name__)
MOST_IN_HAND = 1000
MOST_SEEN = 50_000
# Providers deliver again for a day; what is older is somebody else's.
OLDEST = 25 * 3600.0
NOTICE_EVERY = 60.0
GROUP_EVERY = 7 * 24 * 3600.0
_ON_NETWORK = frozenset({"exit", "stop", "stop_network", "start", "help", "info", "more"})
# What is no message of its own: a person who has taken over hears of it all the same.
_ASIDES = {Kind.EDIT: "edited", Kind.WORDLESS: "wordless"}


class Pipeline:
    """One channel at work."""

    def __init__(
        self,
        channel: Channel,
        *,
        settings: Settings,
        words: Words,
        turn: Turn,
    ) -> None:
        self.channel = channel
        self.words = words
        self.turn = turn
        self.clock = time.time
        # What the website's chat opens with.
        self.greeting = welcome_message(words, today=date.today())
        self._settings = settings
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._groups: OrderedDict[str, float] = OrderedDict()
        self._arrived: deque[list[Event]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.spend = Spend(
            a_person=settings.sends_a_day, a_channel=settings.channel_sends_a_day, clock=time.time
        )
        self.outbox = Outbox(channel.send, count=self.count)

    async def receive(self, request: Request) -> HTTPResponse:
        """Take a post: refuse it, or acknowledge it and answer afterwards."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(request.body, headers, request.query_string, self.clock())
        if not self.channel.verify(post):
            self.count("refused")
            return HTTPResponse(status=403)
        try:
            shaken = self.channel.handshake(post)
            if shaken is not None:
                return shaken
            events = self.channel.parse(post)
        except MalformedError:
            self.count("malformed")
            return HTTPResponse(status=400)
        batch: list[Event] = []
        taken = [self._admit(event, batch) for event in events]
        if batch:
            self._arrived.append(batch)
            if self._pump is None:
                self._pump = asyncio.create_task(self._begin())
        # The provider brings again what did not fit; what was taken is known by then.
        return self.channel.acknowledgement() if all(taken) else HTTPResponse(status=429)

    def _admit(self, event: Event, batch: list[Event]) -> bool:
        """Add an event to the batch unless it was here before; False when there is no room."""
        name = self.name_of(event)
        if name in self._seen:
            self.count("duplicate")
            return True
        if event.sent_at is not None and self.clock() - event.sent_at > OLDEST:
            self.count("stale")
            return True
        in_hand = len(self._tasks) + len(batch) + sum(map(len, self._arrived))
        if in_hand >= MOST_IN_HAND:
            # No room for an answer: still, nobody in danger waits for one.
            self.count("no_room")
            if self._talk(event).urgent_only(event):
                self._remember(name)
                return True
            return False
        self._remember(name)
        batch.append(event)
        return True

    async def close(self) -> None:
        """Let what is under way finish for some seconds, then stop."""
        if self._pump is not None:
            await asyncio.wait({self._pump}, timeout=1)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=3)
        await self.outbox.close(patience=2)
        await self.channel.close()

    def name_of(self, event: Event) -> str:
        """Return what an event is known by in every process: a keyed hash of the provider's id."""
        return conversation_id(self._settings.secret, f"{self.channel.name}-event", event.id)

    def push(self, delivery: Delivery) -> None:
        """Send somebody a message that nobody waits for here: the helpline's, or about it."""
        message, by_person = delivery.message, delivery.by_person
        memory = self.turn.memory.of(delivery.conversation)
        if by_person:
            message = replace(message, text=self.words("handoff_person", text=message.text))
            # Known from the record, where the memory of a busy server has let go of it. Whether a
            # provider still takes an answer, it says itself.
            memory.greeted, memory.heard = True, memory.heard or self.clock()
            if not memory.cannot_payload:
                # "1" answers what they asked now, and no list of ours from before it.
                memory.numbered.clear()
        talk = Talk(self, memory, delivery.address, lost=delivery.lost, whole=by_person)
        talk.pass_on(message)

    async def idle(self) -> None:
        """Wait until everything that was taken has been answered and sent."""
        while self._arrived or self._tasks or self.outbox.waiting or self.turn.deletion.trying:
            await asyncio.sleep(0.005)

    def count(self, name: str) -> None:
        """Count an event of this channel; the figures stand in /metrics."""
        key = f"{self.channel.name}_{name}"
        self.turn.counts[key] = self.turn.counts.get(key, 0) + 1

    async def _begin(self) -> None:
        """Begin the events of one post after the other, and look for new posts in between.

        All events of a post begin together: its danger is found before anything of it is answered.
        """
        while self._arrived:
            for event in self._arrived.popleft():
                self._start(self._handle(event))
                if event.receipt:
                    self._start(self._settle(event))
            await asyncio.sleep(0)
        self._pump = None

    def _remember(self, name: str) -> None:
        self._seen[name] = None
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except Exception as error:
            log.error("%s: an event failed: %s", self.channel.name, type(error).__name__)
            self.count("failed")

    def _talk(self, event: Event) -> Talk:
        conversation = conversation_id(self._settings.secret, self.channel.name, event.sender)
        memory = self.turn.memory.of(conversation)
        memory.heard = self.clock()
        return Talk(self, memory, event.address)

    async def _settle(self, event: Event) -> None:
        async with self.outbox.gate:
            await self.channel.settle(event)

    async def _handle(self, event: Event) -> None:
        """Answer one event; whatever breaks, the person gets the numbers and no silence."""
        talk = self._talk(event)
        try:
            await self._answered(talk, event)
        except Exception:
            talk.pass_on(self.turn.fallback("cannot_answer", talk.memory))
            raise

    async def _answered(self, talk: Talk, event: Event) -> None:
        """Answer one event. Up to the turn no words wait, so that danger does not either."""
        command = self._command(event)
        if event.kind is Kind.GROUP:
            self._refuse_group(talk, event)
        elif command in ("exit", "stop"):
            await self._leave(talk, stopped=command == "stop")
        elif command in ("start", "help") and talk.memory.silent == HANDED_OFF:
            await self._answer(talk, event)
        elif command == "start":
            self._restart(talk)
        elif command == "help":
            if not talk.urgent_only(event):
                talk.say(self.turn.fallback("help_network", talk.memory))
        elif event.kind in _ASIDES and talk.memory.silent == HANDED_OFF:
            await self._answer(talk, event)
        elif event.kind is Kind.EDIT:
            if not talk.urgent_only(event):
                talk.look_apart(event)
                self._notice(talk, "edited")
        elif event.kind is Kind.WORDLESS:
            self._notice(talk, "only_words")
        elif command != "more" or not talk.next_page():
            await self._answer(talk, event)

    def _command(self, event: Event) -> str:
        """Return what a whole message asks of the channel itself, or nothing."""
        if event.kind is Kind.START:
            return "start"
        if event.kind is not Kind.TEXT:
            return ""
        name = self.turn.commands.get(plain(event.text), "")
        if not self.channel.has_stop(event.address):
            return {"exit": "exit", "stop": "exit", "more": "more"}.get(name, "")
        return (
            {"stop_network": "stop", "info": "help"}.get(name, name) if name in _ON_NETWORK else ""
        )

    async def _answer(self, talk: Talk, event: Event) -> None:
        memory = talk.memory
        too_fast = memory.too_fast(
            time.monotonic(), most=self._settings.messages_in_window, window=self._settings.window
        )
        # Who has been handed over writes to a person: nothing of it may go missing unsaid.
        if too_fast and memory.silent != HANDED_OFF:
            self.count("too_fast")
            if not talk.urgent_only(event):
                talk.look_apart(event)
                self._notice(talk, "too_fast")
            return
        incoming = await talk.incoming(event)
        if incoming is not None and event.kind in _ASIDES:
            incoming = replace(incoming, aside=_ASIDES[event.kind])
        if incoming is None:
            talk.say(self.turn.fallback("old_choice", memory))
            return
        talk.begin()
        await self.turn.take(memory.id, replace(incoming, address=talk.address), talk.pass_on)
        talk.finish()

    def _notice(self, talk: Talk, name: str) -> None:
        """Say something about the message itself, at most once in a while."""
        if talk.once(name, every=NOTICE_EVERY):
            talk.say(self.turn.fallback(name, talk.memory))

    def _refuse_group(self, talk: Talk, event: Event) -> None:
        """Say once in a group that this is for one person alone; danger is answered there too."""
        if talk.urgent_only(event):
            return
        talk.look_apart(event)
        # Where only the writer sees the answer, each of them is told.
        group = conversation_id(self._settings.secret, "group", "/".join(event.address))
        now = self.clock()
        if now - self._groups.get(group, -GROUP_EVERY) < GROUP_EVERY:
            return
        self._groups[group] = now
        while len(self._groups) > MOST_SEEN:
            self._groups.popitem(last=False)
        talk.memory.greeted = True
        talk.say(self.turn.fallback("group"))

    async def _leave(self, talk: Talk, *, stopped: bool) -> None:
        """Stop at once, say one harmless line, and delete what is kept."""
        memory = talk.memory
        # Who has asked the network for silence keeps it.
        stopped = stopped or memory.silent == STOPPED
        memory.left = True
        self.outbox.clear(memory.id)
        self.count("stopped" if stopped else "left")
        if not stopped:
            # The network itself confirms a STOP. This line stands alone, and nothing keeps it; over
            # the day's limit there is none, and no other one instead.
            told = {LAST_WORD: self.clock()}
            apart = Conversation(memory.id, greeted=True, heard=memory.heard, told=told)
            Talk(self, apart, talk.address).say(Message("notice", self.words("left")))
        await self.turn.deletion.surely(memory.id, silent=STOPPED if stopped else "")

    def _restart(self, talk: Talk) -> None:
        """Begin, or begin again after STOP; a person who has taken over is not interrupted."""
        if talk.memory.silent == STOPPED:
            talk.memory.silent = ""
        if not talk.memory.silent:
            talk.begin()
            talk.welcome()
