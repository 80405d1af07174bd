"""What has to change the answer changes it: denials, the past, and what is added."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from .conftest import Read
from .flips import Reading
from .seeds import Pair, added, pairs, seeds

TURNS = 0.9
ADDED_DANGER = 0.98
Sees = Callable[[Reading], bool]


def threats(reading: Reading) -> bool:
    return "threats" in reading.harms


def doxxing(reading: Reading) -> bool:
    return "doxxing" in reading.harms


def danger(reading: Reading) -> bool:
    return reading.danger


def wrong(read: Read, texts: Sequence[str], sees: Sees, *, wanted: bool) -> list[str]:
    """Return the messages where it is not seen as wanted."""
    readings = read(texts)
    return [
        f"{text!r}: {got}"
        for text, got in zip(texts, readings, strict=True)
        if sees(got) is not wanted
    ]


def assert_turns(read: Read, found: Sequence[Pair], sees: Sees, record_property) -> None:
    """Hold that it is seen before and not after, each in nine of ten pairs."""
    before = wrong(read, [pair.before for pair in found], sees, wanted=True)
    after = wrong(read, [pair.after for pair in found], sees, wanted=False)
    kept, lost = 1 - len(before) / len(found), 1 - len(after) / len(found)
    record_property("seen before", kept)
    record_property("gone after", lost)
    assert kept >= TURNS, "not seen:\n  " + "\n  ".join(before)
    assert lost >= TURNS, "still seen:\n  " + "\n  ".join(after)


def test_denied_threats_are_not_found(read: Read, record_property) -> None:
    assert_turns(read, pairs("denied_threats"), threats, record_property)


def test_a_denied_danger_is_none(read: Read, record_property) -> None:
    assert_turns(read, pairs("denied_danger"), danger, record_property)


def test_a_danger_long_past_or_settled_is_not_a_present_one(read: Read, record_property) -> None:
    assert_turns(read, pairs("past_danger"), danger, record_property)


def test_a_knife_at_the_door_is_danger_whatever_stands_before_it(
    read: Read, record_property
) -> None:
    found = added("danger", [seed for seed in seeds() if seed.intent or seed.hard])
    missed = wrong(read, [pair.after for pair in found], danger, wanted=True)
    record_property("found", 1 - len(missed) / len(found))
    assert 1 - len(missed) / len(found) >= ADDED_DANGER, "missed:\n  " + "\n  ".join(missed)


def test_a_posted_address_adds_doxxing_to_any_report(read: Read, record_property) -> None:
    reports = [s for s in seeds() if s.intent == "report_harm" and s.harm != "doxxing"]
    found = added("doxxing", reports)
    missed = wrong(read, [pair.after for pair in found], doxxing, wanted=True)
    record_property("found", 1 - len(missed) / len(found))
    assert 1 - len(missed) / len(found) >= TURNS, "missed:\n  " + "\n  ".join(missed)


@pytest.mark.parametrize("harm", ["threats", "stalking", "intimate_images", "extortion"])
def test_an_added_address_takes_no_harm_away(read: Read, harm: str, record_property) -> None:
    found = added("doxxing", [s for s in seeds() if s.harm == harm])
    before, after = read([p.before for p in found]), read([p.after for p in found])
    seen = [(p, now) for p, was, now in zip(found, before, after, strict=True) if harm in was.harms]
    lost = [f"{p.after!r}: {now}" for p, now in seen if harm not in now.harms]
    record_property("kept", 1 - len(lost) / len(seen))
    assert len(lost) <= (1 - TURNS) * len(found), "lost:\n  " + "\n  ".join(lost)
