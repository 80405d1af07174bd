"""One person on one channel: what is said to them, in the form and the amount they can take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.channels.channel import DAY
from bot.channels.commands import plain
from bot.channels.events import Event, Kind
from bot.channels.memory import HANDED_OFF, STOPPED, Conversation
from bot.channels.outbox import Item
from bot.channels.render import GAP, TO_DIAL, URGENT, Outgoing, pages, render
from bot.channels.turn import Incoming
from knowledge.message import Choice, Message
from knowledge.welcome import run_by

if TYPE_CHECKING:
    from bot.channels.pipeline import Pipeline

_NUMBER = 3
_MORE = "more"
# A fixed text with the number: when the day's limit is reached it is the last thing said.
LAST_WORD = "spend_reached"


class Talk:
    """Says things to one person, and reads what they choose.

    ``lost`` hears of each piece that the provider, the day's limit or the person's leaving stops.
    ``whole`` sends everything at once: "more" would go to the person who has taken over.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        memory: Conversation,
        address: tuple[str, ...],
        *,
        lost: Callable[[], None] | None = None,
        whole: bool = False,
    ) -> None:
        self._pipeline = pipeline
        self._lost = lost or (lambda: None)
        self._whole = whole
        self._limits = pipeline.channel.limits(address)
        self.memory = memory
        self.address = address

    async def incoming(self, event: Event) -> Incoming | None:
        """Return what the turn gets, or None for a button that is no longer known.

        Only a button that this process did not offer waits, for another one's answer; words do not.
        """
        memory, name = self.memory, self._pipeline.name_of(event)
        if event.kind is Kind.CHOICE:
            payload = await self._pipeline.turn.payload_of(memory.id, event.choice)
            if payload:
                return Incoming(payload=payload, pushed=True, id=name)
            # From before a restart or a deletion: what the button says is as good as typed.
            titled = event.text and not event.text.isdigit()
            return Incoming(text=event.text, pushed=True, id=name) if titled else None
        typed = plain(event.text).strip("().# ")
        if typed.isascii() and typed.isdigit() and len(typed) < _NUMBER:
            number = int(typed)
            if 0 < number <= len(memory.numbered):
                return Incoming(payload=memory.numbered[number - 1], pushed=True, id=name)
        return Incoming(text=event.text, pushed=True, id=name)

    def urgent_only(self, event: Event) -> bool:
        """Answer danger in a message that is not answered otherwise; say whether there was any."""
        found = self._pipeline.turn.urgent_only(self.memory.id, Incoming(text=event.text))
        if found is not None:
            self.say(found)
        return found is not None

    def look_apart(self, event: Event) -> None:
        """Have the classifier read a text that gets no answer of its own."""
        self._pipeline.turn.look_apart(self.memory.id, Incoming(text=event.text), self.say)

    def say(self, message: Message) -> None:
        """Send something of the channel's own; while the guide is silent, danger alone."""
        if not self.memory.silent or message.kind in URGENT:
            self.pass_on(message)

    def pass_on(self, message: Message) -> None:
        """Send what the turn says, which knows when to be silent for a person who has taken over.

        On first contact the welcome goes before it, but never before danger.
        """
        memory = self.memory
        urgent = message.kind in URGENT
        if memory.left or (memory.silent == STOPPED and not urgent):
            self._lost()
            return
        if not urgent and not memory.greeted:
            self.welcome()
        if message.text == self._pipeline.greeting.text:
            # The page's own greeting speaks of a page; this channel has given its own.
            if not memory.greeted:
                self.welcome()
            return
        if message.text == self._pipeline.words("deleted"):
            message = replace(message, text=f"{message.text}\n\n{self._thread}")
        self._send(message)

    def begin(self) -> None:
        """Forget the lines and pages of the last answer: a new one comes."""
        self.memory.numbered.clear()
        self.memory.pages.clear()

    def finish(self) -> None:
        """End a turn: whoever got only an emergency message so far is greeted now."""
        if not self.memory.greeted and not self.memory.left and not self.memory.silent:
            self.welcome()

    def welcome(self) -> None:
        """Say what this is, what it cannot do, who may see it and how to leave."""
        self.memory.greeted = True
        words = self._pipeline.words
        welcome = words("welcome_chat")
        lines = (welcome, *run_by(words, welcome), words("welcome_chat_leave"), self._thread)
        text = "\n\n".join(lines)
        self._send(Message("answer", text, self._pipeline.greeting.choices))

    def next_page(self) -> bool:
        """Send the next page of an answer, or else the sources of an urgent one, if any wait.

        A choice of the last reply that has the same name goes before the sources. To who has been
        handed over, only the sources of an emergency were offered since.
        """
        memory = self.memory
        handed = memory.silent == HANDED_OFF
        waiting = memory.sources if handed else memory.pages
        if not waiting and _MORE not in memory.titles:
            waiting = memory.sources
        if waiting and (handed or not memory.silent):
            page = waiting[0]
            if self._put(self._hinted(page) if len(waiting) > 1 else page, urgent=False):
                waiting.pop(0)
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
        if self._limits.paged and not self._whole and message.kind not in TO_DIAL:
            hint = self._pipeline.words("more_hint")
            pieces = pages(pieces, self._limits, hint=hint)
            if len(pieces) > 1:
                memory.pages.extend(pieces[1:])
                pieces = (self._hinted(pieces[0]),)
        for piece in pieces:
            self._put(piece, urgent=urgent)

    def _hinted(self, page: Outgoing) -> Outgoing:
        """Return a page that says how the next one comes."""
        return Outgoing(f"{page.text}{GAP}{self._pipeline.words('more_hint')}")

    def _put(self, piece: Outgoing, *, urgent: bool) -> bool:
        """Queue a piece; over the day's limit say that instead, once, and return False."""
        if self._paid(piece, urgent=urgent):
            self._queue(piece, urgent=urgent)
            return True
        self._pipeline.count("over_limit")
        self._lost()
        if self.once(LAST_WORD, every=DAY):
            last = self._pipeline.turn.fallback(LAST_WORD, self.memory)
            for part in render(last, self._limits, words=self._pipeline.words).pieces:
                self._paid(part, urgent=True)
                self._queue(part, urgent=False)
        return False

    def _paid(self, piece: Outgoing, *, urgent: bool) -> bool:
        pipeline = self._pipeline
        cost = pipeline.channel.cost(self.address, piece)
        return pipeline.spend.take(self.memory.id, cost, urgent=urgent)

    def _queue(self, piece: Outgoing, *, urgent: bool) -> None:
        memory = self.memory
        buttons = tuple(
            Choice(button.title, memory.choice_id(button.payload)) for button in piece.buttons
        )
        item = Item(self.address, Outgoing(piece.text, buttons), urgent, self._may_send, self._done)
        self._pipeline.outbox.put(memory.id, item)

    def _done(self, sent: bool) -> None:
        if not sent:
            self._lost()

    def _may_send(self) -> bool:
        """Say whether the provider lets us answer: some do for a day after the last message."""
        window = self._pipeline.channel.window(self.address)
        if window is None or self._pipeline.clock() - self.memory.heard < window:
            return True
        self._pipeline.count("outside_window")
        return False
