"""The model card: what a model was made of, with which versions, and how well it does."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from bot.model import Card, ModelError
from bot.settings import ROOT

VERSIONS_OF = ("waymark", "rasa", "numpy", "scipy", "scikit-learn", "onnxruntime", "tokenizers")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that is known of a model.

    ``figures`` are by evaluation file, each with the file's hash; ``comparison`` and ``anyway`` are
    written when it is promoted: against what it was held, and why it was let through all the same.
    """

    sha256: str
    data: str
    encoder: str
    trained_at: str
    commit: str = ""
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    comparison: Mapping[str, Any] = field(default_factory=dict)
    promoted_at: str = ""
    anyway: str = ""


def model_card_path(model: Path) -> Path:
    """Return where a model's own card stands, beside its signed one."""
    return model.with_name(model.name.split(".")[0] + ".card.json")


def describe(card: Card, *, at: datetime, root: Path = ROOT) -> ModelCard:
    """Return the card of a model that was just trained from the folder."""
    from bot.checks import training_examples
    from bot.nlu.kernel import SEED

    examples = training_examples(root / "data" / "nlu")
    harms = Counter(harm for example in examples for harm in example.harm_types)
    return ModelCard(
        sha256=card.sha256,
        data=card.data,
        encoder=card.encoder,
        trained_at=at.isoformat(timespec="seconds"),
        commit=_commit(root),
        seed=SEED,
        versions=_versions(),
        thresholds=thresholds(root),
        examples={
            "all": len(examples),
            "by_intent": dict(sorted(Counter(e.intent for e in examples).items())),
            "by_harm": dict(sorted(harms.items())),
        },
    )


def thresholds(root: Path = ROOT) -> dict[str, Any]:
    """Return how sure the heads have to be, as ``config.yml`` sets it."""
    config = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
    heads: dict[str, Any] = next(
        (c for c in config["pipeline"] if c["name"].endswith("MessageHeads")), {}
    )
    return {name: value for name, value in heads.items() if name != "name"}


def with_figures(
    card: ModelCard, file: Path, metrics: Mapping[str, Any], *, hash_: str
) -> ModelCard:
    """Return the card with the figures on one evaluation file, in place of older ones."""
    figures = {**card.figures, file.name: {"sha256": hash_, "metrics": dict(metrics)}}
    return replace(card, figures=figures)


def write_model_card(model: Path, card: ModelCard) -> None:
    """Write the card beside the model, whole or not at all."""
    path = model_card_path(model)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    half.replace(path)


def read_model_card(model: Path) -> ModelCard:
    """Return the card beside a model.

    Raises:
        ModelError: there is none, or it is not a card.
    """
    path = model_card_path(model)
    try:
        card = ModelCard(**json.loads(path.read_text(encoding="utf-8")))
        texts = (card.sha256, card.data, card.encoder, card.trained_at, card.promoted_at)
        if not all(isinstance(text, str) for text in texts) or not isinstance(card.examples, dict):
            raise TypeError
    except (OSError, ValueError, TypeError):
        raise ModelError(
            f"{path}: is not a model card: run 'waymark train', and promote it if it was a release"
        ) from None
    return card


def _versions() -> dict[str, str]:
    found = {}
    for name in VERSIONS_OF:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit(root: Path) -> str:
    """Return the commit of a checkout, '+' where files differ from it, or nothing outside one."""
    try:
        head, dirty = (
            subprocess.run(
                ["git", *command], cwd=root, capture_output=True, text=True, timeout=10, check=True
            ).stdout.strip()
            for command in (("rev-parse", "HEAD"), ("status", "--porcelain"))
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{head}+" if dirty else head
