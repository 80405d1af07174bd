"""``waymark train``: make the model anew."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.compare import ROWS
from bot.cli.output import err, fail, out, plainly


def train(
    if_needed: bool = typer.Option(
        False, "--if-needed", help="Only when the model does not match its data."
    ),
    evaluate: bool = typer.Option(
        False,
        "--evaluate",
        help="Write the figures on tests/validation.yml and tests/danger_validation.yml into the "
        "model card.",
    ),
) -> None:
    """Train the model from config.yml, domain.yml and data/, and write its cards.

    The same data gives the same predictions. models/waymark.card.json says what the model was made
    of. A mistake in the data is named by line, and the model that stands there stays.
    """
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with plainly():
        from bot.model import is_current
        from bot.model import train as train_model
        from bot.settings import ROOT, from_environment

        settings = from_environment()
        if if_needed and is_current(settings.model, key=settings.model_key):
            out.print("The model matches its data.")
            return
        from bot.checks import check_training_data

        with err.status("checking the training messages") as status:
            problems = check_training_data()
            if problems:
                fail(problems)
            from bot.release.card import describe, write_model_card

            started = time.monotonic()

            def tell(step: str) -> None:
                status.update(f"{step} ({time.monotonic() - started:.0f} s)")

            card = train_model(settings.model, key=settings.model_key, on_step=tell)
            write_model_card(settings.model, describe(card, at=datetime.now(UTC)))
            trained = time.monotonic() - started
            if evaluate:
                tell("evaluating")
                _write_figures(settings.model, [ROOT / name for name in ROWS])
        out.print(f"Trained in {trained:.0f} s: {settings.model.name}")


def _write_figures(model: Path, files: list[Path]) -> None:
    from bot.compare import Share
    from bot.evaluation import score
    from bot.model import file_hash
    from bot.predictions import predictions_of
    from bot.release.card import read_model_card, with_figures, write_model_card
    from bot.release.rows import rows_of

    card = read_model_card(model)
    for file in files:
        rows = rows_of([file])
        report = score(rows, predictions_of(model, [row.text for row in rows]))
        card = with_figures(card, file, report.metrics, hash_=file_hash(file))
        for name in ("intent_accuracy", "danger_recall_both"):
            share = report.metrics.get(name)
            if share and share["of"]:
                shown = Share(share["hits"], share["of"])
                out.print(f"{file.name}: {name} {shown}", markup=False)
    write_model_card(model, card)
