"""The changes themselves: the same seed gives the same change, and each does what it says."""

from __future__ import annotations

import unicodedata

import pytest

from . import perturb
from .flips import Change, Reading, flips
from .seeds import seeds

TEXT = "my ex keeps sending me horrible messages on Instagram and will not stop"
CHANGES = [
    perturb.typo,
    perturb.zero_width,
    perturb.look_alikes,
    perturb.prefix,
    perturb.suffix,
    perturb.longer,
    perturb.much_longer,
    perturb.loud,
    perturb.dialect,
    perturb.code_switch,
    perturb.about_my_sister,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_same_seed_gives_the_same_change(change) -> None:
    for seed in range(12):
        assert change(TEXT, seed) == change(TEXT, seed) != TEXT


def test_a_typo_comes_every_25_letters_and_spares_short_words_and_first_letters() -> None:
    letters = sum(char.isalpha() for char in TEXT)
    for seed in range(50):
        pairs = list(zip(TEXT.split(), perturb.typo(TEXT, seed).split(), strict=True))
        changed = [(old, new) for old, new in pairs if old != new]
        assert len(changed) == letters // 25 == 2
        assert all(len(old) >= 4 and old[0] == new[0] for old, new in changed)
        assert all(abs(len(old) - len(new)) <= 1 for old, new in changed)


def test_hidden_characters_change_nothing_that_is_seen() -> None:
    changed = perturb.zero_width(TEXT, 3)
    assert "".join(c for c in changed if unicodedata.category(c) != "Cf") == TEXT
    assert len(changed) - len(TEXT) == sum(len(word) >= 3 for word in TEXT.split())


def test_look_alikes_keep_the_length_and_change_a_good_share() -> None:
    seen = set()
    for seed in range(len(perturb.LOOK_ALIKES)):
        changed = perturb.look_alikes(TEXT, seed)
        strange = {char for char in changed if not char.isascii()}
        assert len(changed) == len(TEXT) and strange
        seen.add(frozenset(strange))
    assert len(seen) == len(perturb.LOOK_ALIKES)


def test_a_report_is_told_of_the_sister_from_end_to_end() -> None:
    told = perturb.about_my_sister("my ex follows me where I go and I am afraid of my car", 0)
    assert told == "my sister's ex follows her where she goes and she is afraid of her car"


def test_the_templates_fill_every_slot_and_repeat_nothing() -> None:
    texts = [seed.text for seed in seeds()]
    assert len(set(texts)) == len(texts)
    assert not any("{" in text for text in texts)
    assert len([seed for seed in seeds() if seed.intent]) >= 190
    assert len([seed for seed in seeds() if seed.kind]) == 60
    assert len([seed for seed in seeds() if seed.hard]) == 40


def test_a_planted_flip_is_counted_and_named() -> None:
    calm, hurt = Reading("report_harm", ("threats",)), Reading("report_harm", ("threats",), True)
    other = Reading("ask_offence", ("doxxing", "threats"))
    changes = [
        Change("one", "One", calm, calm),
        Change("two", "Two", calm, hurt),
        Change("three", "Three", calm, other),
        Change("four", "Four", hurt, calm),
    ]
    assert flips("intent", changes).lines == ("report_harm -> ask_offence: 'Three' (was 'three')",)
    assert len(flips("top harm", changes).lines) == 1
    assert flips("harms", changes).share == 0.25
    danger = flips("danger", changes)
    assert danger.share == 0.5
    assert "'Two'" in danger.told(0.02) and "'Four'" in danger.told(0.02)
    assert "'One'" not in danger.told(0.02)
