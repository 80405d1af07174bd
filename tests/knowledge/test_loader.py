"""The loader says what is wrong, where, and what to do; all at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.loader import FOLDER, load, read
from knowledge.yaml_lines import DataError

GOOD = """\
kind: offence
checked_on: 2026-11-22
facts:
  - id: sco-test
    title: A test
    statute: Test Act 2020
    section: s.1
    standing: crime
    max_penalty: 2 years
    harm_types: [stalking]
    text: Words.
    citations:
      - {title: T, url: https://www.legislation.gov.uk/x, seen_in: search}
    confidence: certain
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the real knowledge, to be spoilt."""
    copy = tmp_path / "knowledge"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return copy


def lines(folder: Path, content: str) -> list[str]:
    """Return the problems of the knowledge with one more file."""
    (folder / "jurisdictions" / "scotland" / "zz_test.yml").write_text(content)
    return [str(problem) for problem in read(folder)[1]]


def test_the_real_knowledge_holds() -> None:
    assert len(load().facts) > 500


def test_a_good_file_is_accepted(folder: Path) -> None:
    assert lines(folder, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    text: Words.", "    txet: Words.", 11, "unknown field 'txet'; did you mean"),
        ("    confidence: certain", "    confidence: sure", 14, "confidence 'sure' is unknown"),
        ("harm_types: [stalking]", "harm_types: [staking]", 10, "did you mean 'stalking'?"),
        ("    standing: crime\n", "", 4, "'standing' is missing"),
        ("https://www.legislation.gov.uk/x", "http://www.legislation.gov.uk/x", 13, "not an https"),
        ("https://www.legislation.gov.uk/x", "https://nobody.example/x", 13, "sources.yml"),
        ("seen_in: search", "seen_in: dream", 13, "seen_in 'dream'"),
        ("id: sco-test", "id: Sco Test", 4, "is not an id"),
        ("checked_on: 2026-11-22", "checked_on: yesterday", 2, "not a date"),
        ("kind: offence", "kind: ofence", 1, "did you mean 'offence'?"),
        ("    max_penalty: 2 years\n", "", 4, "without statute or max_penalty"),
        ("    text: Words.", "    text: Words.\n    text: Twice.", 12, "stands here twice"),
        ("id: sco-test", "id: za-emergency-10111", 4, "is taken"),
    ],
)
def test_each_mistake_is_named_with_its_line(
    folder: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    found = lines(folder, GOOD.replace(old, new, 1))
    wanted = said.split("; ")
    assert any(
        f"zz_test.yml:{line}: " in problem and all(part in problem for part in wanted)
        for problem in found
    ), found


def test_all_mistakes_are_reported_together(folder: Path) -> None:
    spoilt = GOOD.replace("certain", "sure").replace("[stalking]", "[x]").replace("crime", "sin")
    assert len(lines(folder, spoilt)) >= 3


def test_a_number_that_cannot_be_dialled_is_refused(folder: Path) -> None:
    content = GOOD + '    numbers:\n      - {display: "999", dial: "call us"}\n'
    assert any("cannot be dialled" in problem for problem in lines(folder, content))


def test_display_and_dial_must_be_the_same_number(folder: Path) -> None:
    content = GOOD + '    numbers:\n      - {display: "0800 123 456", dial: "+44800123457"}\n'
    assert any("differ" in problem for problem in lines(folder, content))


def test_a_home_without_an_emergency_number_does_not_start(folder: Path) -> None:
    (folder / "jurisdictions" / "scotland" / "emergency.yml").unlink()
    with pytest.raises(DataError, match="no emergency number to call"):
        load(folder)


def test_000_stays_000(folder: Path) -> None:
    """YAML reads 000 as a number; a person would dial 0."""
    australia = load(folder).emergency("australia")[0]
    assert australia.numbers[0].dial == "000"


def test_broken_yaml_is_named_by_its_line(folder: Path) -> None:
    assert any("zz_test.yml:2" in problem for problem in lines(folder, "kind: offence\n\tx: [\n"))
