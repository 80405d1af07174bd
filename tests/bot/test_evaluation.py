"""``waymark evaluate``: a file is refused whole and by line, and every row counts where it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluation import Prediction, Row, load_rows, score
from knowledge.yaml_lines import DataError


def rows_of(tmp_path: Path, *lines: str) -> list[Row]:
    file = tmp_path / "messages.yml"
    file.write_text("\n".join(f"- {line}" for line in lines), encoding="utf-8")
    return load_rows(file, intents=["greet", "report_harm"], places=["scotland", "canada"])


def test_all_but_the_text_may_be_left_out(tmp_path: Path) -> None:
    bare, placed, told = rows_of(
        tmp_path,
        "{text: hello}",
        "{text: from glasgow, home: scotland}",
        "{text: he keeps on, intent: report_harm}",
    )
    assert (bare.intent, bare.harm_types, bare.danger) == (None, None, None)
    assert (placed.home, placed.danger) == ("scotland", None)
    assert (told.harm_types, told.danger) == ((), False)


def test_every_bad_line_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        rows_of(
            tmp_path,
            "{text: a, intent: gret}",
            "{text: b, home: scotlnd, perpetrator: mars}",
            "{text: c, harm_types: [threat]}",
            "{text: d, intnt: greet}",
            "{intent: greet}",
            "{text: f, harm_types: threats}",
            "{text: g, also_ok: greet}",
            "{text: h, danger: 'false'}",
            "{text: i, danger: true, kind: selfharm}",
            "{text: [j, k], intent: greet}",
            "{text: l, tags: hard_negative}",
            "{text: yes}",
            "{text: }",
            "just words",
        )
    lines = [problem.where.rpartition(":")[2] for problem in refused.value.problems]
    assert lines == ["1", "2", "2", *map(str, range(3, 15))]
    assert "did you mean 'greet'" in str(refused.value)


def test_a_row_counts_for_what_it_says(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "{text: a, danger: true}",
        "{text: b, danger: false, tags: [typo]}",
        "{text: c, danger: false, tags: [hard_negative]}",
        "{text: d, home: scotland}",
    )
    seen = [Prediction(row.text, "greet", 0.9, home=row.home, by_list=True) for row in rows]
    figures = score(rows, seen).metrics
    counted = {
        name: figures[name]["of"]
        for name in (
            "danger_recall_both",
            "danger_alarms_ordinary_both",
            "danger_alarms_hard_negative_both",
            "home_accuracy",
        )
    }
    assert list(counted.values()) == [1, 1, 1, 1]
