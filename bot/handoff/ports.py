"""What a hand-off needs of the channels, and what the turn tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from knowledge.message import Message


class Sender(Protocol):
    """Brings a message to a person when nobody has just written."""

    def __call__(
        self,
        conversation: str,
        address: tuple[str, ...],
        message: Message,
        *,
        by_person: bool,
        lost: Callable[[], None],
    ) -> None:
        """Send it; ``by_person`` marks what somebody at the helpline wrote.

        ``lost`` is called for each part that the channel knows not to have arrived.
        """
        ...


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
