"""The ladder when the police do not act: the next rung, and the one after it."""

from __future__ import annotations

from actions.answers.parts import (
    ask_where,
    follow_up,
    named_offences,
    offences,
    payload,
    said_crimes,
    step_line,
)
from actions.answers.reporting import no_guide, said_line, where
from actions.ask import Ask, Book
from knowledge.message import Choice, Line, Message
from knowledge.model import Fact

REFUSED = "not_recorded"


def escalation(ask: Ask, book: Book) -> list[Message]:
    """Return the next rung that was not tried and the one after it, with words to say."""
    if not ask.has_home:
        return [ask_where(book, ask)]
    left = climb(ask, book)
    if not left:
        return no_guide(ask, book) or [_end(ask, book)]
    position = min(ask.page, len(left) - 1)
    now, after = left[position], left[position + 1 : position + 2]
    lines: list[Line | str] = [book.words("ladder_head", place=where(ask, book))]
    lines += [step_line(fact) for fact in now]
    messages = [book.message("answer", lines, _choices(book, now, position, len(left)))]
    found = offences(book, ask.home, ask, state=ask.state)
    named, crimes = named_offences(book, found), tuple(said_crimes(found))
    said = [said_line(book, fact, named, crimes) for fact in now if fact.say]
    if said:
        messages.append(book.message("answer", [book.words("ready_words_head"), *said]))
    if after:
        head = book.words("ladder_after")
        messages.append(book.message("answer", [head, *(step_line(fact) for fact in after[0])]))
    return messages


def climb(ask: Ask, book: Book) -> list[tuple[Fact, ...]]:
    """Return the rungs still to try, the one that fits first.

    Somebody who asks what to do when the police do not act has reported already, so the first rung
    is left out unless the report was refused. A closed case goes straight to those who review it.
    """
    ladder = [steps for steps in rungs(ask, book) if not _tried(steps, ask)]
    fitting = [steps for steps in ladder if _fits(steps, ask)]
    if fitting:
        return fitting + [steps for steps in ladder if steps[0].rung > fitting[-1][0].rung]
    if REFUSED in ask.topics:
        return ladder
    return [steps for steps in ladder if steps[0].rung > 1]


def rungs(ask: Ask, book: Book) -> list[tuple[Fact, ...]]:
    """Return the ladder of a home, from the bottom; a rung may hold several facts."""
    found = book.knowledge.find("escalation_step", ask.home, state=ask.state)
    numbers = sorted({fact.rung for fact in found})
    return [tuple(fact for fact in found if fact.rung == number) for number in numbers]


def _tried(steps: tuple[Fact, ...], ask: Ask) -> bool:
    return any(fact.id in ask.rungs_tried for fact in steps)


def _fits(steps: tuple[Fact, ...], ask: Ask) -> bool:
    return any(not set(fact.answers_to).isdisjoint(ask.topics) for fact in steps)


def _end(ask: Ask, book: Book) -> Message:
    return book.message(
        "answer",
        [book.words("ladder_end", place=where(ask, book))],
        follow_up(book, "orders", "support", "border"),
    )


def _choices(book: Book, now: tuple[Fact, ...], position: int, count: int) -> tuple[Choice, ...]:
    tried = Choice(
        book.words("choice_tried"),
        payload("ask_escalation", tried=[fact.id for fact in now]),
    )
    more = (
        (Choice(book.words("choice_next_rung"), payload("ask_escalation", page=position + 1)),)
        if position + 1 < count
        else ()
    )
    return (tried, *more, *follow_up(book, "orders", "support"))
