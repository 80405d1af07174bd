"""A comparison says what was lost, and stands against a release where danger or a floor falls."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.compare import Comparison, Floors, by_chance, compare, load_floors
from bot.evaluation import Prediction, Row, score
from bot.release.plots import draw, reliability
from bot.release.tables import lines, markdown
from bot.release.then import fallen, load_then
from knowledge.yaml_lines import DataError

FLOORS = Floors(danger_recall=0.5, intents={"greet": 0.6})
ROWS = [
    Row("hello", intent="greet", harm_types=(), danger=False),
    Row("hi | <b>you</b>", intent="greet", harm_types=(), danger=False),
    Row("he rings all night", intent="report_harm", harm_types=("harassment",), danger=False),
    Row("he is at the door", danger=True),
    Row("she has a knife", danger=True),
]


def made(text: str, intent: str = "greet", **more: object) -> Prediction:
    """Return a prediction, sure of itself."""
    return Prediction(text, intent, 0.9, **more)  # type: ignore[arg-type]


GOOD = [
    made(ROWS[0].text),
    made(ROWS[1].text),
    made(ROWS[2].text, "report_harm", harm_types=("harassment",)),
    made(ROWS[3].text, "danger_now", by_list=True),
    made(ROWS[4].text, "danger_now", by_classifier=True),
]


def with_change(at: int, prediction: Prediction) -> list[Prediction]:
    """Return the good predictions with one replaced."""
    return [*GOOD[:at], prediction, *GOOD[at + 1 :]]


def figure(found: Comparison, group: str, name: str) -> str:
    """Return one figure as the table prints it."""
    return next(str(c.new) for c in found.changes if (c.group, c.name) == (group, name))


def test_a_model_that_is_no_worse_may_be_released() -> None:
    found = compare(ROWS, GOOD, GOOD, floors=FLOORS)
    assert found.holds and not found.lost
    assert figure(found, "danger", "recall").startswith("1.000 [0.3")


def test_one_missed_danger_stands_against_a_release_whatever_the_floor() -> None:
    worse = with_change(4, made(ROWS[4].text, "report_harm"))
    found = compare(ROWS, worse, GOOD, floors=Floors(0.0, {}))
    assert found.danger_problems and not found.problems
    assert (found.lost[0].what, found.lost[0].text) == ("danger", "she has a knife")


def test_danger_below_its_floor_stands_against_a_first_release() -> None:
    none = [made(row.text) for row in ROWS]
    assert "floor" in compare(ROWS, none, None, floors=FLOORS).danger_problems[0]


def test_files_without_a_danger_prove_nothing() -> None:
    assert compare(ROWS[:3], GOOD[:3], GOOD[:3], floors=FLOORS).danger_problems


def test_an_intent_below_its_floor_is_named_and_its_messages_are_listed() -> None:
    worse = with_change(1, made(ROWS[1].text, "goodbye"))
    found = compare(ROWS, worse, GOOD, floors=FLOORS)
    assert not found.danger_problems and found.problems[0].startswith("greet: 0.500 is below")
    assert (found.lost[0].wanted, found.lost[0].found) == ("greet", "goodbye")


def test_what_is_also_acceptable_is_no_loss() -> None:
    rows = [Row("ta", intent="thanks", also_ok=("affirm",)), *ROWS[3:]]
    old, new = [made("ta", "thanks"), *GOOD[3:]], [made("ta", "affirm"), *GOOD[3:]]
    assert not compare(rows, new, old, floors=FLOORS).lost


def test_harm_types_lost_and_said_wrongly_are_told_apart() -> None:
    worse = with_change(2, made(ROWS[2].text, "report_harm", harm_types=("stalking",)))
    found = compare(ROWS, worse, GOOD, floors=FLOORS)
    assert figure(found, "harm found", "harassment").startswith("0.000")
    assert any((e.what, e.found) == ("harm types", "stalking") for e in found.lost)


@pytest.mark.parametrize(("gained", "lost", "chance"), [(0, 0, 1.0), (1, 0, 1.0), (0, 6, 0.03125)])
def test_chance_is_the_exact_test_of_mcnemar(gained: int, lost: int, chance: float) -> None:
    assert by_chance(gained, lost) == pytest.approx(chance)


def test_the_table_and_the_markdown_name_the_lost_messages() -> None:
    worse = with_change(1, made(ROWS[1].text, "goodbye"))
    found = compare(ROWS, worse, GOOD, floors=FLOORS)
    assert any("goodbye: hi | <b>you</b>" in line for line in lines(found))
    page = markdown(found)
    assert "Against a release" in page and "hi \\| \\<b\\>you" in page and "<b>" not in page


def test_confidence_is_held_against_how_often_it_is_right() -> None:
    assert reliability(ROWS, GOOD) == [(pytest.approx(0.9), 1.0, 3)]


def test_the_pictures_are_drawn(tmp_path: Path) -> None:
    worse = with_change(1, made(ROWS[1].text, "goodbye"))
    drawn = draw(tmp_path / "p", compare(ROWS, worse, GOOD, floors=FLOORS), ROWS, worse, GOOD)
    assert [path.name for path in drawn] == [
        "confusion.png", "reliability.png", "gains_and_losses.png",
    ]  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)


def test_a_bad_floor_is_named_by_line(tmp_path: Path) -> None:
    file = tmp_path / "floors.yml"
    file.write_text("danger_recal: 0.9\nintents:\n  greeet: 0.5\n  greet: 7\n")
    with pytest.raises(DataError) as caught:
        load_floors(file, intents=["greet"])
    said = str(caught.value)
    assert "floors.yml:1" in said and "floors.yml:3" in said and "floors.yml:4" in said
    assert "did you mean 'greet'?" in said and "danger_recall" in said


def test_every_floor_of_the_project_names_an_intent() -> None:
    from bot.release.rows import labels
    from bot.settings import ROOT

    floors = load_floors(ROOT / "tests" / "floors.yml", intents=labels()[0])
    assert floors.danger_recall >= 0.9 and len(floors.intents) > 20


# --- danger as it was found at another time


def written(folder: Path, made_then: list[Prediction], rows: list[Row] = ROWS) -> Path:
    """Return a file as ``evaluate --json`` wrote it then."""
    content = {
        "metrics": score(rows, made_then).metrics,
        "predictions": [made.as_dict() for made in made_then],
    }
    path = folder / "then.json"
    path.write_text(json.dumps(content))
    return path


def test_what_is_found_as_it_was_then_stands_against_nothing(tmp_path: Path) -> None:
    assert fallen(load_then(written(tmp_path, GOOD)), ROWS, GOOD) == ([], [])


def test_a_phrase_that_goes_is_seen_though_both_models_are_read_without_it(tmp_path: Path) -> None:
    now = with_change(3, replace(GOOD[3], by_list=False))
    found = compare(ROWS, now, now, floors=FLOORS)
    assert found.holds
    found = found.beside(*fallen(load_then(written(tmp_path, GOOD)), ROWS, now))
    assert not found.holds
    assert found.danger_problems[0].startswith("danger recall: fell from 2 to 1 of 2 since ")
    assert [(e.what, e.text) for e in found.lost] == [
        ("danger", ROWS[3].text), ("danger by the list", ROWS[3].text),
    ]  # fmt: skip


def test_a_fall_of_the_list_alone_is_seen_behind_the_classifier(tmp_path: Path) -> None:
    now = with_change(3, replace(GOOD[3], by_list=False, by_classifier=True))
    problems, lost = fallen(load_then(written(tmp_path, GOOD)), ROWS, now)
    (problem,) = problems
    assert problem.startswith("danger recall of the list alone: fell from 1 to 0 of 2 since ")
    assert [entry.what for entry in lost] == ["danger by the list"]


def test_a_file_from_before_the_layers_were_told_apart_still_counts(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    content = json.loads(path.read_text())
    for made_then in content["predictions"]:
        del made_then["by_list"], made_then["by_classifier"]
    path.write_text(json.dumps(content))
    now = with_change(3, replace(GOOD[3], by_list=False))
    problems, lost = fallen(load_then(path), ROWS, now)
    assert len(problems) == 2 and [entry.what for entry in lost] == ["danger"]


def test_messages_that_are_held_against_more_than_danger_do_not_count(tmp_path: Path) -> None:
    then = load_then(written(tmp_path, GOOD[3:], ROWS[3:]))
    more = [*ROWS, Row("he is on the stairs", danger=True)]
    assert fallen(then, more, [*GOOD, made("he is on the stairs")]) == ([], [])


def test_a_file_of_other_messages_or_of_something_else_is_refused(tmp_path: Path) -> None:
    then = load_then(written(tmp_path, GOOD))
    with pytest.raises(DataError, match=r"then\.json:1: was made with other messages than these: "):
        fallen(then, ROWS[:4], GOOD[:4])
    other = tmp_path / "other.json"
    for content in ("{", "[]", '{"metrics": {}}'):
        other.write_text(content)
        with pytest.raises(DataError, match=r"other\.json:1: holds no figures of danger recall: "):
            load_then(other)


def test_compare_ends_with_code_1_where_less_danger_is_found_than_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import click

    import bot.model
    import bot.predictions
    import bot.release.rows
    import bot.settings
    from bot.cli.compare import compare as command

    model = tmp_path / "waymark.tar.gz"
    model.touch()
    now = with_change(3, replace(GOOD[3], by_list=False))
    monkeypatch.setattr(bot.settings, "from_environment", lambda: bot.settings.Settings())
    monkeypatch.setattr(bot.model, "named", lambda *_, **__: None)
    monkeypatch.setattr(bot.predictions, "predictions_of", lambda *_: now)
    monkeypatch.setattr(bot.release.rows, "rows_of", lambda _: ROWS)
    floors = tmp_path / "floors.yml"
    floors.write_text("danger_recall: 0\n")

    def call(then: Path | None) -> None:
        command(
            str(model), str(model), on=None, floors=floors, then=then, markdown=False, plots=None
        )

    call(None)
    call(written(tmp_path, now))
    with pytest.raises(click.exceptions.Exit) as ended:
        call(written(tmp_path, GOOD))
    assert ended.value.exit_code == 1
