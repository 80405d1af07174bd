"""The emergency card as plain HTML: what stands in a page before, without and after any script.

Each line is made from one fact, so that a number that can be both called and texted is linked as
its own fact says. A textphone number is no link: an ordinary telephone does not help there.
"""

from __future__ import annotations

import re
from html import escape

from knowledge.base import NATIONS, UNITED_KINGDOM, Knowledge
from knowledge.emergency import CALL_WAYS, quiet_ways
from knowledge.model import Fact, Number
from knowledge.words import Words

_SCHEMES = {"call": "tel:", "relay": "tel:", "sms": "sms:"}
_TEXTED = " (text)"
# A label says nothing new when the line holds the stem of each of its words.
_WORD = re.compile(r"\w{4,}")
_STEM = 5
_EMPTY = frozenset({"only", "after", "from", "when", "then"})


def card(knowledge: Knowledge, words: Words, *, home: str | None, indent: str = "") -> str:
    """Return the card of one home, or without one the first number of every home."""
    items = _of_home(knowledge, home) if home else _of_all(knowledge, words)
    lines = [
        f"<p>{escape(words('emergency_head'))}</p>",
        "<ul>",
        *(f"  <li>{item}</li>" for item in items),
        "</ul>",
    ]
    return "\n".join(indent + line for line in lines)


def _of_home(knowledge: Knowledge, home: str) -> list[str]:
    facts = (*knowledge.emergency(home, ways=CALL_WAYS), *quiet_ways(knowledge, home))
    return [_line(fact) for fact in facts]


def _of_all(knowledge: Knowledge, words: Words) -> list[str]:
    """Name each home with its number; the nations of the United Kingdom once, while they agree."""
    first = {place.id: knowledge.emergency(place.id)[:1] for place in knowledge.homes()}
    names = {place.id: place.name for place in knowledge.homes()}
    nations = {first[nation][0].numbers for nation in NATIONS if first[nation]}
    if len(nations) == 1 and all(first[nation] for nation in NATIONS):
        names[NATIONS[0]] = knowledge.places[UNITED_KINGDOM].name
        for nation in NATIONS[1:]:
            del first[nation]
    return [
        words("emergency_place", place=escape(_capital(names[place])), number=_link(number))
        + _label(number, names[place])
        for place, facts in first.items()
        for number in facts[0].numbers
    ]


def _line(fact: Fact) -> str:
    """Return a fact's title with its numbers linked where they stand, else after it."""
    title = fact.title
    marked, after = escape(title), []
    for number in fact.numbers:
        linked = _link(number)
        found = re.search(rf"(?<!\w){re.escape(escape(_shown(number)))}(?!\w)", marked)
        if found:
            marked = marked[: found.start()] + linked + marked[found.end() :]
        else:
            after.append(linked)
    joined = f"{marked}: {', '.join(after)}" if after else marked
    return joined + "".join(_label(number, title) for number in fact.numbers)


def _label(number: Number, said: str) -> str:
    """Return what has to be known about a number, unless the line says it already."""
    telling = [word for word in _WORD.findall(number.label.lower()) if word not in _EMPTY]
    if all(word[:_STEM] in said.lower() for word in telling):
        return ""
    return f" ({escape(number.label)})"


def _link(number: Number) -> str:
    shown = escape(_shown(number))
    scheme = _SCHEMES.get(number.via)
    return f'<a href="{scheme}{escape(number.dial)}">{shown}</a>' if scheme else shown


def _shown(number: Number) -> str:
    return number.display.removesuffix(_TEXTED)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
