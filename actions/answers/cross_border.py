"""How a case reaches another country: what to ask for at home, what works where they are."""

from __future__ import annotations

from actions.answers.parts import (
    ask_where,
    follow_up,
    in_parts,
    offence_line,
    offences,
    step_brief,
    step_line,
)
from actions.ask import NATIONS, UNITED_KINGDOM, Ask, Book, law_of
from knowledge.message import Line, Message
from knowledge.model import EVERYWHERE, Fact

INTERPOL = "xb-honest-truth-interpol"
SHORT_LEVERS = 2
SHORT_ROUTES = 1


def cross_border(ask: Ask, book: Book) -> list[Message]:
    """Return the whole cross-border answer for a home and the place of the other person."""
    if not ask.has_home or ask.perpetrator is None:
        return _anywhere(ask, book)
    if not ask.abroad:
        return [same_place(ask, book)]
    lines = [*principles(ask, book), *home_side(ask, book)]
    levers = _their_side(ask, book, "lever")
    routes = _their_side(ask, book, "route")
    notes = _their_side(ask, book, "note")
    place = book.other_place(ask.perpetrator)
    lines += _headed(book.words("levers_head", place=place), levers)
    lines += [offence_line(book, fact) for fact in their_offences(ask, book)]
    lines += _headed(book.words("routes_head", place=place), routes)
    lines += [step_line(fact) for fact in notes]
    head = book.words("border_head", home=book.place(ask.home), place=place)
    return [
        in_parts(
            book,
            ask,
            lines,
            head=head,
            intent="ask_cross_border",
            choices=follow_up(book, "report", "platforms", "evidence"),
        )
    ]


def border_short(ask: Ask, book: Book) -> list[Message]:
    """Return the heart of it, for an answer that holds other things too."""
    if not ask.has_home or not ask.abroad:
        return []
    place = book.other_place(ask.perpetrator)
    levers = [step_brief(fact) for fact in _their_side(ask, book, "lever")[:SHORT_LEVERS]]
    routes = [step_brief(fact) for fact in _their_side(ask, book, "route")[:SHORT_ROUTES]]
    lines: list[Line | str] = [book.words("border_head", home=book.place(ask.home), place=place)]
    lines += principles(ask, book)
    lines += _with_head(book.words("levers_head", place=place), levers)
    for fact in their_offences(ask, book)[:2]:
        text = book.words(
            "offence_there", title=fact.title, law=law_of(fact), penalty=fact.max_penalty
        )
        lines.append(Line(text, (fact,)))
    lines += _with_head(book.words("routes_head", place=place), routes)
    if not their_offences(ask, book):
        lines += [step_brief(fact) for fact in _their_side(ask, book, "note")[:1]]
    return [book.message("answer", lines, follow_up(book, "border"))]


def same_place(ask: Ask, book: Book) -> Message:
    """Return that no border is in the way."""
    head = book.words("border_same", place=book.place(ask.home))
    return book.message("answer", [head], follow_up(book, "report", "escalation"))


def principles(ask: Ask, book: Book) -> list[Line]:
    """Return what is true of a pair: report at home; only the police reach INTERPOL."""
    found = book.knowledge.find("cross_border", EVERYWHERE)
    return [Line(fact.text, (fact,)) for fact in found if fact.id != INTERPOL or not _nations(ask)]


def home_side(ask: Ask, book: Book) -> list[Line]:
    """Return what to ask the officer at home for; nothing while the home is not known."""
    found = book.knowledge.cross_border(
        ask.home, side="home", home=ask.home, other=ask.perpetrator, harms=ask.harms
    )
    if _nations(ask):
        # Between the nations no foreign route is needed; only what is said of that pair holds.
        found = tuple(fact for fact in found if fact.when_in)
    return _headed(book.words("home_side_head"), [fact for fact in found])


def _nations(ask: Ask) -> bool:
    """Say whether both are in the United Kingdom."""
    return ask.home in NATIONS and ask.perpetrator in (*NATIONS, UNITED_KINGDOM)


def their_offences(ask: Ask, book: Book) -> list[Fact]:
    """Return the crimes of the place where the other person is, for what happened."""
    found = offences(book, ask.perpetrator, ask, state=None)
    return [fact for fact in found if fact.standing == "crime"][:3]


def _their_side(ask: Ask, book: Book, part: str) -> list[Fact]:
    found = book.knowledge.cross_border(
        ask.perpetrator,
        side="perpetrator",
        part=part,
        home=ask.home,
        other=ask.perpetrator,
        harms=ask.harms,
    )
    harms = set(ask.harms)
    return sorted(found, key=lambda fact: (not harms & set(fact.harm_types), fact.order))


def _headed(head: str, found: list[Fact]) -> list[Line]:
    return _with_head(head, [step_line(fact) for fact in found])


def _with_head(head: str, lines: list[Line]) -> list[Line]:
    if lines:
        lines[0] = Line(f"{head} {lines[0].text}", lines[0].facts)
    return lines


def _anywhere(ask: Ask, book: Book) -> list[Message]:
    """Return what is true wherever the other person is, and ask where that is."""
    from actions.answers.report import ask_perpetrator

    lines = [*principles(ask, book), *home_side(ask, book)]
    lines += [step_line(fact) for fact in book.knowledge.essentials("police_cooperation")]
    messages = [
        in_parts(
            book,
            ask,
            lines,
            head=book.words("border_anywhere_head"),
            intent="ask_cross_border",
            choices=follow_up(book, "report", "escalation"),
        )
    ]
    if ask.page == 0 and not ask.has_home:
        messages.append(ask_where(book, ask))
    elif ask.page == 0 and not ask.perpetrator_unknown:
        messages.append(ask_perpetrator(book, ask))
    return messages
