"""The labels that an evaluation file may use, and the rows of several files together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from bot.evaluation import Row, load_rows
from bot.settings import ROOT
from knowledge.loader import load


def labels() -> tuple[list[str], list[str]]:
    """Return the intents and the places that a row may name."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return [*domain["intents"], "nlu_fallback"], list(load().places)


def rows_of(files: Sequence[Path]) -> list[Row]:
    """Return the rows of all files, or raise ``DataError`` with every bad line."""
    intents, places = labels()
    return [row for file in files for row in load_rows(file, intents=intents, places=places)]
