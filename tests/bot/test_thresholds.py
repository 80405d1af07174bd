"""Ask rather than guess: thresholds follow the cost of a wrong answer; copies are seen as copies."""

from __future__ import annotations

from bot.overlap import masked_words, nearest, share
from bot.thresholds import Case, choose, curve


def cases(intent: str, right: list[float], wrong: list[float]) -> list[Case]:
    return [Case(intent, c, True) for c in right] + [Case(intent, c, False) for c in wrong]


def test_a_higher_threshold_asks_more_and_answers_less_wrong() -> None:
    points = curve(cases("greet", [0.2, 0.5, 0.9], [0.3, 0.6]))
    assert [p.asked for p in points] == sorted(p.asked for p in points)
    assert [p.wrong for p in points] == sorted((p.wrong for p in points), reverse=True)
    assert all(abs(p.asked + p.wrong + p.right - 1) < 1e-9 for p in points)


def test_an_intent_that_errs_when_unsure_gets_a_higher_threshold_of_its_own() -> None:
    sure = cases("greet", [0.2, 0.25, 0.3, 0.9] * 40, [])
    doubtful = cases("ask_offence", [0.5, 0.6, 0.7, 0.8], [0.16, 0.17, 0.18, 0.2, 0.21])
    general, own = choose([*sure, *doubtful])
    assert general < own["ask_offence"] <= general + 0.15 + 1e-9


def test_few_messages_prove_nothing() -> None:
    few = cases("ask_offence", [], [0.19, 0.2])
    general, own = choose([*cases("greet", [0.2, 0.9] * 20, []), *few])
    assert "ask_offence" not in own and general <= 0.2


def test_a_message_that_differs_in_place_name_and_number_is_a_copy() -> None:
    one = masked_words("In the end Sarah in Leeds got 40 calls")
    other = masked_words("In the end Priya in Durban got 7 calls")
    assert share(one, other) == 1.0
    assert share(one, masked_words("nothing like it")) == 0.0


def test_the_nearest_training_message_is_found() -> None:
    found = nearest(
        ["he keeps calling me at work"], ["good morning", "he keeps calling me at home"]
    )
    assert found[0].text == "he keeps calling me at home" and 0.5 < found[0].share < 1
