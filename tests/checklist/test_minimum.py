"""What the templates say is understood: a floor for each thing a person may write.

Floors are shares of messages, three fillings of each template.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from .conftest import Read
from .flips import Reading
from .seeds import Seed, seeds

INTENT = 0.9
INTENT_EACH = 0.6
HARM = 0.9
HARM_EACH = 0.75
DANGER = 0.97
QUIET = 0.98
QUIET_HARD = 0.85
FILLS = (0, 1, 2)
Found = list[tuple[Seed, Reading]]


@pytest.fixture(scope="module")
def found(read: Read) -> Found:
    """Return the messages of the templates and what was understood of them."""
    messages = list(dict.fromkeys(seed for fill in FILLS for seed in seeds(fill)))
    return list(zip(messages, read([seed.text for seed in messages]), strict=True))


def share(right: list[bool]) -> float:
    return sum(right) / len(right)


def told(found: Found, name: str) -> str:
    return "\n" + "\n".join(f"  {seed.text!r}: {getattr(got, name)}" for seed, got in found)


def test_nine_in_ten_messages_have_their_intent(found: Found, record_property) -> None:
    with_intent = [(seed, got) for seed, got in found if seed.intent]
    wrong = [(seed, got) for seed, got in with_intent if seed.intent != got.intent]
    reached = 1 - len(wrong) / len(with_intent)
    record_property("share", reached)
    assert reached >= INTENT, told(wrong, "intent")


def test_no_intent_is_misread_more_often_than_read(found: Found) -> None:
    by_intent = defaultdict(list)
    for seed, got in found:
        if seed.intent:
            by_intent[seed.intent].append((seed, got))
    poor = {
        intent: told([(s, g) for s, g in of if s.intent != g.intent], "intent")
        for intent, of in by_intent.items()
        if share([s.intent == g.intent for s, g in of]) < INTENT_EACH
    }
    assert not poor, "\n".join(f"{intent}{lines}" for intent, lines in poor.items())


def test_nine_in_ten_reports_have_their_harm_as_the_surest(found: Found, record_property) -> None:
    with_harm = [(seed, got) for seed, got in found if seed.harm]
    wrong = [(seed, got) for seed, got in with_harm if seed.harm != got.top_harm]
    reached = 1 - len(wrong) / len(with_harm)
    record_property("share", reached)
    assert reached >= HARM, told(wrong, "harms")


def test_each_harm_is_among_those_found(found: Found) -> None:
    by_harm = defaultdict(list)
    for seed, got in found:
        if seed.harm:
            by_harm[seed.harm].append((seed, got))
    poor = {
        harm: told([(s, g) for s, g in of if s.harm not in g.harms], "harms")
        for harm, of in by_harm.items()
        if share([s.harm in g.harms for s, g in of]) < HARM_EACH
    }
    assert not poor, "\n".join(f"{harm}{lines}" for harm, lines in poor.items())


@pytest.mark.parametrize("kind", ["danger", "self_harm"])
def test_danger_is_found(found: Found, kind: str, record_property) -> None:
    real = [(seed, got) for seed, got in found if seed.kind == kind]
    missed = [(seed, got) for seed, got in real if not got.danger]
    reached = 1 - len(missed) / len(real)
    record_property("share", reached)
    assert reached >= DANGER, told(missed, "danger")


def test_a_report_or_a_question_raises_no_alarm(found: Found, record_property) -> None:
    calm = [(seed, got) for seed, got in found if seed.intent]
    alarms = [(seed, got) for seed, got in calm if got.danger]
    quiet = 1 - len(alarms) / len(calm)
    record_property("share", quiet)
    assert quiet >= QUIET, told(alarms, "danger")


def test_words_of_danger_without_danger_seldom_raise_an_alarm(
    found: Found, record_property
) -> None:
    hard = [(seed, got) for seed, got in found if seed.hard]
    alarms = [(seed, got) for seed, got in hard if got.danger]
    quiet = 1 - len(alarms) / len(hard)
    record_property("share", quiet)
    assert quiet >= QUIET_HARD, told(alarms, "danger")


STORY = (
    "It started in the spring after I left the choir. First there were messages about the money for "
    "the trip, then about my singing, then about my husband. I answered the first ten or so and then I "
    "stopped. After that there were new accounts, one every week, all with the same photo of a lake. I "
    "have kept every one of them in a folder with the dates. In June there was a review of my shop that "
    "said I water down the soup. In July three more of them came, all from people nobody here has ever "
    "heard of. My daughter found a page with our surname that makes fun of her teeth. I spoke to the "
    "community centre, who were kind, and to the website, who sent me a form and nothing since. My "
    "sister says to leave it alone and my neighbour says to go to a lawyer. I do not sleep well and I "
    "have stopped going to the market on Saturdays, which I miss. I would like to know what I can do "
    "about all of this and who would listen to me."
)


@pytest.mark.parametrize(
    "end",
    [
        "The key is on his side of the door and he says nobody leaves until I apologise.",
        "She is on the floor, there is blood in her hair and he is stood over her laughing.",
        "I can see the end of his cigarette behind the shed and the back door does not lock.",
        "He is crushing her wrist and she has gone white.",
    ],
)
def test_danger_at_the_end_of_a_long_story_is_found(read, end: str) -> None:
    """The word list knows none of them: the classifier has to reach the end."""
    alone, with_danger = read([STORY, f"{STORY} {end}"])
    assert with_danger.danger and not alone.danger
