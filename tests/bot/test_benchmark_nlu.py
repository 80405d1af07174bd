"""The benchmark of the intent classifier: it runs on small data, and names the file that is wrong."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.nlu import diet
from benchmarks.nlu.measure import OUT, Answers, best_threshold, few_rows
from benchmarks.nlu.run import GOALS, main
from benchmarks.nlu.sets import Fold, Rows

SAID = {
    "weather": ["will it rain", "is it sunny", "how warm is it", "will it snow", "is it windy"],
    "alarm": [
        "wake me at six",
        "set an alarm",
        "alarm for noon",
        "wake me early",
        "stop the alarm",
    ],
    "music": ["play a song", "play some jazz", "next song", "louder music", "stop the music"],
}
WHEN = ["today", "tomorrow", "please", "on monday"]
OUTSIDE = ["who wrote hamlet", "what is seven times nine", "translate cat", "how tall is he"]
PAIRS = [
    [f"{text} {when}", intent] for intent, said in SAID.items() for text in said for when in WHEN
]


def clinc_file(folder: Path) -> Path:
    """Write made-up data of CLINC150's shape, as gzip."""
    parts: dict[str, Any] = {
        "train": PAIRS[::2],
        "val": PAIRS[1::4],
        "test": PAIRS[3::4],
        "oos_train": [[text, "oos"] for text in OUTSIDE[:2]],
        "oos_val": [[text, "oos"] for text in OUTSIDE[2:]],
        "oos_test": [[f"{text} now", "oos"] for text in OUTSIDE],
    }
    path = folder / "clinc.json.gz"
    path.write_bytes(gzip.compress(json.dumps(parts).encode()))
    return path


def hwu_file(folder: Path) -> Path:
    """Write made-up data of HWU64's shape, as plain JSON."""
    rows = list(range(len(PAIRS)))
    data = {
        "texts": [text for text, _ in PAIRS],
        "intents": [intent for _, intent in PAIRS],
        "folds": [
            {"train": rows[::2], "test": rows[1::2]},
            {"train": rows[1::2], "test": rows[::2]},
        ],
    }
    path = folder / "hwu.json"
    path.write_text(json.dumps(data))
    return path


def run(folder: Path, *arguments: str) -> int:
    """Run the benchmark with its cache in the folder."""
    return main([*arguments, "--cache", str(folder / "cache")])


def test_it_prints_and_keeps_every_figure(tmp_path: Path, capsys: Any) -> None:
    clinc, hwu, target = clinc_file(tmp_path), hwu_file(tmp_path), tmp_path / "results.json"
    files = ("--clinc", str(clinc), "--hwu", str(hwu), "--results", str(target))
    assert run(tmp_path, *files) == 0
    said = capsys.readouterr().out
    for figure in (
        "in scope, no threshold:",
        "chosen on validation data: in scope",
        "out of scope refused",
        "threshold of config.yml:",
        "out of scope as a class:",
        "as a class and threshold",
        "10 examples an intent: median",
        "CLINC150, time: encode",
        "HWU64 fold  1:",
        "HWU64, 2 folds:",
        "±",
        "HWU64, time: encode",
        "Stock DIET, HWU64 fold 1: 85.3 % after 60 minutes; ours there then 90.9 %",
    ):
        assert figure in said
    assert said.count("goal") == len(GOALS)
    kept = json.loads(target.read_text())
    assert kept["clinc150"]["all"]["in_scope_without_threshold"] > 70
    assert len(kept["clinc150"]["10_examples"]["seeds"]) == 3
    assert kept["hwu64"]["folds"].keys() == {"1", "2"}
    assert target.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert str(tmp_path) not in target.read_text()


def test_vectors_are_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hwu = hwu_file(tmp_path)
    assert run(tmp_path, "--hwu", str(hwu), "--folds", "1") == 0

    def refuse() -> None:
        raise AssertionError("the vectors are in the cache")

    monkeypatch.setattr("benchmarks.nlu.measure.shared_encoder", refuse)
    assert run(tmp_path, "--hwu", str(hwu), "--folds", "2") == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("no json", "is not JSON"),
        ("[1]", "one JSON object"),
        ('{"train": [["only a text"]]}', "'train' must be a list of [text, intent]"),
        ('{"train": [["a", "b"]]}', "'val' must be"),
    ],
)
def test_a_wrong_clinc_file_is_named_in_one_line(
    tmp_path: Path, capsys: Any, content: str | None, said: str
) -> None:
    path = tmp_path / "wrong.json"
    if content is not None:
        path.write_text(content)
    assert run(tmp_path, "--clinc", str(path)) == 2
    error = capsys.readouterr().err
    assert str(path) in error and said in error and error.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"texts": ["a"], "intents": []}', "'texts' and 'intents'"),
        ('{"texts": ["a"], "intents": ["b"]}', "'folds'"),
        (
            '{"texts": ["a"], "intents": ["b"], "folds": [{"train": [0], "test": [1]}]}',
            "fold 1: 'test' must be row numbers below 1",
        ),
    ],
)
def test_a_wrong_hwu_file_is_named_in_one_line(
    tmp_path: Path, capsys: Any, content: str, said: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(content)
    assert run(tmp_path, "--hwu", str(path)) == 2
    error = capsys.readouterr().err
    assert str(path) in error and said in error and error.count("\n") == 1


def test_a_broken_gzip_file_is_named(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "wrong.json.gz"
    path.write_bytes(gzip.compress(b"{}" * 99)[:-12])
    assert run(tmp_path, "--clinc", str(path)) == 2
    assert "wrong.json.gz: is not JSON" in capsys.readouterr().err


def test_a_wrong_fold_and_a_wrong_config_are_named(tmp_path: Path, capsys: Any) -> None:
    hwu = hwu_file(tmp_path)
    assert run(tmp_path, "--hwu", str(hwu), "--folds", "3") == 2
    assert "has folds 1 to 2, not '3'" in capsys.readouterr().err
    assert run(tmp_path, "--hwu", str(hwu), "--config", str(tmp_path / "none.yml")) == 2
    assert "none.yml: has no bot.nlu.components.MessageHeads" in capsys.readouterr().err
    assert main([]) == 2


def test_the_threshold_gives_most_messages_right() -> None:
    inside = _answers(["a", "a", "b", "a"], [0.9, 0.8, 0.7, 0.2])
    outside = _answers(["a", "b", OUT], [0.3, 0.6, 0.9])
    wanted = np.array(["a", "a", "b", "b"])
    # Above 0.6 both real refusals; at 0.7 the three right answers are still taken.
    assert best_threshold(inside, wanted, outside) == pytest.approx(0.7)


def test_few_rows_takes_as_many_of_each_intent_and_the_seed_decides_which() -> None:
    intents = ["a"] * 9 + ["b"] * 9 + ["c"]
    rows = few_rows(intents, 3, seed=1)
    assert sorted(intents[row] for row in rows) == ["a"] * 3 + ["b"] * 3 + ["c"]
    assert rows == few_rows(intents, 3, seed=1) != few_rows(intents, 3, seed=2)


def test_diet_runs_in_a_project_of_its_own(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training itself takes minutes: here only what it is given and what is printed."""
    seen: dict[str, Any] = {}

    def train(project: Path) -> None:
        seen["files"] = {path.name: path.read_text() for path in project.iterdir()}

    async def perfect(model: Path, texts: list[str]) -> tuple[list[str], list[str]]:
        intents = dict(PAIRS)  # type: ignore[arg-type]
        found = [intents[text] for text in texts]
        return found, ["nlu_fallback", *found[1:]]

    monkeypatch.setattr(diet, "_train", train)
    monkeypatch.setattr(diet, "_answers", perfect)
    hwu = hwu_file(tmp_path)
    asked = ("--hwu", str(hwu), "--folds", "1", "--with-diet", "--diet-limit", "10")
    assert run(tmp_path, *asked) == 0
    said = capsys.readouterr().out
    assert "Rasa's default pipeline, HWU64 fold 1: 90.00 % (100.00 % without its fallback)" in said
    assert "trained on 10 messages" in said
    assert seen["files"].keys() == {"config.yml", "domain.yml", "nlu.yml"}
    assert "DIETClassifier" in seen["files"]["config.yml"]
    assert "epochs: 100" in seen["files"]["config.yml"]


def test_a_limit_draws_the_same_rows_again() -> None:
    fold = Fold(list(range(50)), list(range(50, 99)))
    assert diet.limited(fold, None) == fold
    assert diet.limited(fold, 5) == diet.limited(fold, 5)
    assert len(diet.limited(fold, 5).train) == 5


@pytest.mark.parametrize("code", [1, 0])
def test_a_training_without_a_model_gives_its_last_line(
    code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = subprocess.CompletedProcess([], code, stdout="", stderr="loading\nno examples\n")
    monkeypatch.setattr(diet.subprocess, "run", lambda *_, **__: ran)
    with pytest.raises(diet.DietError, match=r"^rasa train failed: no examples$"):
        diet.measure_diet(Rows(["a"], ["b"]), Fold([0], [0]))


def _answers(intents: list[str], sure: list[float]) -> Answers:
    return Answers(np.array(intents), np.array(sure), 0.0, 0.0)
