"""Where to file, which reference to ask for, and what to say there."""

from __future__ import annotations

from actions.answers.parts import (
    ask_where,
    follow_up,
    in_parts,
    named_offences,
    offences,
    said_crimes,
    step_line,
)
from actions.ask import Ask, Book
from knowledge.message import Line, Message
from knowledge.model import Fact

FIRST_BODIES = 2


def where_to_report(ask: Ask, book: Book) -> list[Message]:
    """Return step 1 (the police, and the reference) and step 2 (who else to file with)."""
    if not ask.has_home:
        return [ask_where(book, ask)]
    lines = channel_lines(ask, book) + body_lines(ask, book)
    if not lines:
        return no_guide(ask, book)
    head = book.words("report_head", place=where(ask, book))
    choices = follow_up(book, "ready_words", "offences", "evidence", "escalation")
    messages = [
        in_parts(book, ask, lines, head=head, intent="ask_where_to_report", choices=choices)
    ]
    return (
        messages
        if book.knowledge.places[str(ask.home)].guide
        else [
            *messages,
            *no_guide(ask, book),
        ]
    )


def ready_words(ask: Ask, book: Book) -> list[Message]:
    """Return words to say or paste at each place to file, with the offences filled in."""
    if not ask.has_home:
        return [ask_where(book, ask)]
    found = offences(book, ask.home, ask, state=ask.state)
    named, crimes = named_offences(book, found), tuple(said_crimes(found))
    places = [
        fact
        for fact in (
            *book.knowledge.find(
                "reporting_channel", ask.home, state=ask.state, harms=ask.harms, topics=ask.topics
            ),
            *book.knowledge.find(
                "national_body", ask.home, state=ask.state, harms=ask.harms, topics=ask.topics
            ),
            *book.knowledge.find("protection_order", ask.home, state=ask.state),
        )
        if fact.say
    ]
    lines = [said_line(book, fact, named, crimes) for fact in places]
    if not lines:
        return no_guide(ask, book)
    head = book.words("ready_words_head")
    choices = follow_up(book, "report", "evidence", "escalation")
    return [in_parts(book, ask, lines, head=head, intent="ask_ready_words", choices=choices)]


def said_line(book: Book, fact: Fact, named: str, crimes: tuple[Fact, ...]) -> Line:
    """Return a fact's ready words with the offences filled in, and the facts behind them."""
    said = fact.say.replace("{offences}", named)
    used = crimes if "{offences}" in fact.say else ()
    return Line(book.words("ready_words", where=fact.title, words=said), (fact, *used))


def channel_lines(ask: Ask, book: Book) -> list[Line]:
    """Return the places to file first, each with the reference to ask for."""
    found = book.knowledge.find(
        "reporting_channel", ask.home, state=ask.state, harms=ask.harms, topics=ask.topics
    )
    return [_channel(book, fact) for fact in found]


def body_lines(ask: Ask, book: Book) -> list[Line]:
    """Return whom to file with besides the police."""
    found = book.knowledge.find(
        "national_body", ask.home, state=ask.state, harms=ask.harms, topics=ask.topics
    )
    lines = [step_line(fact) for fact in found]
    if lines:
        head = book.words("bodies_head")
        lines[0] = Line(f"{head} {lines[0].text}", lines[0].facts)
    return lines


def _channel(book: Book, fact: Fact) -> Line:
    line = step_line(fact)
    if not fact.gives or fact.gives.lower() in line.text.lower():
        return line
    ask = book.words("ask_reference", reference=fact.gives)
    return Line(f"{line.text} {ask}", (fact,))


def no_guide(ask: Ask, book: Book) -> list[Message]:
    """Return what exists for a home without a guide, and say that there is none."""
    home = str(ask.home)
    if book.knowledge.places[home].guide:
        return []
    call = book.knowledge.emergency(home)
    lines: list[Line | str] = [book.words("no_guide", place=book.place(home))]
    lines += [Line(fact.text, (fact,)) for fact in call]
    lines += [
        Line(fact.text, (fact,))
        for fact in book.knowledge.cross_border(
            home, side="home", home=home, other=ask.perpetrator, harms=ask.harms
        )[:2]
        if fact.part == "note" or ask.perpetrator != home
    ]
    choices = follow_up(book, "platforms", "evidence", "border", "support")
    return [book.message("answer", lines, choices)]


def where(ask: Ask, book: Book) -> str:
    """Return 'in Victoria' or 'in Scotland'."""
    if ask.state:
        return book.words("in_place", place=book.place_name(ask.home, ask.state))
    return book.place(ask.home)
