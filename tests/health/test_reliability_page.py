"""docs/reliability.md names tests and benchmarks that are there, and every goal has a row."""

from __future__ import annotations

import re

from tests.support.server import ROOT

PAGE = (ROOT / "docs/reliability.md").read_text("utf-8")
GOALS = [
    *(
        f"{letter}{n}"
        for letter, most in (("D", 5), ("R", 8), ("L", 6))
        for n in range(1, most + 1)
    ),
    *(
        f"{letter}{n}"
        for letter, most in (("S", 7), ("P", 4), ("O", 2))
        for n in range(1, most + 1)
    ),
]


def test_every_test_and_benchmark_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|benchmarks)/[^`]*)`", PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_goal_has_a_row_that_says_what_was_measured() -> None:
    rows = {
        cells[0]: cells
        for line in PAGE.partition("## Goals")[2].splitlines()
        if line.startswith("| ")
        and len(cells := [c.strip() for c in line.strip("| ").split(" | ")])
    }
    assert [goal for goal in GOALS if goal not in rows] == []
    assert [goal for goal in GOALS if not rows[goal][-1]] == []


def test_every_row_of_a_trap_names_its_test() -> None:
    traps = PAGE.partition("## Traps")[2].partition("## Goals")[0]
    rows = [line for line in traps.splitlines() if line.startswith("| ")]
    without = [row for row in rows if "`tests/" not in row and "| test |" not in row]
    assert without == []
