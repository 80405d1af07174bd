"""What a hand-off needs of the channels, and what the turn tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.message import Message


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to a person who has not just written; a channel brings it.

    ``by_person`` marks what somebody at the helpline wrote. ``lost`` is called for each part that
    the channel knows not to have arrived.
    """

    conversation: str
    address: tuple[str, ...]
    message: Message
    by_person: bool
    lost: Callable[[], None]


Sender = Callable[[Delivery], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person sent, as far as a hand-off looks at it.

    ``text`` is what they typed, ``payload`` what they pressed (or typed the title of). ``aside``
    says that it was no message of its own: "edited" or "wordless".
    """

    text: str
    payload: str = ""
    command: str = ""
    aside: str = ""
    address: tuple[str, ...] = ()
    danger: bool = False
