"""The emergency and crisis messages: the first thing anybody in danger reads.

Used by the channel (before Rasa is asked) and by the actions, so that both say the same.
"""

from __future__ import annotations

from datetime import date

from knowledge.base import Knowledge
from knowledge.message import Choice, Line, Message, brief, build
from knowledge.model import Fact, Number
from knowledge.words import Words

DANGER = "danger"
SELF_HARM = "self_harm"
QUIET_WAYS = ("silent", "text", "relay", "tty")
CALL_WAYS = ("call", "mobile")
CANNOT_CALL_PAYLOAD = "/cannot_call"


def danger_message(
    knowledge: Knowledge, words: Words, *, home: str | None, today: date, kind: str = "emergency"
) -> Message:
    """Return the numbers to call now: those of the home, or of every home on one screen."""
    head = words("emergency_head" if kind == "emergency" else "emergency_list_head")
    if home and knowledge.emergency(home):
        lines = [Line(head), *_home_lines(knowledge, words, home)]
    else:
        lines = [Line(head), *_all_homes(knowledge, words)]
    if kind == "emergency":
        lines.append(Line(words("emergency_tail")))
    choices = (Choice(words("choice_cannot_call"), CANNOT_CALL_PAYLOAD),)
    return build(kind, lines, words=words, today=today, choices=choices)


def crisis_message(knowledge: Knowledge, words: Words, *, home: str | None, today: date) -> Message:
    """Return the crisis line and the emergency number, kindly, in one message."""
    lines = [Line(words("crisis_head"))]
    if home and knowledge.emergency(home):
        lines += [_helpline(fact, words) for fact in crisis_lines(knowledge, home)[:2]]
        numbers = knowledge.emergency(home, ways=CALL_WAYS)
        lines.append(Line(words("crisis_emergency", numbers=_joined(numbers, words)), numbers))
    else:
        for place in knowledge.guides():
            found = crisis_lines(knowledge, place.id)[:1]
            call = knowledge.emergency(place.id)
            text = words(
                "crisis_place",
                place=place.name,
                line=_number(found[0]) if found else "",
                emergency=_joined(call, words),
            )
            lines.append(Line(text, (*found, *call)))
        lines += _other_homes(knowledge, words)
    lines.append(Line(words("crisis_tail")))
    choices = (Choice(words("choice_cannot_call"), CANNOT_CALL_PAYLOAD),)
    return build("crisis", lines, words=words, today=today, choices=choices)


def quiet_ways(knowledge: Knowledge, home: str | None) -> tuple[Fact, ...]:
    """Return the ways to reach help without speaking, for one home or for all guides."""
    places = [home] if home else [place.id for place in knowledge.guides()]
    return tuple(fact for place in places for fact in knowledge.emergency(place, ways=QUIET_WAYS))


def notice_message(
    knowledge: Knowledge, words: Words, *, home: str | None, today: date, kind: str = DANGER
) -> Message:
    """Return one line with the number, for danger that seems past, denied or asked about."""
    places = [home] if home and knowledge.emergency(home) else [p.id for p in knowledge.guides()]
    facts = tuple(fact for place in places for fact in knowledge.emergency(place)[:1])
    if kind == SELF_HARM and home:
        facts = (*crisis_lines(knowledge, home)[:1], *facts)
    text = words("notice_danger", numbers=_joined(facts, words))
    return build("notice", [Line(text, facts)], words=words, today=today)


def crisis_lines(knowledge: Knowledge, home: str) -> tuple[Fact, ...]:
    """Return the crisis helplines of a home that are certain, best first."""
    found = [fact for fact in knowledge.find("helpline", home) if "crisis" in fact.serves]
    return tuple(sorted(found, key=lambda fact: (fact.confidence != "certain", fact.order)))


def fixed_numbers(knowledge: Knowledge, words: Words, *, home: str | None) -> str:
    """Return the numbers as one short sentence, for an error that may hold nothing else."""
    places = [home] if home and knowledge.emergency(home) else [p.id for p in knowledge.homes()]
    return words(
        "numbers_short",
        numbers=", ".join(
            f"{_joined(knowledge.emergency(place)[:1], words)} ({knowledge.places[place].name})"
            for place in places
        ),
    )


def _home_lines(knowledge: Knowledge, words: Words, home: str) -> list[Line]:
    call = knowledge.emergency(home, ways=CALL_WAYS)
    lines = [Line(f"{_numbered(fact, words)}: {fact.text}", (fact,)) for fact in call]
    return lines + [Line(fact.text, (fact,)) for fact in quiet_ways(knowledge, home)]


def _all_homes(knowledge: Knowledge, words: Words) -> list[Line]:
    """Put every home's number first, grouped where it is the same, then the quiet ways."""
    groups: dict[str, list[str]] = {}
    facts: dict[str, list[Fact]] = {}
    for place in knowledge.guides():
        for fact in knowledge.emergency(place.id)[:1]:
            groups.setdefault(_number(fact), []).append(place.name)
            facts.setdefault(_number(fact), []).append(fact)
    lines = [
        Line(
            words("emergency_place", place=", ".join(names), number=number),
            tuple(facts[number]),
        )
        for number, names in groups.items()
    ]
    mobile = tuple(
        fact
        for place in knowledge.guides()
        for fact in knowledge.emergency(place.id, ways=("mobile",))
    )
    if mobile:
        lines.append(Line(words("emergency_mobile", number=_number(mobile[0])), mobile))
    lines += _other_homes(knowledge, words)
    silent = tuple(fact for fact in quiet_ways(knowledge, None) if fact.way in ("silent", "text"))
    if silent:
        lines.append(Line(words("emergency_quiet")))
        lines += by_place(knowledge, silent)
    return lines


def _other_homes(knowledge: Knowledge, words: Words) -> list[Line]:
    others = [place for place in knowledge.homes() if not place.guide]
    facts = tuple(fact for place in others for fact in knowledge.emergency(place.id)[:1])
    named = "; ".join(
        f"{knowledge.places[fact.jurisdiction].name}: {_number(fact)}" for fact in facts
    )
    return [Line(words("emergency_others", numbers=named), facts)] if facts else []


def by_place(knowledge: Knowledge, facts: tuple[Fact, ...]) -> list[Line]:
    """Return the quiet ways, once for all places where the same number works the same way."""
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        groups.setdefault((fact.way, fact.numbers[0].dial), []).append(fact)
    lines = []
    for group in groups.values():
        names = ", ".join(knowledge.places[fact.jurisdiction].name for fact in group)
        lines.append(Line(f"{names}: {brief(group[0].text)}", tuple(group)))
    return lines


def _helpline(fact: Fact, words: Words) -> Line:
    return Line(words("helpline", name=fact.title, number=_joined((fact,), words)), (fact,))


def _numbered(fact: Fact, words: Words) -> str:
    return _joined((fact,), words)


def _joined(facts: tuple[Fact, ...], words: Words) -> str:
    shown: dict[str, None] = {}
    for fact in facts:
        for number in fact.numbers:
            shown[_as_shown(number, words)] = None
    return words("list_or").join(shown)


def _as_shown(number: Number, words: Words) -> str:
    return words("number_sms", number=number.display) if number.via == "sms" else number.display


def _number(fact: Fact) -> str:
    return fact.numbers[0].display
