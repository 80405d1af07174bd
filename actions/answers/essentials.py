"""What holds everywhere: evidence, swatting, several victims, platforms, devices, under 18."""

from __future__ import annotations

from collections.abc import Callable

from actions.answers.parts import follow_up, in_parts, step_line, with_contacts
from actions.ask import Ask, Book
from knowledge.message import Line, Message, brief
from knowledge.model import Fact


def evidence(ask: Ask, book: Book) -> list[Message]:
    """Return what to keep and how, and what not to do with it."""
    found = book.knowledge.essentials("evidence")
    local = {"ess-evidence-nz-preserve-before-block", "ess-evidence-nz-objectionable"}
    if ask.home != "new_zealand":
        found = tuple(fact for fact in found if fact.id not in local)
    return [
        *_children_first(ask, book),
        _subject(
            ask,
            book,
            found,
            head="evidence_head",
            intent="ask_evidence",
            names=("report", "platforms", "recording"),
        ),
    ]


def swatting(ask: Ask, book: Book) -> list[Message]:
    """Return what swatting is, what to prepare, and what to do about it."""
    messages = [
        _subject(
            ask,
            book,
            book.knowledge.essentials("swatting"),
            head="swatting_head",
            intent="ask_swatting",
            names=("report", "offences", "evidence"),
        )
    ]
    return messages


def swatting_brief(ask: Ask, book: Book) -> list[Message]:
    """Return the heart of it, for an answer that holds other things too."""
    chosen = ("ess-swatting-prenotify", "ess-swatting-operational-advice")
    lines = [
        Line(brief(fact.text), (fact,))
        for fact in book.knowledge.essentials("swatting")
        if fact.id in chosen
    ]
    return [book.message("answer", [book.words("swatting_head"), *lines])] if lines else []


def several_victims(ask: Ask, book: Book) -> list[Message]:
    """Return how several people's reports become one case."""
    return [
        _subject(
            ask,
            book,
            book.knowledge.essentials("multiple_victims"),
            head="victims_head",
            intent="ask_multiple_victims",
            names=("report", "evidence", "escalation"),
        )
    ]


def platforms(ask: Ask, book: Book) -> list[Message]:
    """Return how to have posts, accounts and images taken down."""
    found = book.knowledge.essentials("platforms")
    messages = [*_children_first(ask, book)]
    if "intimate_images" in ask.harms:
        messages += image_lines(ask, book)
    messages.append(
        _subject(
            ask,
            book,
            found,
            head="platforms_head",
            intent="ask_platform_removal",
            names=("report", "evidence", "offences"),
        )
    )
    return messages


def image_lines(ask: Ask, book: Book) -> list[Message]:
    """Return the services that take intimate images down: a child's or an adult's."""
    child = "child" in ask.topics
    found = [
        fact
        for fact in (
            *book.knowledge.find("helpline", ask.home, topics=ask.topics, harms=ask.harms),
            *book.knowledge.find(
                "national_body", ask.home, topics=ask.topics, harms=("intimate_images",)
            ),
        )
        if ("intimate_images" in fact.serves or "intimate_images" in fact.harm_types)
        and _for_children(fact) is child
    ]
    if not found:
        return []
    lines = [step_line(fact) for fact in found[:4]]
    return [book.message("answer", [book.words("images_head"), *lines])]


def _for_children(fact: Fact) -> bool:
    return "child" in fact.topics or "children" in fact.serves


def found_tracker(ask: Ask, book: Book) -> list[Message]:
    """Return what to do about a tracker or spyware: proof and a safe device before removing."""
    found = (*book.knowledge.essentials("tracker"), *book.knowledge.essentials("device_safety"))
    return [
        _subject(
            ask,
            book,
            found,
            head="tracker_head",
            intent="ask_evidence",
            names=("report", "offences", "support"),
        )
    ]


def sextortion(ask: Ask, book: Book) -> list[Message]:
    """Return what to do when somebody demands something for not showing images."""
    lines = [_line(fact) for fact in book.knowledge.essentials("sextortion")]
    if not lines:
        return []
    return [book.message("answer", [book.words("sextortion_head"), *lines])]


def under_18(ask: Ask, book: Book) -> list[Message]:
    """Return what changes when the person in the images, or writing, is under 18."""
    lines = [_line(fact) for fact in book.knowledge.essentials("under_18")]
    lines += [
        step_line(fact)
        for fact in book.knowledge.find("helpline", ask.home)
        if "children" in fact.serves
    ][:2]
    if not lines:
        return []
    return [book.message("answer", [book.words("under_18_head"), *lines])]


def device_safety(ask: Ask, book: Book) -> list[Message]:
    """Return how to look after the device and accounts that a person writes from."""
    lines = [_line(fact) for fact in book.knowledge.essentials("device_safety")]
    return [book.message("answer", [book.words("device_head"), *lines])]


def perpetrator_asks(ask: Ask, book: Book) -> list[Message]:
    """Return an honest answer to the one who did it: stop, a lawyer, help; nothing to evade."""
    lines: list[Line | str] = [book.words("perpetrator_head")]
    lines += [_line(fact) for fact in book.knowledge.essentials("perpetrator_asks")]
    return [book.message("answer", lines, follow_up(book, "support", "human"))]


def _children_first(ask: Ask, book: Book) -> list[Message]:
    return under_18(ask, book) if "child" in ask.topics and ask.page == 0 else []


def _subject(
    ask: Ask,
    book: Book,
    found: tuple[Fact, ...],
    *,
    head: str,
    intent: str,
    names: tuple[str, ...],
) -> Message:
    lines = [_line(fact) for fact in sorted(found, key=_nearest(ask))]
    return in_parts(
        book,
        ask,
        lines,
        head=book.words(head),
        intent=intent,
        choices=follow_up(book, *names),
    )


def _nearest(ask: Ask) -> Callable[[Fact], int]:
    """Put what is about this person's harm first, and what is about another harm last."""

    def key(fact: Fact) -> int:
        if not fact.harm_types or not ask.harms:
            return 1 if not fact.harm_types else 2
        return 2 if set(fact.harm_types).isdisjoint(ask.harms) else 0

    return key


def _line(fact: Fact) -> Line:
    return Line(with_contacts(f"{fact.title}. {fact.text}", fact), (fact,))
