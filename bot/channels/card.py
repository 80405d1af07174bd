"""The emergency card as plain HTML: what stands in a page before, without and after any script.

After the numbers to call in danger stand those of the helpline that runs the chat, if there is one.

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
        *_own(knowledge, words, home),
    ]
    return "\n".join(indent + line for line in lines)


def snippet(
    knowledge: Knowledge,
    words: Words,
    *,
    server: str,
    home: str | None,
    lang: str,
    script: str,
    integrity: str,
) -> str:
    """Return the element, with the emergency card in it, and the script that brings it to life."""
    attributes = f'server="{escape(server)}"'
    if home:
        attributes += f' home="{escape(home)}"'
    attributes += f' lang="{escape(lang)}"'
    inside = card(knowledge, words, home=home, indent="  ")
    return (
        f"<waymark-chat {attributes}>\n{inside}\n</waymark-chat>\n"
        f'<script type="module" src="{escape(script)}" integrity="{integrity}" '
        'crossorigin="anonymous"></script>\n'
    )


def first_numbers(knowledge: Knowledge) -> list[tuple[str, Fact]]:
    """Return every home's name with its first number, the United Kingdom's once where all agree."""
    first = {
        place.id: (place.name, fact)
        for place in knowledge.homes()
        for fact in knowledge.emergency(place.id)[:1]
    }
    nations = [first[nation][1].numbers for nation in NATIONS if nation in first]
    if len(nations) == len(NATIONS) and len(set(nations)) == 1:
        kingdom = (knowledge.places[UNITED_KINGDOM].name, first[NATIONS[0]][1])
        first = {place: pair for place, pair in first.items() if place not in NATIONS[1:]}
        first[NATIONS[0]] = kingdom
    return list(first.values())


def capital(text: str) -> str:
    """Return a name as it begins a line."""
    return text[:1].upper() + text[1:]


def _of_home(knowledge: Knowledge, home: str) -> list[str]:
    facts = (*knowledge.emergency(home, ways=CALL_WAYS), *quiet_ways(knowledge, home))
    return [_line(fact) for fact in facts]


def _of_all(knowledge: Knowledge, words: Words) -> list[str]:
    return [
        words("emergency_place", place=escape(capital(name)), number=_link(number))
        + _label(number, name)
        for name, fact in first_numbers(knowledge)
        for number in fact.numbers
    ]


def _own(knowledge: Knowledge, words: Words, home: str | None) -> list[str]:
    """Return the numbers of the helpline that runs the chat, each once, after whom to call."""
    items = dict.fromkeys(
        _line(fact) + (f" ({escape(fact.hours)})" if fact.hours else "")
        for fact in knowledge.own_lines(home)
    )
    if not items:
        return []
    return [
        f"<p>{escape(words('own_head'))}</p>",
        "<ul>",
        *(f"  <li>{item}</li>" for item in items),
        "</ul>",
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
