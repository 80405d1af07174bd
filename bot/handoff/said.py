"""What the person reads about a hand-off: pure, from the words in data/responses/handoff.yml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.handoff.packet import LABELS, Packet
from knowledge.message import Choice, Line, Message, build
from knowledge.model import Fact
from knowledge.words import Words

# What a choice of a hand-off carries; the turn takes these before anything thinks.
PREFIX = "/handoff_"
START, NO, CHANGE, SHOW = "start", "no", "change", "show"
FIELD, REMOVE, SEND, RESUME = "field", "remove", "send", "resume"


def payload(what: str, of: object = "") -> str:
    """Return the payload of a choice."""
    return f"{PREFIX}{what} {of}".strip()


def offer(words: Words) -> Message:
    """Return the offer of a person."""
    choices = (
        Choice(words("choice_handoff_start"), payload(START)),
        Choice(words("choice_handoff_no"), payload(NO)),
    )
    return Message("question", words("handoff_offer"), choices)


def packet_shown(packet: Packet, words: Words) -> Message:
    """Return the packet as the person sees it before anything is sent."""
    left_out = packet.left_out(words)
    parts = [
        words("handoff_packet"),
        "\n".join([*packet.lines(words), *([left_out] if left_out else [])]),
        words("handoff_then"),
    ]
    choices = (
        # Sending is last: a "1" that was written twice, or before this arrived, is no yes.
        Choice(words("choice_handoff_change"), payload(CHANGE)),
        Choice(words("choice_handoff_cancel"), payload(NO)),
        Choice(words("choice_handoff_send"), payload(SEND, as_seen(packet))),
    )
    return Message("question", "\n\n".join(parts), choices)


def as_seen(packet: Packet) -> str:
    """Return what a yes is to: this packet, as it is now."""
    return f"{packet.id}/{packet.revision}"


def which_line(words: Words) -> Message:
    """Return the question for the line to change."""
    lines = tuple(Choice(words(label), payload(FIELD, field)) for field, label in LABELS.items())
    back = Choice(words("choice_handoff_show"), payload(SHOW))
    return Message("question", words("handoff_which"), (*lines, back))


def edit_line(packet: Packet, field: str, words: Words) -> Message:
    """Return the question for what a line should say."""
    back = Choice(words("choice_handoff_show"), payload(SHOW))
    label, value = words(LABELS[field]), packet.values.get(field)
    if value is None:
        return Message("question", words("handoff_edit_empty", label=label), (back,))
    remove = Choice(words("choice_handoff_remove"), payload(REMOVE, field))
    text = words("handoff_edit", label=label, value=value.text)
    return Message("question", text, (remove, back))


def pending(words: Words) -> Message:
    """Return the reminder that a packet has not been sent."""
    choices = (
        Choice(words("choice_handoff_show"), payload(SHOW)),
        Choice(words("choice_handoff_cancel"), payload(NO)),
    )
    return Message("question", words("handoff_pending"), choices)


def waiting(words: Words, *, minutes: int) -> Message:
    """Return that it was sent, and how long we wait."""
    back = Choice(words("choice_handoff_resume"), payload(RESUME))
    return Message("notice", words("handoff_waiting", minutes=str(minutes)), (back,))


def closed(words: Words, line: Fact, *, opens: datetime | None, place: str, today: date) -> Message:
    """Return that nobody is there, when somebody is, and the line to use until then."""
    if opens is None:
        return with_line("handoff_closed_long", words, line, place=place, today=today)
    shown = opens.strftime("%A %-d %B, %H:%M (%Z)")
    return with_line("handoff_closed", words, line, place=place, today=today, opens=shown)


def with_line(
    name: str, words: Words, line: Fact, *, place: str, today: date, **blanks: str
) -> Message:
    """Return a sentence and the helpline's own number under it, with its source.

    ``place`` is where the number serves, for somebody who lives elsewhere, or nothing.
    """
    numbers = words("list_or").join(_shown(line, words))
    text = words("helpline", name=line.title, number=numbers)
    lines: list[Line | str] = [words(name, **blanks), Line(text, (line,))]
    if place:
        lines.append(words("handoff_line_elsewhere", place=place))
    return build("fallback", lines, words=words, today=today)


def _shown(line: Fact, words: Words) -> Sequence[str]:
    return list(
        dict.fromkeys(
            words("number_sms", number=number.display) if number.via == "sms" else number.display
            for number in line.numbers
        )
    )
