"""Which offences to name, what they need, the most a court can give; laws by name; recording."""

from __future__ import annotations

from actions.answers.parts import (
    ask_home,
    ask_nation,
    ask_state,
    ask_where,
    follow_up,
    in_parts,
    interleave,
    offence_line,
    offences,
)
from actions.ask import UNITED_KINGDOM, Ask, Book, joined, law_of
from knowledge.message import Line, Message, brief
from knowledge.model import Fact


def which_offences(ask: Ask, book: Book) -> list[Message]:
    """Return the offences for what happened where the person is, with section and maximum."""
    instead = _no_list(ask, book)
    if instead:
        return instead
    lines = [_with_needs(book, fact) for fact in _found(ask, book)]
    head = book.words("offences_head", harms=_about(ask, book), place=_where(ask, book))
    choices = follow_up(book, "ready_words", "report", "evidence")
    answer = in_parts(book, ask, lines, head=head, intent="ask_offence", choices=choices)
    return [answer] if ask.page else [answer, *_state_note(ask, book), *_border(ask, book)]


def penalties(ask: Ask, book: Book) -> list[Message]:
    """Return the most a court can give for what happened, offence by offence."""
    instead = _no_list(ask, book)
    if instead:
        return instead
    lines = [_penalty_line(book, fact) for fact in _found(ask, book)]
    head = book.words("penalties_head", harms=_about(ask, book), place=_where(ask, book))
    choices = follow_up(book, "offences", "report")
    answer = in_parts(book, ask, lines, head=head, intent="ask_penalty", choices=choices)
    return [answer] if ask.page else [answer, *_state_note(ask, book)]


def _found(ask: Ask, book: Book) -> list[Fact]:
    return offences(book, ask.home, ask, state=ask.state)


def _no_list(ask: Ask, book: Book) -> list[Message]:
    """Return what is said where no list of the person's own place can be given, else nothing."""
    if ask.laws:
        return named_laws(ask, book)
    if not ask.harms and not ask.subjects:
        return [_ask_harm(ask, book)]
    if not ask.has_home:
        return [*_how_homes_differ(ask, book), ask_where(book, ask)]
    return [] if _found(ask, book) else [_no_entry(ask, book), *_border(ask, book)]


def named_laws(ask: Ask, book: Book) -> list[Message]:
    """Return what a law named by title, short name or section covers now, and where."""
    known = [book.knowledge.by_id[law] for law in ask.laws if law in book.knowledge.by_id]
    if ask.has_home:
        here = [fact for fact in known if fact.jurisdiction in (ask.home, ask.perpetrator)]
        known = here or known
    by_place: dict[str, list[Fact]] = {}
    for fact in known:
        by_place.setdefault(fact.jurisdiction, []).append(fact)
    lines = []
    for fact in interleave(by_place.values()):
        text = offence_line(book, fact).text
        place = book.place_name(fact.jurisdiction, fact.state)
        parts = [book.words("law_where", place=place), text]
        parts += [fact.changed] if fact.changed else []
        parts += [fact.extent] if fact.extent else []
        lines.append(Line(" ".join(parts), (fact,)))
    return [
        in_parts(
            book,
            ask,
            lines,
            head=book.words("laws_head"),
            intent="ask_offence",
            choices=follow_up(book, "report", "evidence"),
        )
    ]


def recording_calls(ask: Ask, book: Book) -> list[Message]:
    """Return whether a person may record their own calls where they are."""
    if ask.home == UNITED_KINGDOM:
        return [ask_nation(book)]
    if not ask.has_home:
        return [ask_home(book, lead="question_home_recording")]
    found = book.knowledge.find("recording_rule", ask.home, state=ask.state)
    own = [fact for fact in found if fact.state] or list(found)
    if not own:
        return [
            book.message(
                "answer",
                [book.words("recording_unknown", place=book.place(ask.home))],
                follow_up(book, "evidence"),
            )
        ]
    lines = [Line(_with_law(book, fact), (fact,)) for fact in own]
    head = book.words("recording_head", place=_where(ask, book))
    messages = [book.message("answer", [head, *lines], follow_up(book, "evidence"))]
    if ask.home == "australia" and not ask.state:
        messages.append(ask_state(book))
    return messages


def doxxing_status(ask: Ask, book: Book) -> list[Message]:
    """Return whether publishing somebody's details is a crime of its own where they are."""
    if not ask.has_home:
        lines = [
            Line(f"{place.name}: {_short(fact)}", (fact,))
            for place in book.knowledge.guides()
            for fact in book.knowledge.find("doxxing_status", place.id)[:1]
        ]
        return [
            book.message("answer", [book.words("doxxing_homes_head"), *lines]),
            ask_where(book, ask),
        ]
    found = book.knowledge.find("doxxing_status", ask.home)
    doxxing = Ask(home=ask.home, state=ask.state, perpetrator=ask.perpetrator, harms=("doxxing",))
    if not found:
        return which_offences(doxxing, book)
    lines = [Line(fact.text, (fact,)) for fact in found]
    named = [
        offence_line(book, fact) for fact in offences(book, ask.home, doxxing, state=ask.state)
    ]
    head = book.words("doxxing_head", place=_where(ask, book))
    return [
        in_parts(
            book,
            Ask(harms=("doxxing",), page=ask.page),
            [*lines, *named],
            head=head,
            intent="ask_doxxing_status",
            choices=follow_up(book, "report", "platforms", "unmask"),
        )
    ]


def _ask_harm(ask: Ask, book: Book) -> Message:
    from actions.answers.report import ask_harm

    return ask_harm(book)


def _about(ask: Ask, book: Book) -> str:
    if ask.harms:
        return book.harm_names(ask.harms)
    return joined([book.words(f"topic_{topic}") for topic in ask.subjects], book.words("list_and"))


def _where(ask: Ask, book: Book) -> str:
    if ask.state:
        return book.words("in_place", place=book.place_name(ask.home, ask.state))
    return book.place(ask.home)


def _with_needs(book: Book, fact: Fact) -> Line:
    line = offence_line(book, fact)
    if not fact.needs:
        return line
    needs = book.words("offence_needs", needs="; ".join(fact.needs))
    return Line(f"{line.text} {needs}", (fact,))


def _penalty_line(book: Book, fact: Fact) -> Line:
    if not fact.max_penalty or fact.standing == "none":
        return Line(book.words("offence_none", title=fact.title, text=fact.text), (fact,))
    text = book.words("penalty_line", title=fact.title, law=law_of(fact), penalty=fact.max_penalty)
    return Line(text, (fact,))


def _with_law(book: Book, fact: Fact) -> str:
    law = law_of(fact)
    return f"{fact.text} ({law})" if law and law not in fact.text else fact.text


def _short(fact: Fact) -> str:
    """Return the heart of a status: one sentence, or two where the first is only 'Yes.'."""
    first = brief(fact.text, 1)
    return first if len(first) > 40 else brief(fact.text, 2)


def _how_homes_differ(ask: Ask, book: Book) -> list[Message]:
    """Return each guide's first offence for the harm, one line a place."""
    lines: list[Line | str] = [book.words("homes_differ_head", harms=_about(ask, book))]
    nations = ("england_wales", "scotland", "northern_ireland")
    for place in book.knowledge.guides():
        if ask.home == UNITED_KINGDOM and place.id not in nations:
            continue
        found = offences(book, place.id, ask, state=None)[:1]
        for fact in found:
            text = book.words(
                "homes_differ_line",
                place=place.name,
                title=fact.title,
                law=law_of(fact) or fact.title,
                penalty=fact.max_penalty or book.words("penalty_none"),
            )
            lines.append(Line(text, (fact,)))
    return [book.message("answer", lines)]


def _no_entry(ask: Ask, book: Book) -> Message:
    return book.message(
        "answer",
        [book.words("no_entry", harms=_about(ask, book), place=_where(ask, book))],
        follow_up(book, "report", "platforms", "evidence"),
    )


def _state_note(ask: Ask, book: Book) -> list[Message]:
    if ask.home == "australia" and not ask.state:
        return [ask_state(book)]
    return []


def _border(ask: Ask, book: Book) -> list[Message]:
    """Return the first offences of the place where the other person is."""
    if not ask.abroad:
        return []
    found = offences(book, ask.perpetrator, ask, state=None)
    crimes = [fact for fact in found if fact.standing == "crime"][:2]
    if not crimes:
        return []
    head = book.words("offences_there_head", place=book.other_place(ask.perpetrator))
    return [
        book.message(
            "answer",
            [head, *(offence_line(book, fact) for fact in crimes)],
            follow_up(book, "border"),
        )
    ]
