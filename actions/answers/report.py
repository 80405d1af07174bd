"""The answer to somebody who tells what is happening: everything needed, in two replies."""

from __future__ import annotations

from actions.answers.cross_border import border_short, same_place
from actions.answers.essentials import (
    found_tracker,
    image_lines,
    sextortion,
    swatting_brief,
    under_18,
)
from actions.answers.orders import in_reach, order_brief, unmasking
from actions.answers.parts import (
    LAST_STANDINGS,
    ask_where,
    follow_up,
    of_another_topic,
    offence_brief,
    offences,
    payload,
    way_brief,
)
from actions.answers.reporting import body_lines, channel_lines, no_guide, where
from actions.ask import Ask, Book
from knowledge.message import Choice, Line, Message, brief

MOST_OFFENCES = 3
COMMON_HARMS = (
    "harassment",
    "threats",
    "stalking",
    "intimate_images",
    "extortion",
    "doxxing",
    "impersonation",
    "unlawful_interception",
)


def report(ask: Ask, book: Book) -> list[Message]:
    """Return what can be said with what is known and was not said yet."""
    messages: list[Message] = []
    if ask.safety_key not in ask.given:
        messages += safety(ask, book)
    if not ask.has_home:
        return [*messages, _proof(book)] if ask.steps_key not in ask.given else messages
    if ask.steps_key not in ask.given:
        messages += steps(ask, book)
    if ask.border_key not in ask.given:
        messages += border_short(ask, book)
        if ask.perpetrator == ask.home and ask.steps_key in ask.given:
            messages.append(same_place(ask, book))
    return messages


def safety(ask: Ask, book: Book) -> list[Message]:
    """Return what cannot wait for a place: sextortion, a found tracker, a child."""
    messages: list[Message] = []
    if "child" in ask.topics:
        messages += under_18(ask, book)
    if "extortion" in ask.harms and "intimate_images" in ask.harms:
        messages += sextortion(ask, book)
    if "tracker" in ask.topics:
        messages += found_tracker(ask, book)
    if "swatting" in ask.harms:
        messages += swatting_brief(ask, book)
    return messages


def steps(ask: Ask, book: Book) -> list[Message]:
    """Return the home steps: the number if it turns, where to file, which offences, orders."""
    home = str(ask.home)
    if not book.knowledge.places[home].guide:
        return [_file(ask, book), *_law_known(ask, book), *no_guide(ask, book)]
    messages = [_file(ask, book)]
    if ask.harms or ask.subjects:
        messages.append(_name(ask, book))
    messages += _orders(ask, book)
    if "intimate_images" in ask.harms:
        messages += image_lines(ask, book)
    return messages


def ask_harm(book: Book) -> Message:
    """Return the question what is happening, with the commonest harms as choices."""
    choices = tuple(
        Choice(_title(book.knowledge.harms[harm].name), payload("report_harm", harms=[harm]))
        for harm in COMMON_HARMS
    )
    other = Choice(book.words("choice_other_harm"), payload("dont_know"))
    return book.message("question", [book.words("question_harm")], (*choices, other))


def ask_perpetrator(book: Book, ask: Ask) -> Message:
    """Return the question where the other person is."""
    places = [place for place in book.knowledge.places.values() if place.perpetrator]
    first = [place for place in places if place.id == ask.home]
    others = [
        place
        for place in places
        if place.id != ask.home
        and place.id not in ("scotland", "northern_ireland", "england_wales")
    ]
    choices = tuple(
        Choice(
            book.words("place_elsewhere") if place.id == "elsewhere" else place.name,
            payload("inform_location", perpetrator=place.id),
        )
        for place in (*first, *others)
    )
    unknown = Choice(book.words("choice_dont_know"), payload("dont_know"))
    return book.message("question", [book.words("question_perpetrator")], (unknown, *choices))


def ask_place(book: Book, ask: Ask) -> Message:
    """Return the question where the person is: the nation, or any home."""
    return ask_where(book, ask)


def _proof(book: Book) -> Message:
    """Return what to keep, the one thing that is right before the place is known."""
    lines = [Line(brief(fact.text), (fact,)) for fact in book.knowledge.essentials("evidence")[:2]]
    return book.message(
        "answer",
        [book.words("heard"), book.words("proof_head"), *lines],
        follow_up(book, "evidence"),
    )


def _file(ask: Ask, book: Book) -> Message:
    """Return the number if it turns, the first place to file, and the other ways by name."""
    lines: list[Line | str] = [] if ask.given else [book.words("sorry")]
    for fact in book.knowledge.emergency(ask.home)[:1]:
        lines.append(Line(book.words("if_danger", number=fact.numbers[0].display), (fact,)))
    channels = channel_lines(ask, book)
    lines += channels[:1]
    others = [fact for line in channels[1:3] for fact in line.facts]
    others += [fact for line in body_lines(ask, book)[:2] for fact in line.facts]
    if others:
        named = "; ".join(way_brief(fact) for fact in others)
        lines.append(Line(book.words("other_ways", ways=named), tuple(others)))
    choices = follow_up(book, "ready_words", "report", "evidence", "escalation", "support")
    return book.message("answer", lines, choices)


def _name(ask: Ask, book: Book) -> Message:
    found = offences(book, ask.home, ask, state=ask.state)
    if not found:
        text = book.words("no_entry", harms=book.harm_names(ask.harms), place=where(ask, book))
        return book.message("answer", [text], follow_up(book, "platforms"))
    head = book.words("name_head", harms=book.harm_names(ask.harms), place=where(ask, book))
    own = [fact for fact in found if not of_another_topic(fact, ask)]
    found = own or found
    usable = [fact for fact in found if fact.standing not in LAST_STANDINGS]
    if ask.harms and {harm for fact in usable for harm in fact.harm_types} >= set(ask.harms):
        found = usable
    most = max(MOST_OFFENCES, len(ask.harms))
    lines = [offence_brief(book, fact) for fact in found[:most]]
    choices = follow_up(book, "offences", "penalties")
    return book.message("answer", [head, *lines], choices)


def _orders(ask: Ask, book: Book) -> list[Message]:
    """Return the first order, and the one that names somebody anonymous."""
    found = in_reach(ask, book)
    naming = [fact for fact in unmasking(ask, book) if fact.kind == "protection_order"]
    chosen = {fact.id: fact for fact in (*found[:1], *naming[:1])}
    if not chosen:
        return []
    lines: list[Line | str] = [book.words("orders_short_head")]
    lines += [order_brief(fact) for fact in chosen.values()]
    return [book.message("answer", lines, follow_up(book, "orders", "unmask"))]


def _law_known(ask: Ask, book: Book) -> list[Message]:
    found = offences(book, ask.home, ask, state=None)
    if not found:
        return []
    head = book.words("name_head", harms=book.harm_names(ask.harms), place=where(ask, book))
    return [book.message("answer", [head, *(offence_brief(book, fact) for fact in found[:3])])]


def _title(name: str) -> str:
    return name[0].upper() + name[1:]
