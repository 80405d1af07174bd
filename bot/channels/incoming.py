"""One message on its way into the turn, whatever channel it came by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a person sent: free text, or the payload of a choice (then ``text`` is empty).

    ``pushed``: the channel can send at any time, so a late answer goes out when it is there.
    ``id`` is the message's own: a second process that gets it again gives the reply of the first.
    ``address`` is where the channel can send at any time; ``aside`` marks what is no message of its
    own ("edited", "wordless"), which only a person who has taken over hears of.
    """

    text: str = ""
    payload: str = ""
    default_home: str | None = None
    pushed: bool = False
    id: str = ""
    address: tuple[str, ...] = ()
    aside: str = ""
