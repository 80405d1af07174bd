"""Laws by name or section, topics by phrase, messages with their marks and cautions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.base import Knowledge
from knowledge.laws import law_index
from knowledge.loader import FOLDER
from knowledge.message import Line, brief, build, message_from
from knowledge.topics import load_topics
from knowledge.words import Words


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("what is section 127", "sco-communications-act-s127-1"),
        ("what is section 127", "ew-communications-act-s127"),
        (
            "does the malicious communications act still cover threats",
            "ew-malicious-communications-s1",
        ),
        ("does the MCA still cover threats", "ew-malicious-communications-s1"),
        ("is s 474.17 of the criminal code a crime", "au-cth-474-17-menace-harass"),
        ("protection from harassment act section 4a", "ew-aggravated-pha-s4-s4a"),
        ("tell me about the intimidation act", "za-intimidation-act-1982"),
    ],
)
def test_a_law_is_found_by_name_or_section(knowledge: Knowledge, text: str, fact: str) -> None:
    assert fact in law_index(knowledge).find(text)


@pytest.mark.parametrize("text", ["he keeps texting me at 4", "my act of kindness", "order 66 lol"])
def test_ordinary_words_name_no_law(knowledge: Knowledge, text: str) -> None:
    assert law_index(knowledge).find(text) == ()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("he sent me a dick pic on insta", "cyberflashing"),
        ("he broke the restraining order again", "breach_of_order"),
        ("my daughter is 14 and a man wants pictures", "child"),
        ("found an airtag under my car", "tracker"),
        ("there was a hidden camera in the bathroom", "voyeurism"),
        ("it's coercive control", "domestic_abuse"),
    ],
)
def test_a_topic_is_found_by_its_phrase(text: str, topic: str) -> None:
    assert topic in load_topics(FOLDER / "topics.yml").find(text)


def test_citations_are_numbered_once_and_marked(knowledge: Knowledge, words: Words) -> None:
    fact = knowledge.by_id["za-emergency-10111"]
    made = build(
        "answer",
        [Line("one", (fact,)), Line("two", (fact,))],
        words=words,
        today=date(2026, 11, 24),
    )
    assert made.facts == (fact.id,)
    assert [cited.n for cited in made.citations] == list(range(1, len(made.citations) + 1))
    assert made.text.startswith("one [1]")


def test_a_likely_fact_says_so(knowledge: Knowledge, words: Words) -> None:
    fact = replace(knowledge.by_id["za-emergency-10111"], confidence="likely")
    made = build("answer", [Line("one", (fact,))], words=words, today=date(2026, 11, 24))
    assert "before relying on it" in made.text


def test_an_overdue_fact_says_when_it_was_checked(knowledge: Knowledge, words: Words) -> None:
    fact = knowledge.by_id["za-emergency-10111"]
    made = build("answer", [Line("one", (fact,))], words=words, today=date(2028, 1, 1))
    assert fact.checked_on.isoformat() in made.text and "before relying on it" in made.text


def test_a_message_survives_the_way_through_rasa(knowledge: Knowledge, words: Words) -> None:
    fact = knowledge.by_id["za-emergency-10111"]
    made = build("answer", [Line("one", (fact,))], words=words, today=date(2026, 11, 24))
    assert message_from(made.as_dict()) == made


def test_brief_does_not_cut_at_a_section() -> None:
    text = "It is in s. 4 of the Act. A court can help. It is free."
    assert brief(text, 1) == "It is in s. 4 of the Act."
