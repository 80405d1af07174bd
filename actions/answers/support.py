"""People to talk to, what to do when a call is not possible, emergency numbers, privacy."""

from __future__ import annotations

from actions.answers.parts import ask_home, ask_where, follow_up, payload, with_contacts
from actions.ask import Ask, Book
from knowledge.emergency import by_place, crisis_lines, danger_message, quiet_ways
from knowledge.message import Choice, Line, Message
from knowledge.model import Fact

REASONS = ("overheard", "afraid_of_police", "no_phone", "not_believed")
MOST_LINES = 4


def support_lines(ask: Ask, book: Book) -> list[Message]:
    """Return one crisis line and the lines for what happened, for where the person is."""
    if not ask.has_home:
        return [ask_where(book, ask)]
    found = _chosen(ask, book)
    if not found:
        return [
            book.message(
                "answer",
                [book.words("support_none", place=book.place(ask.home))],
                follow_up(book, "report"),
            )
        ]
    lines: list[Line | str] = [book.words("support_head")]
    lines += [helpline(book, fact) for fact in found]
    return [book.message("answer", lines, follow_up(book, "report", "evidence"))]


def helpline(book: Book, fact: Fact) -> Line:
    """Return one helpline as a paragraph: who it is for, its number, its hours."""
    text = with_contacts(f"{fact.title}. {fact.text}", fact)
    if fact.hours and fact.hours not in text:
        text += " " + book.words("hours", hours=fact.hours)
    return Line(text, (fact,))


def emergency_numbers(ask: Ask, book: Book) -> list[Message]:
    """Return the emergency number as an answer: somebody asks, nobody is in danger now."""
    home = ask.home if ask.has_home else None
    message = danger_message(book.knowledge, book.words, home=home, today=book.today, kind="answer")
    return [message] if home else [message, ask_home(book)]


def cannot_call(ask: Ask, book: Book) -> list[Message]:
    """Return which of four reasons it is, or the way that fits the reason given."""
    home = ask.home if ask.has_home else None
    if ask.reason not in REASONS:
        choices = tuple(
            Choice(book.words(f"choice_reason_{reason}"), payload("cannot_call", reason=reason))
            for reason in REASONS
        )
        ways = quiet_ways(book.knowledge, home)
        lines: list[Line | str] = []
        if ask.reason == "crisis" and home:
            lines += [
                helpline(book, fact) for fact in _by_text_first(crisis_lines(book.knowledge, home))
            ]
        lines.append(book.words("cannot_call_head"))
        lines += by_place(book.knowledge, ways)
        return [book.message("answer", lines, choices)]
    lines = [book.words(f"reason_{ask.reason}")]
    if ask.reason in ("overheard", "no_phone"):
        lines += [
            Line(_placed(book, fact, home), (fact,)) for fact in quiet_ways(book.knowledge, home)
        ]
    if ask.reason in ("afraid_of_police", "not_believed") and home:
        lines += [helpline(book, fact) for fact in _chosen(ask, book)[:3]]
    call = [
        fact
        for place in ([home] if home else [place.id for place in book.knowledge.guides()])
        for fact in book.knowledge.emergency(place)[:1]
    ]
    lines += [Line(_placed(book, fact, home), (fact,)) for fact in call]
    return [book.message("answer", lines, follow_up(book, "human", "support"))]


def person(ask: Ask, book: Book) -> list[Message]:
    """Return that nobody sits behind this guide, and which people can be reached."""
    if not ask.has_home:
        return [book.message("answer", [book.words("human_no_home")]), ask_where(book, ask)]
    lines: list[Line | str] = [book.words("human_head")]
    lines += [helpline(book, fact) for fact in _chosen(ask, book)]
    return [book.message("answer", lines, follow_up(book, "report"))]


def privacy(ask: Ask, book: Book) -> list[Message]:
    """Return what is kept, for how long, how to delete it, and what cannot be promised."""
    choices = (
        Choice(book.words("choice_delete"), payload("ask_privacy", reason="delete")),
        Choice(book.words("choice_device"), payload("ask_privacy", reason="device")),
    )
    if ask.reason == "device":
        from actions.answers.essentials import device_safety

        return device_safety(ask, book)
    if ask.reason == "delete":
        return [book.message("answer", [book.words("privacy_delete")])]
    return [book.message("answer", [book.words("privacy_text")], choices)]


def _chosen(ask: Ask, book: Book) -> list[Fact]:
    """Return the own lines of whoever runs the chat, then those of others that fit."""
    return [*book.knowledge.own_lines(ask.home), *_of_others(ask, book)]


def _of_others(ask: Ask, book: Book) -> list[Fact]:
    """Return lines that fit: what happened first, then a crisis line, the certain ones first."""
    found = [
        fact
        for fact in book.knowledge.find("helpline", ask.home, state=ask.state, topics=ask.topics)
        if "complaints" not in fact.serves and not fact.own
    ]
    wanted: list[str] = []
    if "child" in ask.topics:
        wanted.append("children")
    if "domestic_abuse" in ask.topics:
        wanted.append("domestic_abuse")
    if "intimate_images" in ask.harms:
        wanted.append("intimate_images")
    if "stalking" in ask.harms or "harassment" in ask.harms:
        wanted.append("stalking")
    if "impersonation" in ask.harms:
        wanted.append("identity")
    wanted += ["victims", "crisis"]
    rows = [
        [fact for fact in found if group in fact.serves and fact.confidence == "certain"]
        or [fact for fact in found if group in fact.serves]
        for group in wanted
    ]
    chosen: dict[str, Fact] = {}
    for row in rows:
        for fact in row[:1]:
            chosen.setdefault(fact.id, fact)
    for fact in found:
        if len(chosen) >= MOST_LINES:
            break
        if set(fact.serves).isdisjoint({"children", "first_nations"}):
            chosen.setdefault(fact.id, fact)
    return list(chosen.values())[:MOST_LINES]


def _by_text_first(found: tuple[Fact, ...]) -> list[Fact]:
    """Return two crisis lines, those that take a text first."""

    def spoken_only(fact: Fact) -> bool:
        return not any(number.via == "sms" for number in fact.numbers)

    return sorted(found, key=spoken_only)[:2]


def _placed(book: Book, fact: Fact, home: str | None) -> str:
    if home:
        return fact.text
    return f"{book.place_name(fact.jurisdiction)}: {fact.text}"
