"""One person on one channel: what is said to them, in the form and the amount they can take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.channels.events import Event, Kind
from bot.channels.memory import Conversation
from bot.channels.outbox import Item
from bot.channels.render import GAP, TO_DIAL, URGENT, Outgoing, pages, render
from bot.channels.turn import Incoming, plain
from knowledge.message import Choice, Message
from knowledge.welcome import FIRST_CHOICES, welcome_message

if TYPE_CHECKING:
    from bot.channels.pipeline import Pipeline

_NUMBER = 3
_MORE = "more"
# A fixed text with the number: when the day's limit is reached it is the last thing said.
_LAST_WORD = "spend_reached"


class Talk:
    """Says things to one person, and reads what they choose."""

    def __init__(self, pipeline: Pipeline, memory: Conversation, address: tuple[str, ...]) -> None:
        self._pipeline = pipeline
        self._limits = pipeline.channel.limits(address)
        self.memory = memory
        self.address = address

    def incoming(self, event: Event) -> Incoming | None:
        """Return what the turn gets, or None for a button or number that is no longer known."""
        memory = self.memory
        if event.kind is Kind.CHOICE:
            payload = memory.choices.get(event.choice, "")
            if payload:
                return Incoming(payload=payload, pushed=True)
            # From before a restart or a deletion: what the button says is as good as typed.
            titled = event.text and not event.text.isdigit()
            return Incoming(text=event.text, pushed=True) if titled else None
        typed = plain(event.text).strip("().# ")
        if typed.isascii() and typed.isdigit() and len(typed) < _NUMBER:
            number = int(typed)
            if 0 < number <= len(memory.numbered):
                return Incoming(payload=memory.numbered[number - 1], pushed=True)
        return Incoming(text=event.text, pushed=True)

    def urgent_only(self, event: Event) -> bool:
        """Answer danger in a message that is not answered otherwise; say whether there was any."""
        found = self._pipeline.turn.urgent_only(self.memory.id, Incoming(text=event.text))
        if found is not None:
            self.say(found)
        return found is not None

    def say(self, message: Message) -> None:
        """Send a message; on first contact the welcome goes before it, but never before danger."""
        memory = self.memory
        urgent = message.kind in URGENT
        if memory.left or (memory.silent and not urgent):
            return
        if not urgent and not memory.greeted:
            self.welcome()
        if message.text == self._web_welcome.text:
            # The page's own greeting speaks of a page; this channel has given its own.
            if not memory.greeted:
                self.welcome()
            return
        if message.text == self._pipeline.words("deleted"):
            message = replace(message, text=f"{message.text}\n\n{self._thread}")
        self._send(message)

    def finish(self) -> None:
        """End a turn: whoever got only an emergency message so far is greeted now."""
        if not self.memory.greeted and not self.memory.left and not self.memory.silent:
            self.welcome()

    def welcome(self) -> None:
        """Say what this is, what it cannot do, who may see it and how to leave."""
        self.memory.greeted = True
        words = self._pipeline.words
        text = "\n\n".join((words("welcome_chat"), words("welcome_chat_leave"), self._thread))
        choices = tuple(Choice(words(name), payload) for name, payload in FIRST_CHOICES)
        self._send(Message("answer", text, choices))

    def next_page(self) -> bool:
        """Send the next page of an answer, or else the sources of an urgent one, if any wait.

        A choice of the last reply that has the same name goes before the sources.
        """
        memory = self.memory
        waiting = memory.pages
        if not waiting and _MORE not in memory.titles:
            waiting = memory.sources
        if waiting and not memory.silent:
            page = waiting.popleft()
            self._put(self._hinted(page) if waiting else page, urgent=False)
            return True
        return False

    def once(self, name: str, *, every: float) -> bool:
        """Say whether a notice is due: not again for a while after it was given."""
        now = self._pipeline.clock()
        if now - self.memory.told.get(name, -every) < every:
            return False
        self.memory.told[name] = now
        return True

    @property
    def _thread(self) -> str:
        return self._pipeline.words(self._pipeline.channel.thread_words(self.address))

    @property
    def _web_welcome(self) -> Message:
        return welcome_message(self._pipeline.words, today=date.today())

    def _send(self, message: Message) -> None:
        memory = self.memory
        made = render(
            message, self._limits, words=self._pipeline.words, first=len(memory.numbered) + 1
        )
        memory.numbered += [choice.payload for choice in made.numbered]
        urgent = message.kind in URGENT
        pieces = made.pieces
        if made.sources:
            memory.sources.clear()
            memory.sources.extend(made.sources)
        if self._limits.paged and message.kind not in TO_DIAL:
            hint = self._pipeline.words("more_hint")
            pieces = pages(pieces, self._limits, hint=hint)
            memory.pages.extend(pieces[1:])
            pieces = pieces[:1] if len(pieces) < 2 else (self._hinted(pieces[0]),)
        for piece in pieces:
            self._put(piece, urgent=urgent)

    def _hinted(self, page: Outgoing) -> Outgoing:
        """Return a page that says how the next one comes."""
        return Outgoing(f"{page.text}{GAP}{self._pipeline.words('more_hint')}")

    def _put(self, piece: Outgoing, *, urgent: bool) -> None:
        pipeline, memory = self._pipeline, self.memory
        cost = pipeline.channel.cost(self.address, piece)
        if not pipeline.spend.take(memory.id, cost, urgent=urgent):
            pipeline.count("over_limit")
            if not self.once(_LAST_WORD, every=24 * 3600.0):
                return
            last = pipeline.turn.fallback(_LAST_WORD, memory)
            made = render(last, self._limits, words=pipeline.words)
            piece = Outgoing(made.pieces[0].text)
            pipeline.spend.take(memory.id, cost, urgent=True)
        buttons = tuple(
            Choice(button.title, memory.choice_id(button.payload)) for button in piece.buttons
        )
        item = Item(self.address, Outgoing(piece.text, buttons), urgent, self._may_send)
        pipeline.outbox.put(memory.id, item)

    def _may_send(self) -> bool:
        """Say whether the provider lets us answer: some do for a day after the last message."""
        window = self._pipeline.channel.window(self.address)
        if window is None or self._pipeline.clock() - self.memory.heard < window:
            return True
        self._pipeline.count("outside_window")
        return False
