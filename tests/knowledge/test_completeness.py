"""What a list of units states is found in the facts, or the check says that it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from knowledge.base import Knowledge
from knowledge.completeness import compare, corrections, left_out, penalty_tokens, section_tokens

UNIT = {
    "id": "za-emergency-10111",
    "section": "emergency",
    "phones": ["10111"],
    "facts": ["..."],
}


def problems(knowledge: Knowledge, tmp_path: Path, *units: dict[str, object]) -> list[str]:
    """Return what the comparison says of these units alone."""
    file = tmp_path / "units.yml"
    file.write_text(yaml.safe_dump({"units": list(units)}))
    ids = {str(unit["id"]) for unit in units}
    return [str(p) for p in compare(knowledge, file) if p.where in ids]


def test_a_unit_that_is_covered_is_clean(knowledge: Knowledge, tmp_path: Path) -> None:
    assert problems(knowledge, tmp_path, UNIT) == []


def test_a_missing_phone_is_named(knowledge: Knowledge, tmp_path: Path) -> None:
    unit = {**UNIT, "phones": ["10111", "0800 000 999"]}
    assert any("0800 000 999" in p for p in problems(knowledge, tmp_path, unit))


def test_a_missing_unit_is_named(knowledge: Knowledge, tmp_path: Path) -> None:
    unit = {**UNIT, "id": "za-nothing-of-that-name"}
    assert any("no fact names this unit" in p for p in problems(knowledge, tmp_path, unit))


def test_a_changed_penalty_is_named(knowledge: Knowledge, tmp_path: Path) -> None:
    offence = next(f for f in knowledge.facts if f.id == "sco-stalking-s39")
    unit = {
        "id": "sco-stalking-s39",
        "section": "offence",
        "sections": "s.39",
        "max_penalty": "5 years",
    }
    assert problems(knowledge, tmp_path, unit) == []
    spoilt = replace(offence, max_penalty="6 years", text="Words.", needs=(), changed="")
    others = tuple(f for f in knowledge.facts if "sco-stalking-s39" not in f.guide_units)
    poorer = Knowledge((*others, spoilt), knowledge.places, knowledge.harms, knowledge.sources)
    assert any("5 years" in p for p in problems(poorer, tmp_path, unit))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("s.15; penalty s.19(7)", ["15", "19(7)"]),
        ("s.2A", ["2A"]),
        ("ss.20-21", ["20", "21"]),
        ("474.17A", ["474.17A"]),
        ("Act 19 of 2020 s.8", ["8"]),
    ],
)
def test_sections_are_read(text: str, tokens: list[str]) -> None:
    assert section_tokens(text) == tokens


def test_penalties_are_read() -> None:
    text = "up to 6 months, or level 5, or R40,000; aggravated 15 years (s.19(3))"
    assert penalty_tokens(text) == ["6 months", "level 5", "R40,000", "15 years"]


def test_no_more_than_ten_values_are_left_out() -> None:
    assert len(left_out()) <= 10


def test_every_correction_says_why_and_where() -> None:
    found = corrections()
    assert len(found) > 20
    assert all(entry.url.startswith("https://") for entry in found)
