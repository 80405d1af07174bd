"""From one message of the turn to what a provider takes: pure, and nothing is ever dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.channels.gsm7 import segments, to_gsm7
from knowledge.message import Choice, Cited, Message
from knowledge.words import Words

URGENT = frozenset({"emergency", "crisis"})
# Messages that are about a number: it stays last on the screen, and in one piece with its sentence.
TO_DIAL = URGENT | {"fallback"}
SEGMENTS = 3
_MARK = re.compile(r" ?\[\d{1,3}\]")
# Where a text may be cut, best first. Never inside an address, and never between two groups of
# digits: they may be one number.
_CUTS = (
    re.compile(r"\n\n+"),
    re.compile(r"\n"),
    re.compile(r"(?<=[^\s.][.!?])\s+(?=[^\s\d])"),
    re.compile(r"(?<!\d)\s+|\s+(?!\d)"),
    re.compile(r"\s+"),
)
Fits = Callable[[str], bool]
GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider takes.

    ``fits`` says whether a text may go out as one message. ``fleeting`` buttons vanish with the
    next message, so their choices are also written as lines. ``plain`` is the alphabet of text
    messages, where ``paged`` answers come a message at a time.
    """

    fits: Fits
    buttons: int = 0
    title: int = 0
    fleeting: bool = False
    plain: bool = False
    paged: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for a provider; the choices are its buttons."""

    text: str
    buttons: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in pieces; ``numbered`` are the choices written as lines, in their order.

    ``sources`` are those of a message with a number to dial: they come on request.
    """

    pieces: tuple[Outgoing, ...]
    numbered: tuple[Choice, ...] = ()
    sources: tuple[Outgoing, ...] = ()


def utf16(text: str) -> int:
    """Return a text's length as providers count it."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def within(limit: int) -> Fits:
    """Return a check of that many characters."""
    return lambda text: utf16(text) <= limit


def in_segments(text: str) -> bool:
    """Say whether a text message is short enough to be sent at once."""
    return segments(text) <= SEGMENTS


def render(message: Message, limits: Limits, *, words: Words, first: int = 1) -> Rendered:
    """Return a message in pieces that fit, with its choices as buttons or lines, and its sources.

    Args:
        message: what the turn says.
        limits: what the provider takes.
        words: where the heading of the sources stands.
        first: the number of the first choice that is written as a line.
    """
    text = message.text
    to_dial = message.kind in TO_DIAL
    if limits.plain and to_dial:
        # In a hurry a mark after a number could be read as part of it.
        text = _MARK.sub("", text)
    choices = message.choices
    as_buttons = len(choices) <= limits.buttons and all(
        0 < utf16(choice.title) <= limits.title for choice in choices
    )
    numbered = () if as_buttons and not limits.fleeting else choices
    if as_buttons:
        buttons = choices
    elif len(choices) <= limits.buttons:
        buttons = tuple(
            replace(choice, title=str(n)) for n, choice in enumerate(choices, start=first)
        )
    else:
        buttons = ()
    if numbered:
        lines = (f"{n}. {choice.title}" for n, choice in enumerate(numbered, start=first))
        text = "\n\n".join((text, "\n".join(lines)))
    sources = footnotes(message.citations, words=words)
    if to_dial and sources:
        text = "\n\n".join((text, words("sources_hint")))
    if limits.plain:
        text, sources = to_gsm7(text), to_gsm7(sources)
    shown = "" if to_dial else sources
    said = split(text, limits.fits)
    # The last piece for buttons that vanish; else where the choices are read.
    place = -1 if limits.fleeting else len(said) - 1
    both = f"{text}\n\n{shown}"
    if shown and limits.fits(both):
        said = [both]
    elif shown:
        said += split(shown, limits.fits)
    pieces = [Outgoing(piece) for piece in said]
    if buttons and pieces:
        pieces[place] = replace(pieces[place], buttons=buttons)
    held = [Outgoing(piece) for piece in split(sources, limits.fits)] if to_dial else []
    return Rendered(tuple(pieces), tuple(numbered), pages(held, limits, hint=words("more_hint")))


def footnotes(citations: Sequence[Cited], *, words: Words) -> str:
    """Return the sources as short lines, each with its address, by the day of their check."""
    days = dict.fromkeys(cited.checked_on for cited in citations)
    blocks = []
    for day in days:
        lines = [words("sources_head", checked_on=day)]
        for cited in citations:
            if cited.checked_on == day:
                section = f", {cited.section}" if cited.section else ""
                lines.append(f"[{cited.n}] {cited.title}{section}: {cited.url}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def split(text: str, fits: Fits) -> list[str]:
    """Return a text in pieces that fit, cut at paragraphs, else sentences, else words."""
    return [piece for piece in (p.strip() for p in _split(text.strip(), fits, 0)) if piece]


def pages(pieces: Sequence[Outgoing], limits: Limits, *, hint: str) -> tuple[Outgoing, ...]:
    """Return the pieces with room in each for the word that brings the next."""
    if len(pieces) < 2:
        return tuple(pieces)
    room = [split(piece.text, lambda text: limits.fits(f"{text}{GAP}{hint}")) for piece in pieces]
    return tuple(Outgoing(text) for texts in room for text in texts)


def _split(text: str, fits: Fits, level: int) -> list[str]:
    if fits(text):
        return [text]
    if level == len(_CUTS):
        return _hard(text, fits)
    ends = [*(cut.start() for cut in _CUTS[level].finditer(text)), len(text)]
    pieces: list[str] = []
    start = at = 0
    while at < len(ends):
        best = _furthest(text, start, ends, at, fits)
        if best is not None:
            pieces.append(text[start : ends[best]])
            start, at = ends[best], best + 1
            continue
        if at and start < ends[at - 1]:
            pieces.append(text[start : ends[at - 1]])
            start = ends[at - 1]
            continue
        parts = _split(text[start : ends[at]].strip(), fits, level + 1)
        pieces += parts[:-1]
        # The rest of what was too long goes on with what follows it.
        start, at = len(text[: ends[at]].rstrip()) - len(parts[-1]), at + 1
    return [*pieces, text[start:]]


def _furthest(text: str, start: int, ends: Sequence[int], at: int, fits: Fits) -> int | None:
    """Return the last of the ends up to which the text fits, or None if not even the first."""
    best, high = None, len(ends)
    while at < high:
        middle = (at + high) // 2
        if fits(text[start : ends[middle]].strip()):
            best, at = middle, middle + 1
        else:
            high = middle
    return best


def _hard(text: str, fits: Fits) -> list[str]:
    """Cut one endless word where it must be."""
    pieces: list[str] = []
    while not fits(text):
        low, high = 1, len(text)
        while low < high - 1:
            middle = (low + high) // 2
            low, high = (middle, high) if fits(text[:middle]) else (low, middle)
        pieces.append(text[:low])
        text = text[low:]
    return [*pieces, text]
