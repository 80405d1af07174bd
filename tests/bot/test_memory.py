"""What is remembered of a conversation comes back whole, and takes little room."""

from __future__ import annotations

import json
from datetime import date

from bot.channels.memory import MOST_CHOICES, Conversation, Kept
from knowledge.loader import load
from knowledge.message import Line, build
from knowledge.words import load_words

TODAY = date(2026, 11, 1)


def test_a_message_is_kept_small_and_given_as_it_was() -> None:
    facts = load().facts[:8]
    lines = [Line(fact.full_text, (fact,)) for fact in facts]
    answer = build("answer", lines, words=load_words(always={"retention": "a day"}), today=TODAY)
    made = {**answer.as_dict(), "id": "m1", "numbers": []}
    kept = Kept.of(made)
    assert kept.made() == made
    assert kept.id == "m1"
    # An event of a stream ends at a line's end.
    assert kept.text.isascii() and "\n" not in kept.text
    # As plain data it took up far more, and a server that was talked to all day grew.
    assert len(kept.packed) < len(json.dumps(made)) / 2


def test_a_choice_that_is_offered_again_keeps_its_id_and_the_oldest_is_forgotten_first() -> None:
    memory, other = Conversation("web-1"), Conversation("web-2")
    first, second = memory.choice_id("/ask_evidence"), memory.choice_id("/ask_penalty")
    assert first != second
    assert memory.choice_id("/ask_evidence") == first
    assert other.choice_id("/ask_evidence") != first, "no other conversation can use it"
    for n in range(MOST_CHOICES - 1):
        memory.choice_id(f"/tried{{{n}}}")
    assert memory.choices.get(first) == "/ask_evidence"
    assert second not in memory.choices
    assert len(memory.choices) == MOST_CHOICES
