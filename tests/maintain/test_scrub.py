"""Nothing that tells who somebody is stays in a message of the review queue; places do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.review.known import shared_known
from bot.review.scrub import MARKS, scrub

ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "scrub.yml").read_text())


def scrubbed(text: str) -> str:
    """Return a text as the queue keeps it."""
    return scrub(text, known=shared_known())


@pytest.mark.parametrize("row", ROWS, ids=[row["text"][:40] for row in ROWS])
def test_what_was_planted_is_gone_and_the_places_are_there(row: dict[str, Any]) -> None:
    left = scrubbed(row["text"]).lower()
    assert not [planted for planted in row["planted"] if str(planted).lower() in left], left
    assert not [place for place in row.get("places", []) if place.lower() not in left], left


def test_there_are_two_hundred_messages() -> None:
    assert len(ROWS) >= 200 and sum(bool(row["planted"]) for row in ROWS) >= 180


def test_what_is_asked_and_told_stays_readable() -> None:
    """Of messages that name nobody, hardly a word is lost."""
    root = Path(__file__).resolve().parent.parent
    rows = yaml.safe_load((root / "validation.yml").read_text())
    words = sum(len(row["text"].split()) for row in rows)
    taken = sum(scrubbed(row["text"]).count("[") for row in rows)
    assert words > 5000 and taken / words < 0.03


def test_marks_that_somebody_typed_are_not_ours() -> None:
    assert not any(mark in scrubbed("he wrote [name] and [number] on it") for mark in MARKS)


def test_only_our_marks_stand_in_square_brackets() -> None:
    once = [scrubbed(row["text"]) for row in ROWS]
    assert all(mark in MARKS for text in once for mark in _marks(text))


@pytest.mark.timed
@pytest.mark.parametrize("piece", ["", " ", "\n\n", "a", "1 ", "@", "x@", "9-"])
def test_no_text_takes_long_or_fails(piece: str) -> None:
    shared_known()
    started = time.monotonic()
    scrubbed((piece * 2000)[:2000])
    assert time.monotonic() - started < 2


def _marks(text: str) -> list[str]:
    import re

    return re.findall(r"\[[^\]]*\]", text)
