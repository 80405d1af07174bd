"""Which numbers in a text a person can tap: told by the facts, never guessed from digits.

A section, a year or a sum is digits too. Only a number that stands in one of the message's own
facts becomes a link, and the place where it stands is sent, so that no client has to search.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from knowledge.model import Fact

# What stands right before or after a number that is none to dial.
_BEFORE = re.compile(r"(?:[\w.,£$#/-]|\b(?:section|sections|article|act|s|ss|no)\.?\s)\Z", re.I)
_AFTER = re.compile(r"\A(?:[\w/%-]|[.,:]\d|\s(?:years?|months?|weeks?|days?|hours?|per\b))", re.I)
_VERB = re.compile(r"\b(?:(text|sms)|(textphone|tty)|(call|ring|phone|dial))(?:s|ing)?\b", re.I)
_EITHER = re.compile(r"\b(?:call|ring|phone) or (?:text|sms)\b", re.I)
_TEXTED = re.compile(r"\s\(text\)")
_THEN_TEXT = re.compile(r"\s(?:\(text\)|TXT\b)")
_THEN_TEXTPHONE = re.compile(r"\s(?:by|from|with) (?:a )?(?:TTY|textphone)\b")
_SENTENCE_END = re.compile(r"[.!?;]\s|\n")
_WAYS = ("sms", "tty", "call")


def numbers_in(text: str, facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """Return where the numbers of the facts stand in a text, and how each is reached.

    Each is ``{"at", "length", "dial", "via"}``, in order; places are counted in UTF-16 units, as
    JavaScript, Java and C# count them. ``via`` is ``call``, ``sms``, ``tty`` or ``relay``.
    """
    ways: dict[str, dict[str, str]] = {}
    for fact in facts:
        for number in fact.numbers:
            shown = _TEXTED.sub("", number.display)
            ways.setdefault(shown, {}).setdefault(number.via, number.dial)
    if not ways:
        return []
    longest = sorted(ways, key=lambda display: (-len(display), display))
    found = []
    for match in re.finditer("|".join(map(re.escape, longest)), text):
        start, end = match.span()
        if _BEFORE.search(text, max(0, start - 12), start) or _AFTER.match(text[end : end + 12]):
            continue
        via = _via(text[:start], text[end : end + 20], ways[match[0]])
        found.append(
            {
                "at": _units(text[:start]),
                "length": _units(match[0]),
                "dial": ways[match[0]][via],
                "via": via,
            }
        )
    return found


def _via(before: str, after: str, ways: dict[str, str]) -> str:
    """Return how a number is meant: where it can be called and texted, the words by it say."""
    if len(ways) == 1:
        return next(iter(ways))
    for way, then in (("sms", _THEN_TEXT), ("tty", _THEN_TEXTPHONE)):
        if way in ways and then.match(after):
            return way
    sentence = _SENTENCE_END.split(before)[-1]
    verbs = list(_VERB.finditer(sentence))
    said = "call"
    if verbs and not _EITHER.search(sentence):
        said = _WAYS[[bool(group) for group in verbs[-1].groups()].index(True)]
    return said if said in ways else next(iter(ways))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
