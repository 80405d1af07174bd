"""What a turn remembers of a conversation: bounded, in memory only, never written."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import zlib
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from knowledge.message import Message

MOST_CONVERSATIONS = 10_000
MOST_CHOICES = 60
MOST_REPLIES = 40
MOST_SENT = 200
RECENT_TEXTS = 2
RECENT_SECONDS = 600.0
# Why the guide is silent: the person asked for it, or a person of a helpline has taken over.
STOPPED, HANDED_OFF = "stopped", "person"


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as the web page gets it, small: as plain data it takes up ten times as much."""

    id: str
    packed: bytes

    @classmethod
    def of(cls, made: dict[str, Any]) -> Kept:
        """Return what is kept of a message in protocol v1."""
        return cls(made["id"], zlib.compress(json.dumps(made).encode(), 1))

    @property
    def text(self) -> str:
        """Return the message as JSON, in ASCII and on one line."""
        return zlib.decompress(self.packed).decode()

    def made(self) -> dict[str, Any]:
        """Return the message again."""
        return dict(json.loads(self.text))


@dataclass(slots=True)
class Conversation:
    """The memory of one conversation.

    ``titles`` maps the choices of the last reply to their payloads, by what they say. ``late``
    holds what came after its turn's deadline; it is offered with the next turn.

    The messaging channels keep here too: whether the person was ``greeted``, the payloads of the
    choices ``numbered`` as lines, the ``pages`` and the ``sources`` that wait for "more", when the
    person was last ``heard``, and when a notice was ``told``. While ``silent`` says why, only
    danger is answered. A conversation that was ``left`` says nothing more, whatever is still under
    way.

    For a hand-off: the ``danger`` that was read last (kind, and when, in seconds since 1970), how
    many messages in a row were ``misunderstood``, and when a person was last ``offered``.

    ``review`` is the answer to being reviewed, or that it was asked; ``review_waits`` is what waits
    for the answer.
    """

    id: str
    home: str | None = None
    home_at: float = 0.0
    texts: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=RECENT_TEXTS))
    choices: dict[str, str] = field(default_factory=dict)
    replies: OrderedDict[str, asyncio.Future[list[Kept]]] = field(default_factory=OrderedDict)
    sent: deque[Kept] = field(default_factory=lambda: deque(maxlen=MOST_SENT))
    titles: dict[str, str] = field(default_factory=dict)
    titles_before: dict[str, str] = field(default_factory=dict)
    born: float = field(default_factory=time.time)
    used: float = 0.0
    cannot_payload: str = ""
    late: list[Message] = field(default_factory=list)
    last: asyncio.Task[Any] | None = None
    waiting: int = 0
    times: deque[float] = field(default_factory=deque)
    # Message ids go on rising when a restart has emptied the memory: a client that drops what it
    # has seen must never drop a new answer.
    counter: int = field(default_factory=lambda: int(time.time()))
    greeted: bool = False
    numbered: list[str] = field(default_factory=list)
    pages: list[Any] = field(default_factory=list)
    sources: list[Any] = field(default_factory=list)
    heard: float = 0.0
    told: dict[str, float] = field(default_factory=dict)
    silent: str = ""
    left: bool = False
    danger: tuple[str, float] | None = None
    misunderstood: int = 0
    offered: float = 0.0
    review: str = ""
    review_waits: tuple[str, str, float] | None = None

    def recent(self, now: float) -> tuple[str, ...]:
        """Return the texts of the last ten minutes, at most two, oldest first."""
        return tuple(text for at, text in self.texts if now - at <= RECENT_SECONDS)

    def known_home(self, now: float) -> str | None:
        """Return the home, while it is fresh enough to be trusted in an emergency."""
        return self.home if self.home and now - self.home_at <= RECENT_SECONDS else None

    def keep_home(self, home: str | None, now: float) -> None:
        """Remember the home of a finished turn."""
        if home:
            self.home, self.home_at = home, now

    def choice_id(self, payload: str) -> str:
        """Return an opaque id for a payload; only this conversation can use it.

        What was offered before keeps its id, so that few are remembered and none grows old while it
        is still offered.
        """
        known = (made for made, offered in self.choices.items() if offered == payload)
        made = next(known, None) or secrets.token_urlsafe(9)
        self.choices.pop(made, None)
        self.choices[made] = payload
        while len(self.choices) > MOST_CHOICES:
            # The oldest.
            del self.choices[next(iter(self.choices))]
        return made

    def too_fast(self, now: float, *, most: int, window: float) -> bool:
        """Count a message and say whether there were too many in the window."""
        self.times.append(now)
        while self.times and now - self.times[0] > window:
            self.times.popleft()
        return len(self.times) > most


class Memory:
    """The conversations of this process, the least used forgotten first."""

    def __init__(self, *, most: int = MOST_CONVERSATIONS) -> None:
        self._most = most
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    def of(self, conversation: str) -> Conversation:
        """Return the memory of a conversation, new if there is none."""
        found = self._kept.setdefault(conversation, Conversation(conversation))
        self._kept.move_to_end(conversation)
        found.used = time.monotonic()
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found

    def holds(self, memory: Conversation) -> bool:
        """Say whether this is what is remembered now: it was not forgotten meanwhile."""
        return self._kept.get(memory.id) is memory

    def sweep(self, now: float, *, keep: float) -> None:
        """Forget texts of ten minutes ago, and conversations that nobody used for ``keep`` s."""
        for conversation in list(self._kept.values()):
            while conversation.texts and now - conversation.texts[0][0] > RECENT_SECONDS:
                conversation.texts.popleft()
            # Who asked for silence gets it for longer than their words are kept.
            if now - conversation.used > keep and not conversation.silent:
                self.forget(conversation.id)

    def forget(self, conversation: str) -> None:
        """Forget a conversation."""
        self._kept.pop(conversation, None)
