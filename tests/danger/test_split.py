"""A danger split over up to three messages is found; an old one is not told for ever."""

from __future__ import annotations

import pytest

from bot.danger import DangerPatterns, find_danger


@pytest.mark.parametrize(
    "texts",
    [
        ("he is", "outside", "my door"),
        ("my ex has", "a knife"),
        ("I want to", "kill", "myself"),
        ("he says", "he will", "kill me"),
        ("he wont let", "me leave"),
        ("hes outside", "my", "house"),
        ("please call", "the police"),
        ("i cant", "breathe"),
    ],
)
def test_a_danger_split_over_messages_is_found(
    patterns: DangerPatterns, texts: tuple[str, ...]
) -> None:
    match = find_danger(texts[-1], recent=texts[:-1], patterns=patterns)
    assert match is not None and match.present


@pytest.mark.parametrize("new", ["ok thanks", "where do I report this", "yes", "", "I am in Leeds"])
def test_an_old_danger_is_not_told_again(patterns: DangerPatterns, new: str) -> None:
    assert find_danger(new, recent=("hi", "he has a knife"), patterns=patterns) is None


def test_only_the_last_two_texts_count(patterns: DangerPatterns) -> None:
    assert find_danger("a knife", recent=("he has", "hm", "well"), patterns=patterns) is None


def test_a_long_old_text_costs_nothing_and_its_end_counts(patterns: DangerPatterns) -> None:
    match = find_danger("my door", recent=("blah " * 9000 + "he is outside",), patterns=patterns)
    assert match is not None and match.present


def test_a_new_danger_wins_over_an_old_softened_one(patterns: DangerPatterns) -> None:
    old = ("he is not outside",)
    match = find_danger("now he is outside my door", recent=old, patterns=patterns)
    assert match is not None and match.present


def test_a_message_before_makes_light_of_no_new_danger(patterns: DangerPatterns) -> None:
    before = "ma ex fae Glasgow keeps postin ma address tae folk"
    match = find_danger("he is outside ma door wi a knife", recent=(before,), patterns=patterns)
    assert match is not None and match.present
