"""``waymark train``: make the model anew."""

from __future__ import annotations

import os
import time

import typer

from bot.cli.output import fail, out, plainly


def train(
    if_needed: bool = typer.Option(
        False, "--if-needed", help="Only when the model does not match its data."
    ),
) -> None:
    """Train the model from config.yml, domain.yml and data/, and write its card."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with plainly():
        from bot.model import is_current
        from bot.model import train as train_model
        from bot.settings import from_environment

        settings = from_environment()
        if if_needed and is_current(settings.model, key=settings.model_key):
            out.print("The model matches its data.")
            return
        from bot.checks import check_training_data

        problems = check_training_data()
        if problems:
            fail(problems)
        started = time.monotonic()
        train_model(settings.model, key=settings.model_key)
        out.print(f"Trained in {time.monotonic() - started:.0f} s: {settings.model.name}")
