"""``waymark train``: make the model anew."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.compare import ROWS
from bot.cli.output import err, fail, out, plainly

_CHECKING, _EVALUATING = "checking the training messages", "evaluating"


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

        with _bar(steps_of(ROOT / "config.yml", evaluate=evaluate)) as tell:
            tell(_CHECKING)
            problems = check_training_data()
            if problems:
                fail(problems)
            from bot.release.card import describe, write_model_card

            started = time.monotonic()
            card = train_model(settings.model, key=settings.model_key, on_step=tell)
            write_model_card(settings.model, describe(card, at=datetime.now(UTC)))
            trained = time.monotonic() - started
            if evaluate:
                tell(_EVALUATING)
                _write_figures(settings.model, [ROOT / name for name in ROWS])
        out.print(f"Trained in {trained:.0f} s: {settings.model.name}")


def steps_of(config: Path, *, evaluate: bool) -> list[str]:
    """Return what is told of a training, in order; of components, those that learn are told."""
    import yaml

    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    parts = [*(content.get("pipeline") or ()), *(content.get("policies") or ())]
    return [
        _CHECKING,
        "loading Rasa",
        "reading the messages",
        *(f"training {part['name'].rpartition('.')[2]}" for part in parts),
        "signing",
        *([_EVALUATING] if evaluate else []),
    ]


@contextmanager
def _bar(steps: list[str]) -> Iterator[Callable[[str], None]]:
    """Show how far it is, on a terminal only; yield what is told each step."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=len(steps))

        def tell(step: str) -> None:
            # Rasa chooses in which order components learn: the bar never goes back.
            at = steps.index(step) + 1 if step in steps else 0
            at = max(at, int(progress.tasks[0].completed))
            progress.update(task, description=step, completed=at, refresh=True)

        yield tell


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
