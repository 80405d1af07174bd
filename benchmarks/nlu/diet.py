"""Train Rasa's default pipeline on one fold of HWU64 and measure it, for comparison."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.nlu.sets import Fold, Rows

DEFAULT_CONFIG = Path("engine") / "recipes" / "config_files" / "default_config.yml"
# What one run gave on 2026-11-22 with the default pipeline at its 100 epochs.
RECORDED = {
    "data": "HWU64 fold 1",
    "accuracy": 85.3,
    "train_minutes": 60,
    "ours_then": 90.9,
    "recorded": "2026-11-22",
}


class DietError(Exception):
    """Rasa's training failed; the message is its last line."""


def limited(fold: Fold, limit: int | None, seed: int = 1) -> Fold:
    """Return a fold with at most so many rows on each side, drawn by a seed."""
    if limit is None:
        return fold

    def some(rows: list[int]) -> list[int]:
        return np.random.default_rng(seed).permutation(rows)[:limit].tolist()

    return Fold(some(fold.train), some(fold.test))


def measure_diet(rows: Rows, fold: Fold) -> dict[str, Any]:
    """Return the accuracy of the default pipeline, trained in a project of its own.

    Counted twice: with its fallback below 0.3, as somebody who writes to it would meet it, and
    without, by the first intent of the ranking.
    """
    with tempfile.TemporaryDirectory(prefix="diet-") as name:
        project = Path(name)
        _write_project(project, rows, fold.train)
        start = time.perf_counter()
        _train(project)
        trained = time.perf_counter()
        first, kept = asyncio.run(
            _answers(project / "models" / "diet.tar.gz", [rows.texts[row] for row in fold.test])
        )
        taken = time.perf_counter() - trained
    wanted = [rows.intents[row] for row in fold.test]
    return {
        "train_messages": len(fold.train),
        "test_messages": len(fold.test),
        "accuracy": _percent(kept, wanted),
        "accuracy_without_fallback": _percent(first, wanted),
        "train_minutes": round((trained - start) / 60, 1),
        "predict_ms": round(taken * 1000 / len(wanted), 1),
    }


def default_config() -> dict[str, Any]:
    """Return the configuration that Rasa takes where a project names no pipeline."""
    spec = importlib.util.find_spec("rasa")
    if spec is None or not spec.submodule_search_locations:
        raise DietError("the package rasa is missing: run 'make setup'")
    path = Path(next(iter(spec.submodule_search_locations))) / DEFAULT_CONFIG
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _write_project(project: Path, rows: Rows, train: Sequence[int]) -> None:
    examples: dict[str, list[str]] = {}
    for row in train:
        examples.setdefault(rows.intents[row], []).append(rows.texts[row])
    config = default_config() | {"assistant_id": "benchmark", "policies": [{"name": "RulePolicy"}]}
    nlu = [
        {"intent": intent, "examples": [{"text": text} for text in texts]}
        for intent, texts in examples.items()
    ]
    for name, content in (
        ("config.yml", config),
        ("domain.yml", {"version": "3.1", "intents": list(examples)}),
        ("nlu.yml", {"version": "3.1", "nlu": nlu}),
    ):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (project / name).write_text(text, encoding="utf-8")


def _train(project: Path) -> None:
    command = [sys.executable, "-m", "rasa", "train", "nlu", "--nlu", "nlu.yml"]
    command += ["--config", "config.yml", "--domain", "domain.yml", "--out", "models"]
    ran = subprocess.run(
        [*command, "--fixed-model-name", "diet"],
        cwd=project,
        env=os.environ | {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    # Rasa ends with 0 when it finds no examples, and writes no model.
    if ran.returncode or not (project / "models" / "diet.tar.gz").is_file():
        last = (ran.stderr.strip() or ran.stdout.strip() or "no output").splitlines()[-1]
        raise DietError(f"rasa train failed: {last}")


async def _answers(model: Path, texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the first intent of each ranking, and the intent that Rasa would act on."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # Rasa writes a line a message otherwise.
    agent = Agent.load(str(model))
    first, kept = [], []
    for text in texts:
        parsed = await agent.parse_message(text)
        ranking = [entry["name"] for entry in parsed["intent_ranking"]]
        first.append(next((name for name in ranking if name != "nlu_fallback"), ""))
        kept.append(str(parsed["intent"]["name"]))
    return first, kept


def _percent(found: Sequence[str], wanted: Sequence[str]) -> float:
    return round(100 * float(np.mean([a == b for a, b in zip(found, wanted, strict=True)])), 2)
