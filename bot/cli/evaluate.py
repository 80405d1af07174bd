"""``waymark evaluate``: the model against messages with known labels."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import typer

from bot.cli.output import err, out, plainly

if TYPE_CHECKING:
    from bot.thresholds import Case

MOST_COPIES = 0.02


def evaluate(
    file: Path = typer.Argument(..., help="YAML: a list of messages and their labels."),
    as_json: Optional[Path] = typer.Option(
        None, "--json", help="Write figures and predictions here."
    ),
    thresholds: bool = typer.Option(
        False, "--thresholds", help="Print wrong answers against questions asked, and the choice."
    ),
) -> None:
    """Print intent, harm, place and danger figures with 95 % intervals, and the worst errors.

    Each message is shown with the training message nearest to it; it ends with code 1 if more than
    2 in 100 (of those with four words or more) share over 0.8 of their words with one: the
    figures would then say little.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with plainly():
        import yaml

        from bot.checks import training_examples
        from bot.evaluation import cases, load_rows, score, worst_errors
        from bot.model import named
        from bot.overlap import MOST_OVERLAP, nearest, says_something
        from bot.predictions import predictions_of
        from bot.settings import ROOT, from_environment
        from knowledge.loader import load

        settings = from_environment()
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        rows = load_rows(file, intents=[*domain["intents"], "nlu_fallback"], places=load().places)
        named(settings.model, key=settings.model_key)
        predictions = predictions_of(settings.model, [row.text for row in rows], kept=None)
        report = score(rows, predictions)
        if as_json is not None:
            content = {
                "metrics": report.metrics,
                "predictions": [prediction.as_dict() for prediction in predictions],
            }
            as_json.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        for name, value in report.metrics.items():
            out.print(f"{name:36} {_shown(value)}", markup=False)
        for wanted, found, count in report.confusions:
            out.print(f"  {count:3}  {wanted} -> {found}", markup=False)
        for line in worst_errors(rows, predictions):
            out.print(f"  {line}", markup=False)
        if thresholds:
            _print_thresholds(cases(rows, predictions))
        close = nearest(
            [row.text for row in rows], [example.text for example in training_examples()]
        )
        for row, copy in zip(rows, close, strict=True):
            out.print(f"  {copy.share:.2f}  {row.text}  ~  {copy.text}", markup=False)
        told = [copy for row, copy in zip(rows, close, strict=True) if says_something(row.text)]
        copies = sum(copy.share > MOST_OVERLAP for copy in told)
        out.print(
            f"{copies} of the {len(told)} messages of four words or more overlap "
            f"a training message by more than {MOST_OVERLAP}"
        )
    if copies > MOST_COPIES * len(told):
        err.print(f"{file.name}: more than 2 in 100 stand in data/nlu too: write them afresh")
        raise typer.Exit(1)


def _print_thresholds(found: list[Case]) -> None:
    from bot.thresholds import choose, curve

    out.print("threshold  asked  wrong  right")
    for point in curve(found):
        out.print(
            f"{point.threshold:9.2f}  {point.asked:.3f}  {point.wrong:.3f}  {point.right:.3f}"
        )
    general, own = choose(found)
    out.print(f"config.yml: intent: {general}")
    out.print(f"config.yml: intents: {own}", markup=False)


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "low" in value:
        share, low, high = value["value"], value["low"], value["high"]
        return f"{share:.3f}  [{low:.3f}, {high:.3f}]  {value['hits']}/{value['of']}"
    if isinstance(value, dict):
        return "  ".join(f"{name} {share:.2f}" for name, share in value.items())
    return str(value)
