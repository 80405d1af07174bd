"""A helpline's own numbers as facts: sourced by its own page, and held to the rules of any fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from bot.helpline.fields import MOST_NUMBERS_A_PLACE, NUMBER
from bot.helpline.reader import Reader
from knowledge.fields import FactReader
from knowledge.model import Citation, Fact, Place
from knowledge.yaml_lines import Node, Problem

KIND = "helpline"
SEEN_IN = "helpline"
# Between a place's prefix and the number's id; no fact of knowledge/ is called so.
OWN = "own"
# Filled in for a field that is missing, so that the rest of the entry is still checked.
_SOME_PAGE = "https://example.org"


def read_numbers(
    section: Node,
    *,
    name: str,
    homes: tuple[str, ...],
    places: Mapping[str, Place],
    hours: Mapping[int, str],
    reader: Reader,
) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """Return a fact for each number and place, and the ids of the numbers.

    Args:
        section: the file's list of numbers.
        name: the helpline's; each fact cites it.
        homes: the places that the helpline serves.
        places: all places, by id.
        hours: when a number answers, in words, by its place in the list.
        reader: notes what does not hold.
    """
    facts: list[Fact] = []
    ids: list[str] = []
    lines: Counter[str] = Counter()
    if not section.entries():
        reader.note(section, "'numbers' is not a list", "write '- id: ...' for each number")
    for order, entry in enumerate(section.entries(), start=1):
        fields = reader.section(entry, NUMBER, name="a number")
        number_id = reader.identity(fields.get("id"), "id")
        if number_id and number_id in ids:
            reader.note(fields["id"], f"'{number_id}' stands twice", "rename one")
        ids.append(number_id)
        serves = reader.several_of(fields.get("places"), "places", homes) or homes
        fact = _fact(entry, fields, name=name, reader=reader)
        if fact is None:
            continue
        for place in serves:
            lines[place] += 1
            made = f"{places[place].prefix}-{OWN}-{number_id}"
            facts.append(
                replace(
                    fact,
                    id=made,
                    jurisdiction=place,
                    order=order,
                    hours=hours.get(order - 1, ""),
                    own=True,
                )
            )
    for place, count in lines.items():
        if count > MOST_NUMBERS_A_PLACE:
            reader.note(
                section,
                f"{count} numbers serve {place}",
                f"keep {MOST_NUMBERS_A_PLACE} at most: they stand in front of every other line",
            )
    return tuple(facts), tuple(ids)


def _fact(entry: Node, fields: dict[str, Node], *, name: str, reader: Reader) -> Fact | None:
    """Return an entry as a fact of no place yet, read as the facts of knowledge/ are."""
    url = reader.address(fields.get("url"), "url") or _SOME_PAGE

    def node(value: object) -> Node:
        return Node(value, entry.path, entry.line)

    given: dict[str, Node] = {
        key: item for key, item in fields.items() if key in ("title", "text", "checked_on")
    }
    given["id"] = node(KIND)
    given["serves"] = node([node("victims")])
    given["confidence"] = node("certain")
    given["urls"] = node([node(url)])
    cited = {"title": node(name or KIND), "url": node(url), "seen_in": node("search")}
    given["citations"] = node([node(cited)])
    number = {key: item for key, item in fields.items() if key in ("display", "dial", "via")}
    if {"display", "dial"} <= number.keys():
        where = fields["dial"]
        given["numbers"] = node([Node(number, where.path, where.line)])
    found: list[Problem] = []
    facts = FactReader(hosts=frozenset({urlsplit(url).hostname or ""}), problems=found)
    fact = facts.read(node(given), kind=KIND, place=_NOWHERE, defaults={})
    # What is missing was noted with the section.
    reader.problems += [problem for problem in found if not problem.what.endswith("is missing")]
    return None if fact is None else replace(fact, citations=(Citation(name, url, SEEN_IN),))


_NOWHERE = Place(
    id="", prefix="", name="", in_name="", order=0, home=False, perpetrator=False, guide=False
)
