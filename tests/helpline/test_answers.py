"""What people are told on a helpline's server: its own lines first, its own words, nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from actions.answers.support import cannot_call, person, support_lines
from actions.ask import Ask, Book
from bot.channels.card import card
from bot.helpline.book import knowledge_of, own_line, words_of
from bot.helpline.load import load_helpline
from bot.privacy import privacy_statement
from bot.settings import from_environment
from knowledge.base import Knowledge
from knowledge.emergency import crisis_message, danger_message
from knowledge.welcome import welcome_message
from knowledge.words import Words
from knowledge.yaml_lines import DataError
from tests.conftest import TODAY
from tests.helpline.support import EXAMPLE, SECRETS, changed, example
from tests.support.closed_world import faults

ADVICE, TEXT = "020 7946 0123", "07700 900123"
HOMES = ("england_wales", "scotland")


@pytest.fixture(scope="module")
def own() -> Knowledge:
    """Return the knowledge of the example's server."""
    return knowledge_of(example())


@pytest.fixture(scope="module")
def own_words() -> Words:
    """Return the sentences of the example's server."""
    return words_of(example(), retention="12 hours")


@pytest.fixture(scope="module")
def own_book(own: Knowledge, own_words: Words) -> Book:
    """Return what its answers draw on."""
    return Book(own, own_words, TODAY)


@pytest.mark.parametrize("answer", [support_lines, person])
@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("harms", [(), ("stalking",), ("intimate_images", "extortion")])
def test_its_own_lines_come_first_and_no_other_line_is_lost(
    answer: object, home: str, harms: tuple[str, ...], own: Knowledge, own_book: Book, book: Book
) -> None:
    assert callable(answer)
    ask = Ask(home=home, harms=harms)
    [message], [before] = answer(ask, own_book), answer(ask, book)
    mine = [fact.id for fact in own.own_lines(home)]
    assert list(message.facts) == [*mine, *before.facts]
    assert message.text.index(ADVICE) < message.text.index("[2]")
    assert (TEXT in message.text) is (home == "scotland")
    assert message.citations[0].title == "Tern Harbour Advice"
    assert message.citations[0].checked_on == "2026-11-22"
    assert faults(message, own, home=home, other=None) == []


def test_somebody_elsewhere_is_told_nothing_of_it(own: Knowledge, own_book: Book) -> None:
    [message] = support_lines(Ask(home="australia"), own_book)
    assert ADVICE not in message.text and not any("-own-" in fact for fact in message.facts)
    assert own.own_lines("australia") == ()


def test_who_is_afraid_of_the_police_is_told_of_it_too(own_book: Book) -> None:
    [message] = cannot_call(Ask(home="scotland", reason="afraid_of_police"), own_book)
    assert ADVICE in message.text


@pytest.mark.parametrize("home", [None, *HOMES])
def test_in_danger_people_read_the_same_as_without_a_helpline(
    home: str | None, own: Knowledge, own_words: Words, knowledge: Knowledge, words: Words
) -> None:
    """A line with opening hours must never stand where somebody looks for one that answers."""
    for make in (danger_message, crisis_message):
        ours = make(own, own_words, home=home, today=TODAY)
        assert ours == make(knowledge, words, home=home, today=TODAY)


def test_a_number_that_nobody_checked_for_a_year_says_so(own_book: Book) -> None:
    [message] = support_lines(Ask(home="scotland"), replace(own_book, today=date(2028, 1, 1)))
    assert "Checked on 2026-11-22; check before relying on it." in message.text


def test_hours_are_said_with_the_number(own_book: Book) -> None:
    [message] = support_lines(Ask(home="scotland"), own_book)
    assert "Open: Saturday 10:00 to 16:00, London time." in message.text


def test_the_fallback_of_a_hand_off_is_found_by_its_id(own: Knowledge) -> None:
    for home in HOMES:
        fact = own_line(own, "advice", home=home)
        assert fact is not None and fact.jurisdiction == home
    anywhere = own_line(own, "advice", home=None)
    assert anywhere is not None and anywhere.numbers[0].display == ADVICE
    assert own_line(own, "none", home="scotland") is None


def test_a_fact_of_ours_is_never_covered_up(own: Knowledge) -> None:
    helpline = example()
    taken = replace(helpline.facts[0], id="sco-support-samaritans")
    with pytest.raises(DataError, match=r"example-helpline\.yml:27: .* exists already"):
        knowledge_of(replace(helpline, facts=(taken,)))


def test_the_welcome_is_its_own_and_names_it(own_words: Words, words: Words) -> None:
    message = welcome_message(own_words, today=TODAY)
    assert message.text.startswith("Hello. I am the computer program of Tern Harbour Advice, not")
    assert message.text.count("Tern Harbour Advice") == 1
    assert "kept for 12 hours" in message.text and '"help now"' in message.text
    assert message.choices == welcome_message(words, today=TODAY).choices


def test_a_welcome_in_our_words_says_who_runs_the_chat() -> None:
    words = words_of(replace(example(), words=()), retention="12 hours")
    assert "Tern Harbour Advice runs this chat." in welcome_message(words, today=TODAY).text


def test_nobody_is_named_where_there_is_no_file(words: Words) -> None:
    assert "runs this chat" not in welcome_message(words, today=TODAY).text


def test_the_card_of_a_site_names_its_lines_after_whom_to_call(
    own: Knowledge, own_words: Words, knowledge: Knowledge, words: Words
) -> None:
    ours, plain = card(own, own_words, home="scotland"), card(knowledge, words, home="scotland")
    assert ours.startswith(plain)
    added = ours.removeprefix(plain)
    assert '<a href="tel:+442079460123">020 7946 0123</a>' in added
    assert '<a href="sms:+447700900123">07700 900123</a>' in added
    assert "Tern Harbour Advice" in added
    anywhere = card(own, own_words, home=None)
    assert anywhere.count(ADVICE) == 1 and TEXT in anywhere
    assert ADVICE not in card(own, own_words, home="australia")


def test_what_is_said_of_a_persons_words_names_who_has_them() -> None:
    settings = from_environment({**SECRETS, "WAYMARK_HELPLINE": str(EXAMPLE)})
    assert settings.helpline is not None
    words = words_of(settings.helpline, retention=settings.retention)
    said = privacy_statement(settings, knowledge_of(settings.helpline), words)
    assert said.startswith("Tern Harbour Advice runs this chat.")
    assert "for 12 hours" in said and words("privacy_hand_off") in said
    assert said.count(ADVICE) == 1 and said.count(TEXT) == 1
    assert "Tern Harbour by text: 07700 900123 (Saturday 10:00 to 16:00, London time)" in said


def test_a_line_without_hours_promises_none(tmp_path: Path) -> None:
    path = changed(tmp_path, "    hours: same\n", "")
    helpline = load_helpline(path)
    words = words_of(helpline, retention="one day")
    book = Book(knowledge_of(helpline), words, TODAY)
    [message] = support_lines(Ask(home="england_wales"), book)
    first = message.text.split("\n\n")[1]
    assert ADVICE in first and "Open:" not in first


def test_too_many_own_lines_would_push_the_others_out_of_sight(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    block = text[text.index("  - id: advice") : text.index("  - id: text")]
    many = "".join(block.replace("id: advice", f"id: more-{n}") for n in range(2))
    path = changed(
        tmp_path, "# Sentences in your own way.", f"{many}\n# Sentences in your own way."
    )
    with pytest.raises(DataError, match=r"4 numbers serve scotland: keep 3 at most"):
        load_helpline(path)


def test_the_actions_of_a_server_know_its_lines_and_words(own_words: Words) -> None:
    from actions.rasa_actions import executor

    helpline = example()
    made = executor(
        always={"retention": "12 hours", "helpline": helpline.name},
        replaced=dict(helpline.words),
        own=helpline.facts,
    )
    book = made.actions["action_support"].__self__._desk.book
    assert book.knowledge.own_lines("scotland")[0].id == "sco-own-advice"
    assert book.words("goodbye") == own_words("goodbye")
    assert re.search("We are glad", book.words("goodbye"))
