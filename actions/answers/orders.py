"""Court orders that tell a person to stop, and how somebody anonymous is named."""

from __future__ import annotations

from actions.answers.parts import ask_where, follow_up, in_parts, with_contacts
from actions.answers.reporting import no_guide, where
from actions.ask import Ask, Book, law_of
from knowledge.message import Line, Message, brief
from knowledge.model import Fact

PARTNER = "partner"
UNMASK_WORDS = ("unmask", "anonym", "name and address", "identif", "who is behind", "particulars")


def protection_orders(ask: Ask, book: Book) -> list[Message]:
    """Return the orders a person can ask for where they are, and what a breach means."""
    if not ask.has_home:
        return [ask_where(book, ask)]
    found = in_reach(ask, book)
    if not found:
        return no_guide(ask, book) or [
            book.message("answer", [book.words("orders_none", place=where(ask, book))])
        ]
    lines = [order_line(book, fact) for fact in found]
    head = book.words("orders_head", place=where(ask, book))
    messages = [
        in_parts(
            book,
            ask,
            lines,
            head=head,
            intent="ask_protection_order",
            choices=follow_up(book, "ready_words", "report", "support"),
        )
    ]
    if ask.home == "australia" and not ask.state and ask.page == 0:
        from actions.answers.parts import ask_state

        messages.append(ask_state(book))
    return messages


def in_reach(ask: Ask, book: Book) -> tuple[Fact, ...]:
    """Return a home's orders: those for a partner first where it is one, then one's own to ask for.

    An order that only the police can ask for helps, but it is not a first step of one's own.
    """
    near = set(ask.topics) | ({"domestic_abuse"} if PARTNER in ask.topics else set())
    found = book.knowledge.find("protection_order", ask.home, state=ask.state)
    return tuple(
        sorted(
            found,
            key=lambda fact: (set(fact.topics).isdisjoint(near), "by the police" in fact.title),
        )
    )


def unmask(ask: Ask, book: Book) -> list[Message]:
    """Return how an anonymous person can be named, and that only police or a court can do it."""
    if not ask.has_home:
        return [ask_where(book, ask)]
    lines = [
        Line(f"{fact.title}. {book.words('ask_reference', reference=fact.gives)}", (fact,))
        for fact in book.knowledge.find("reporting_channel", ask.home, state=ask.state)[:1]
        if fact.gives
    ]
    lines += [order_line(book, fact) for fact in unmasking(ask, book)]
    lines += [
        Line(with_contacts(fact.text, fact), (fact,))
        for fact in book.knowledge.essentials("platforms")
        if fact.id in ("ess-platform-three-levers", "ess-platform-no-informal-email")
    ]
    head = book.words("unmask_head", place=where(ask, book))
    messages = [
        in_parts(
            book,
            ask,
            lines,
            head=head,
            intent="ask_anonymous_unmask",
            choices=follow_up(book, "report", "evidence", "border"),
        )
    ]
    return messages


def unmasking(ask: Ask, book: Book) -> list[Fact]:
    """Return the orders and offences entries by which a provider must name somebody."""
    knowledge = book.knowledge
    found = (
        *knowledge.find("protection_order", ask.home, state=ask.state),
        *knowledge.find("offence", ask.home, state=ask.state),
        *knowledge.find("escalation_step", ask.home, state=ask.state),
    )
    return [
        fact
        for fact in found
        if any(word in f"{fact.id} {fact.title} {fact.text}".lower() for word in UNMASK_WORDS)
        and fact.standing in ("", "order", "not_in_force")
        and fact.kind != "escalation_step"
    ]


def order_line(book: Book, fact: Fact) -> Line:
    """Return one order as a paragraph: what it does, its law, what a breach means."""
    text = with_contacts(f"{fact.title}. {fact.text}", fact)
    law = law_of(fact)
    if law and law not in text:
        text += f" ({law})"
    if fact.max_penalty:
        text += " " + book.words("order_breach", penalty=fact.max_penalty)
    return Line(text, (fact,))


def order_brief(fact: Fact) -> Line:
    """Return one order's first sentences and its law."""
    text = f"{fact.title}. {brief(fact.text)}"
    law = law_of(fact)
    return Line(f"{text} ({law})" if law else text, (fact,))
