"""Pieces that several answers share: offence lines, steps, questions, parts with 'more'."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from actions.ask import NATIONS, Ask, Book, law_of
from knowledge.message import Choice, Line, Message, brief
from knowledge.model import Fact

MOST_CHARACTERS = 1100
# What can be used comes first; that there is no such crime, or not yet, comes last.
# A fact about one of these comes after the rest for those who name only the harm.
SOFT_TOPICS = frozenset({"cyberflashing", "false_message", "domestic_abuse", "deepfake"})
LAST_STANDINGS = ("none", "not_in_force")


def payload(intent: str, **entities: object) -> str:
    """Return the Rasa payload of a choice."""
    return f"/{intent}" + (json.dumps(entities, sort_keys=True) if entities else "")


def offences(book: Book, place: str | None, ask: Ask, *, state: str | None) -> list[Fact]:
    """Return the offences to name, each harm's best first, crimes before the rest."""
    knowledge = book.knowledge
    topical = (
        [
            fact
            for fact in knowledge.find("offence", place, state=state, topics=ask.topics)
            if set(fact.topics) & set(ask.topics)
        ]
        if ask.topics
        else []
    )
    rows = [topical] + [
        [
            fact
            for fact in knowledge.find(
                "offence", place, state=state, harms=(harm,), topics=ask.topics
            )
            if harm in fact.harm_types
        ]
        for harm in ask.harms
    ]
    rows = [sorted(row, key=_named_first(ask)) for row in rows]
    return interleave(rows)


def _named_first(ask: Ask) -> Callable[[Fact], tuple[bool, bool, bool, int]]:
    def key(fact: Fact) -> tuple[bool, bool, bool, int]:
        foreign = fact.standing != "order" and of_another_topic(fact, ask)
        return (fact.standing in LAST_STANDINGS, foreign, not fact.state, fact.order)

    return key


def of_another_topic(fact: Fact, ask: Ask) -> bool:
    """Say whether a fact is mainly about a topic that nobody named."""
    topics = set(fact.topics) & SOFT_TOPICS
    return bool(topics) and topics.isdisjoint(ask.topics)


def interleave(rows: Iterable[Sequence[Fact]]) -> list[Fact]:
    """Return the rows' facts in turn, each once: the first of each row, then the second."""
    waiting = [list(row) for row in rows if row]
    found: dict[str, Fact] = {}
    while waiting:
        for row in waiting:
            fact = row.pop(0)
            found.setdefault(fact.id, fact)
        waiting = [row for row in waiting if row]
    return list(found.values())


def offence_line(book: Book, fact: Fact) -> Line:
    """Return one offence as a paragraph: its name, law, meaning and maximum."""
    if fact.standing == "none" or not fact.statute:
        return Line(book.words("offence_none", title=fact.title, text=fact.text), (fact,))
    text = book.words("offence", title=fact.title, law=law_of(fact), text=fact.text)
    if fact.max_penalty:
        name = "penalty_most" if fact.standing in ("crime", "order") else "penalty_other"
        text += " " + book.words(name, penalty=fact.max_penalty)
    return Line(text, (fact,))


def offence_brief(book: Book, fact: Fact) -> Line:
    """Return one offence on one line: its name, law and maximum."""
    if fact.standing == "none" or not fact.statute:
        text = book.words("offence_none", title=fact.title, text=brief(fact.text))
        return Line(text, (fact,))
    law = law_of(fact)
    if not fact.max_penalty:
        return Line(book.words("offence_brief_open", title=fact.title, law=law), (fact,))
    name = "offence_brief" if fact.standing in ("crime", "order") else "offence_brief_other"
    return Line(book.words(name, title=fact.title, law=law, penalty=fact.max_penalty), (fact,))


def step_brief(fact: Fact, sentences: int = 2) -> Line:
    """Return a step's title, its first sentences and its contacts."""
    return Line(with_contacts(f"{fact.title}. {brief(fact.text, sentences)}", fact), (fact,))


def named_offences(book: Book, found: Sequence[Fact]) -> str:
    """Return one or two crimes as they are said to an officer: 'stalking (Act, s.39)'."""
    crimes = said_crimes(found)
    if not crimes:
        return book.words("offences_blank")
    return book.words("list_and").join(
        book.words("offence_said", title=_spoken(fact.title), law=law_of(fact).split(";")[0])
        for fact in crimes
    )


def said_crimes(found: Sequence[Fact]) -> list[Fact]:
    """Return the crimes that ready words name: two at the most, and none that has no statute."""
    return [fact for fact in found if fact.standing == "crime" and fact.statute][:2]


def _spoken(title: str) -> str:
    """Return a title as it is said aloud: without what stands in brackets."""
    return title.split(" (")[0]


def step_line(fact: Fact) -> Line:
    """Return a place to file, or a rung, as a paragraph with its numbers and addresses."""
    return Line(with_contacts(f"{fact.title}. {fact.text}", fact), (fact,))


def with_contacts(text: str, fact: Fact) -> str:
    """Return the text, with those of the fact's contacts that it does not hold already."""
    shown = [number.display for number in fact.numbers]
    extra = [item for item in (*shown, *fact.urls, *fact.emails) if item not in text]
    return f"{text} ({'; '.join(extra)})" if extra else text


def way_brief(fact: Fact) -> str:
    """Return a place to file by name, with one way to reach it."""
    numbers = [number.display for number in fact.numbers]
    contacts = [*numbers[:1], *fact.urls[:1]] or list(fact.emails[:1])
    return f"{fact.title} ({'; '.join(contacts)})" if contacts else fact.title


def in_parts(
    book: Book,
    ask: Ask,
    lines: Sequence[Line],
    *,
    head: str,
    intent: str,
    kind: str = "answer",
    choices: tuple[Choice, ...] = (),
) -> Message:
    """Return one part of a long answer, with a choice for the next where there is one."""
    pages: list[list[Line]] = [[]]
    size = len(head)
    for line in lines:
        if pages[-1] and size + len(line.text) > MOST_CHARACTERS:
            pages.append([])
            size = 0
        pages[-1].append(line)
        size += len(line.text)
    page = min(ask.page, len(pages) - 1)
    shown: list[Line | str] = [head] if head and not page else []
    if page + 1 < len(pages):
        more = payload(intent, page=page + 1, **_carried(ask))
        choices = (Choice(book.words("choice_more"), more), *choices)
    return book.message(kind, [*shown, *pages[page]], choices)


def _carried(ask: Ask) -> dict[str, object]:
    carried: dict[str, object] = {}
    if ask.harms:
        carried["harms"] = list(ask.harms)
    if ask.topics:
        carried["topics"] = list(ask.topics)
    if ask.laws:
        carried["laws"] = list(ask.laws)
    return carried


def ask_home(book: Book, *, lead: str = "question_home") -> Message:
    """Return the question where the person is, with every home as a choice."""
    choices = tuple(
        Choice(
            book.words("place_elsewhere") if place.id == "elsewhere" else place.name,
            payload("inform_location", home=place.id),
        )
        for place in book.knowledge.homes()
    )
    return book.message("question", [book.words(lead)], choices)


def ask_nation(book: Book) -> Message:
    """Return the question which part of the United Kingdom a person is in."""
    choices = tuple(
        Choice(book.knowledge.places[nation].name, payload("inform_location", home=nation))
        for nation in NATIONS
    )
    return book.message("question", [book.words("question_nation")], choices)


def ask_state(book: Book) -> Message:
    """Return the question which Australian state a person is in."""
    choices = tuple(
        Choice(
            name[0].upper() + name[1:], payload("inform_location", home="australia", state=state)
        )
        for state, name in book.knowledge.places["australia"].states.items()
    )
    return book.message("question", [book.words("question_state")], choices)


def ask_where(book: Book, ask: Ask) -> Message:
    """Return the question that has to be settled before a place is known."""
    return ask_nation(book) if ask.home == "united_kingdom" else ask_home(book)


def follow_up(book: Book, *names: str) -> tuple[Choice, ...]:
    """Return the choices of these names: each asks one of the standing questions."""
    intents = {
        "report": "ask_where_to_report",
        "offences": "ask_offence",
        "penalties": "ask_penalty",
        "evidence": "ask_evidence",
        "escalation": "ask_escalation",
        "ready_words": "ask_ready_words",
        "platforms": "ask_platform_removal",
        "orders": "ask_protection_order",
        "unmask": "ask_anonymous_unmask",
        "border": "ask_cross_border",
        "support": "ask_support",
        "human": "ask_human",
        "privacy": "ask_privacy",
        "recording": "ask_recording_calls",
    }
    return tuple(Choice(book.words(f"choice_{name}"), payload(intents[name])) for name in names)
