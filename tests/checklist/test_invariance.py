"""What changes nothing for a reader changes nothing in the answer, up to a stated share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from . import perturb
from .conftest import Read
from .flips import Change, flips
from .seeds import Seed, seeds

DANGER = 0.02


@dataclass(frozen=True)
class Suite:
    """A change, the messages it is made to, and the shares of flips that are allowed."""

    name: str
    change: Callable[[str, int], str]
    limit: float
    danger: float = DANGER
    applies: Callable[[Seed], bool] = lambda seed: True


def not_bare(seed: Seed) -> bool:
    return not seed.bare


def told_of_oneself(seed: Seed) -> bool:
    return seed.intent == "report_harm" or seed.kind == "danger"


SUITES = [
    Suite("typos", perturb.typo, 0.05),
    Suite("capitals", perturb.upper, 0.0, danger=0.0),
    Suite("small letters", perturb.lower, 0.0, danger=0.0),
    Suite("title case", perturb.title, 0.0, danger=0.0),
    Suite("hidden characters", perturb.zero_width, 0.0, danger=0.0),
    Suite("look-alike letters", perturb.look_alikes, 0.0),
    Suite("words before", perturb.prefix, 0.03, applies=not_bare),
    Suite("words after", perturb.suffix, 0.03, applies=not_bare),
    Suite("a sentence after", perturb.longer, 0.03, applies=not_bare),
    Suite("sentences around", perturb.much_longer, 0.03, applies=not_bare),
    Suite("doubled punctuation", perturb.loud, 0.03, applies=not_bare),
    Suite("dialect", perturb.dialect, 0.05, applies=not_bare),
    Suite("another language around", perturb.code_switch, 0.03, applies=not_bare),
    Suite("told of a sister", perturb.about_my_sister, 0.05, applies=told_of_oneself),
]
FILLED = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
Made = dict[str, list[tuple[Seed, Change]]]


@pytest.fixture(scope="module")
def made(read: Read) -> Made:
    """Return each suite's changes, all messages read in one batch."""
    texts = {
        suite.name: [
            (seed, after)
            for at, seed in enumerate(seeds())
            if suite.applies(seed) and (after := suite.change(seed.text, at)) != seed.text
        ]
        for suite in SUITES
    }
    read([text for found in texts.values() for seed, after in found for text in (seed.text, after)])
    return {
        name: [(seed, Change(seed.text, after, *read([seed.text, after]))) for seed, after in found]
        for name, found in texts.items()
    }


@FILLED
def test_the_intent_stays(suite: Suite, made: Made, record_property) -> None:
    found = flips("intent", [change for seed, change in made[suite.name] if seed.intent])
    record_property("flips", found.share)
    assert found.of and found.share <= suite.limit, found.told(suite.limit)


@FILLED
def test_the_surest_harm_stays(suite: Suite, made: Made, record_property) -> None:
    changes = [change for seed, change in made[suite.name] if seed.intent]
    found = flips("top harm", changes)
    record_property("flips", found.share)
    # The whole set is told beside it: further harms stand near their threshold more often.
    record_property("flips of the set", flips("harms", changes).share)
    assert found.of and found.share <= suite.limit, found.told(suite.limit)


@FILLED
def test_danger_is_neither_lost_nor_made_up(suite: Suite, made: Made, record_property) -> None:
    found = flips("danger", [change for _, change in made[suite.name]])
    record_property("flips", found.share)
    assert found.of and found.share <= suite.danger, found.told(suite.danger)
