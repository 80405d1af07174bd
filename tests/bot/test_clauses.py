"""Several things told at once, and things that did not happen."""

from itertools import pairwise

import pytest

from bot.nlu.clauses import MOST_CLAUSES, clauses, stretches, without_denied


def test_each_thing_that_is_told_is_a_clause() -> None:
    told = clauses("He posts my street every night and he wants money. I cannot sleep.")
    assert told == ("He posts my street every night", "he wants money.", "I cannot sleep.")


def test_a_message_that_tells_one_thing_has_no_clauses() -> None:
    assert clauses("my ex shared my pictures in the group") == ()
    assert clauses("Help. he has my login and the codes") == ()
    assert clauses("") == ()


def test_a_very_long_message_is_read_in_a_bounded_number_of_clauses() -> None:
    assert len(clauses("He wrote to me again. " * 200)) == MOST_CLAUSES


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "he has not threatened me, but he puts my street online",
            "he puts my street online",
        ),
        ("My ex hasnt hit me but she follows me to work", "she follows me to work"),
        ("Nobody hit me. It is the calls at night.", "It is the calls at night."),
        ("They haven't shared anything and they keep ringing", "they keep ringing"),
    ],
)
def test_what_did_not_happen_is_left_out(said: str, told: str) -> None:
    assert without_denied(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "he has not threatened me",  # nothing else is told
        "he hasn't shared them yet but he wants money",  # a threat to
        "she does not only follow me but she films me",
        "I did not share it and he got into my phone",  # says nothing of what he did
        "he has not stopped and he threatens me",
        "We've never posted it but they hacked my phone",
        "he hits me and I never told him where I work",
    ],
)
def test_what_is_put_off_or_only_said_of_oneself_stays(said: str) -> None:
    assert without_denied(said) == said


def test_a_long_message_is_read_by_stretches_that_reach_its_end() -> None:
    words = [f"w{n}" for n in range(231)]
    found = [part.split() for part in stretches(" ".join(words))]
    assert found[0][0] == "w0" and found[-1][-1] == "w230"
    assert all(set(a[-10:]) & set(b) for a, b in pairwise(found))
    assert stretches("he keeps posting my address and my mum is scared") == ()
