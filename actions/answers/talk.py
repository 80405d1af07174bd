"""Greeting, thanks, what the guide is, and what to say when a message was not understood."""

from __future__ import annotations

from actions.answers.parts import ask_home, follow_up
from actions.ask import Ask, Book
from knowledge.emergency import fixed_numbers
from knowledge.message import Line, Message
from knowledge.welcome import welcome_message


def greeting(ask: Ask, book: Book) -> list[Message]:
    """Return the first message: a machine, not a lawyer; what is kept; how to leave."""
    return [welcome_message(book.words, today=book.today)]


def about(ask: Ask, book: Book) -> list[Message]:
    """Return what the guide can do and what it is not."""
    lines: list[Line | str] = [book.words("about")]
    lines += [Line(fact.text, (fact,)) for fact in book.knowledge.about()[:3]]
    return [book.message("answer", lines, follow_up(book, "report", "evidence", "support"))]


def out_of_scope(ask: Ask, book: Book) -> list[Message]:
    """Return what the guide can do, for a question about something else."""
    return [
        book.message(
            "answer",
            [book.words("out_of_scope")],
            follow_up(book, "report", "offences", "evidence", "support"),
        )
    ]


def not_understood(ask: Ask, book: Book) -> list[Message]:
    """Return a kind request to say it again, with the commonest questions as choices."""
    message = book.message(
        "fallback",
        [book.words("not_understood"), numbers_line(ask, book)],
        follow_up(book, "report", "offences", "evidence", "escalation", "support"),
    )
    return [message] if ask.has_home else [message, ask_home(book)]


def numbers_line(ask: Ask, book: Book) -> Line:
    """Return the emergency number of the home, or of every home, on one line."""
    home = ask.home if ask.has_home else None
    places = [home] if home else [place.id for place in book.knowledge.homes()]
    facts = tuple(fact for p in places for fact in book.knowledge.emergency(p)[:1])
    return Line(fixed_numbers(book.knowledge, book.words, home=home), facts)


def thanks(ask: Ask, book: Book) -> list[Message]:
    """Return a short kind word that leaves the door open."""
    return [
        book.message("answer", [book.words("thanks")], follow_up(book, "escalation", "support"))
    ]


def goodbye(ask: Ask, book: Book) -> list[Message]:
    """Return a goodbye that says how to delete what was kept."""
    return [book.message("answer", [book.words("goodbye")])]


def yes(ask: Ask, book: Book) -> list[Message]:
    """Return the standing choices, when a yes answers nothing that was asked."""
    return [
        book.message(
            "answer",
            [book.words("what_next")],
            follow_up(book, "report", "offences", "evidence", "escalation", "support"),
        )
    ]
