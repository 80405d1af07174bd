"""One reply on its way: what a turn says, and what the part that thinks says in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.channels.commands import plain
from bot.channels.memory import Conversation
from bot.channels.render import URGENT
from knowledge.message import Message

Emit = Callable[[Message], None]


class Sent:
    """Passes messages on, counts them, and remembers their choices: people type what they read."""

    def __init__(self, emit: Emit, memory: Conversation) -> None:
        self._emit = emit
        self._memory = memory
        memory.titles, memory.titles_before = {}, memory.titles
        self.count = 0
        # The person has got the answer, and the welcome before it, from another process.
        self.repeated = False

    def elsewhere(self) -> None:
        """Note that another process has answered."""
        self.repeated = self._memory.greeted = True

    def __call__(self, message: Message) -> None:
        """Pass a message on."""
        self.count += 1
        for choice in message.choices:
            self._memory.titles[plain(choice.title)] = choice.payload
        self._emit(message)


class Answer:
    """Takes Rasa's messages: to the person in time, to memory after the deadline."""

    def __init__(self, sent: Sent, memory: Conversation, *, urgent: bool) -> None:
        self._sent = sent
        self._memory = memory
        self.late = False
        self.urgent = urgent
        # Said although a person has taken over: it belongs to a danger.
        self.through = False
        self.given: list[Message] = []

    def again(self, earlier: Sequence[Message], *, sent: bool) -> None:
        """Give what another process answered to this very message, unless it was ``sent`` there."""
        if sent:
            self._sent.elsewhere()
            return
        for message in earlier:
            self(message)

    def __call__(self, message: Message) -> None:
        """Take a message of the answer."""
        self.given.append(message)
        if self._memory.silent and not self.through and message.kind not in URGENT:
            return
        if self.late:
            self._memory.late.append(message)
        else:
            self._sent(message)


def taken(memory: Conversation) -> list[Message]:
    """Return what came after its turn's deadline, and forget it; in silence danger alone."""
    found = [one for one in memory.late if not memory.silent or one.kind in URGENT]
    memory.late = [one for one in memory.late if one not in found]
    return found
