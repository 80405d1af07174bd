"""The states of a hand-off, and what each event does in each of them: pure, and without a gap.

Nothing reaches the desk before ``AGREED``, and the only way there is the person's own yes to a
packet that they have seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Where a hand-off stands."""

    NONE = "none"
    OFFERED = "offered"
    # The person looks at the packet; nothing has been sent.
    EDITING = "editing"
    # The person has said yes; the packet is on its way.
    AGREED = "agreed"
    WAITING = "waiting"
    WITH_PERSON = "with_person"
    # The helpline has closed it.
    ENDED = "ended"
    NOBODY_CAME = "nobody_came"
    # The person, or the helpline, has given the conversation back to the guide.
    RESUMED = "resumed"


class Event(Enum):
    """What can happen to it."""

    OFFER = "offer"
    # The person went on with something else.
    LAPSE = "lapse"
    # The person wants a person, or wants to see the packet.
    ASK = "ask"
    DECLINE = "decline"
    CHANGE = "change"
    AGREE = "agree"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    TIME_OUT = "time_out"
    # Somebody at the helpline took it, wrote, gave it back, or closed it.
    JOIN = "join"
    REPLY = "reply"
    HAND_BACK = "hand_back"
    CLOSE = "close"
    # The person goes back to the guide, or has everything deleted.
    RESUME = "resume"
    DELETE = "delete"
    # Nobody has said anything for as long as conversations are kept.
    EXPIRE = "expire"


class Effect(Enum):
    """What has to be done: said to the person (SAY), told to the desk (TELL), or noted."""

    SAY_PACKET = "say_packet"
    SAY_DECLINED = "say_declined"
    SAY_WAITING = "say_waiting"
    SAY_JOINED = "say_joined"
    SAY_REPLY = "say_reply"
    SAY_RESUMED = "say_resumed"
    SAY_HANDED_BACK = "say_handed_back"
    SAY_ENDED = "say_ended"
    SAY_NOBODY = "say_nobody"
    SAY_UNREACHED = "say_unreached"
    SAY_LOST = "say_lost"
    NOTE_CONSENT = "note_consent"
    TELL_PACKET = "tell_packet"
    TELL_CLOSED = "tell_closed"
    TELL_DELETED = "tell_deleted"


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and what has to be done, in this order."""

    state: State
    effects: tuple[Effect, ...] = ()


# In these the guide is quiet, but for danger, and what the person writes goes to the desk.
QUIET = frozenset({State.AGREED, State.WAITING, State.WITH_PERSON})
# In these the desk has something of the person.
AT_DESK = QUIET | {State.ENDED, State.NOBODY_CAME, State.RESUMED}

_S, _E, _F = State, Event, Effect
_GIVEN_BACK: Mapping[Event, Step] = {
    _E.RESUME: Step(_S.RESUMED, (_F.SAY_RESUMED, _F.TELL_CLOSED)),
    _E.HAND_BACK: Step(_S.RESUMED, (_F.SAY_HANDED_BACK,)),
    _E.CLOSE: Step(_S.ENDED, (_F.SAY_ENDED,)),
    _E.EXPIRE: Step(_S.ENDED, (_F.TELL_CLOSED,)),
}
_COMING: Mapping[Event, Step] = {
    _E.JOIN: Step(_S.WITH_PERSON, (_F.SAY_JOINED,)),
    _E.REPLY: Step(_S.WITH_PERSON, (_F.SAY_JOINED, _F.SAY_REPLY)),
    _E.TIME_OUT: Step(_S.NOBODY_CAME, (_F.SAY_NOBODY, _F.TELL_CLOSED)),
}
_NOT_HANDED: Mapping[Event, Step] = {
    _E.OFFER: Step(_S.OFFERED),
    _E.ASK: Step(_S.EDITING, (_F.SAY_PACKET,)),
}
_MOVES: Mapping[State, Mapping[Event, Step]] = {
    _S.NONE: _NOT_HANDED,
    _S.OFFERED: {
        **_NOT_HANDED,
        _E.LAPSE: Step(_S.NONE),
        _E.DECLINE: Step(_S.NONE, (_F.SAY_DECLINED,)),
        _E.DELETE: Step(_S.NONE),
    },
    _S.EDITING: {
        _E.ASK: Step(_S.EDITING, (_F.SAY_PACKET,)),
        _E.CHANGE: Step(_S.EDITING, (_F.SAY_PACKET,)),
        _E.DECLINE: Step(_S.NONE, (_F.SAY_DECLINED,)),
        _E.RESUME: Step(_S.NONE, (_F.SAY_DECLINED,)),
        _E.AGREE: Step(_S.AGREED, (_F.NOTE_CONSENT, _F.TELL_PACKET, _F.SAY_WAITING)),
        _E.DELETE: Step(_S.NONE),
        _E.EXPIRE: Step(_S.NONE),
    },
    _S.AGREED: {
        **_GIVEN_BACK,
        **_COMING,
        _E.DELIVERED: Step(_S.WAITING),
        _E.UNDELIVERED: Step(_S.NOBODY_CAME, (_F.SAY_UNREACHED, _F.TELL_CLOSED)),
    },
    _S.WAITING: {
        **_GIVEN_BACK,
        **_COMING,
        _E.UNDELIVERED: Step(_S.WAITING, (_F.SAY_LOST,)),
    },
    _S.WITH_PERSON: {
        **_GIVEN_BACK,
        _E.REPLY: Step(_S.WITH_PERSON, (_F.SAY_REPLY,)),
        _E.UNDELIVERED: Step(_S.WITH_PERSON, (_F.SAY_LOST,)),
    },
    **{state: _NOT_HANDED for state in (_S.ENDED, _S.NOBODY_CAME, _S.RESUMED)},
}


def step(state: State, event: Event) -> Step:
    """Return what an event does in a state; where it means nothing, nothing changes."""
    if event is Event.DELETE and state in AT_DESK:
        return Step(State.NONE, (Effect.TELL_DELETED,))
    return _MOVES[state].get(event, Step(state))
