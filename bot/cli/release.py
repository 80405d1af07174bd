"""``waymark release``: which model is served."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Optional

import typer

from bot.cli.compare import held
from bot.cli.output import counted, err, fail, out, plainly

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

app = typer.Typer(
    help="Say which model is served: promote a new one, go back, or list them.",
    no_args_is_help=True,
)


@app.command()
def promote(
    anyway: Optional[str] = typer.Option(
        None,
        help="Release it although an intent fell below its floor, for this reason, which is "
        "written into its card. A fall of danger recall is never let through.",
    ),
) -> None:
    """Compare the trained model with the served release, and serve it if nothing stands against it.

    A running server takes it within seconds and loses no turn.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with plainly():
        from bot.release.card import read_model_card
        from bot.release.store import alone, keep, point, pointed
        from bot.release.tables import lines

        settings, folder = _settings()
        # Both read before the comparison: a model that is trained meanwhile, or a release that is
        # served meanwhile, is not the one of it. The lock is not held for that long: a rollback
        # from a bad release never waits.
        since = pointed(folder)
        card = read_model_card(settings.model)
        found, _ = held(settings, None, None)
        if not found.holds:
            for line in lines(found):
                err.print(line, markup=False)
        if found.danger_problems:
            fail([f"{settings.model}: not released: danger comes first: teach it and train"])
        if found.problems and not (anyway or "").strip():
            fail([f"{settings.model}: not released: mend it, or say why with --anyway REASON"])
        now = datetime.now(UTC)
        card = replace(
            card,
            comparison=found.as_dict(),
            promoted_at=now.isoformat(timespec="seconds"),
            anyway=(anyway or "").strip() if found.problems else "",
        )
        with alone(folder, since=since):
            made = keep(settings.model, folder=folder, key=settings.model_key, card=card, at=now)
            point(folder, made)
        out.print(
            f"Served from now on: {made} ({counted(len(found.lost), 'message')} lost)", markup=False
        )


@app.command()
def rollback(
    to: Optional[str] = typer.Argument(None, help="A release (the one served before)."),
) -> None:
    """Serve the release that was served before, or the one named."""
    with plainly():
        from bot.release.store import alone, point_back, pointed

        settings, folder = _settings()
        with alone(folder, since=pointed(folder)):
            pointer = point_back(folder, key=settings.model_key, to=to)
        out.print(f"Served from now on: {pointer.served}", markup=False)


@app.command("list")
def list_() -> None:
    """List the releases, the oldest first; the served one is marked.

    Ends with code 1 if a release's card cannot be read.
    """
    with plainly():
        from bot.release.store import read_pointer, releases

        _, folder = _settings()
        pointer = read_pointer(folder)
        found = releases(folder) if folder.is_dir() else []
        for release in found:
            mark = "*" if pointer and pointer.served == release.id else " "
            card = release.card
            if card is None:
                out.print(f"{mark} {release.id}  broken: {release.problem}", markup=False)
                continue
            reason = f"  anyway: {card.anyway}" if card.anyway else ""
            out.print(
                f"{mark} {release.id}  trained {card.trained_at[:16]}  "
                f"{card.examples.get('all', 0)} messages{reason}",
                markup=False,
            )
        if not found:
            out.print("Nothing was released yet: the trained model is served.")
        if any(release.card is None for release in found):
            raise typer.Exit(1)


def _settings() -> tuple[Settings, Path]:
    from bot.settings import from_environment

    settings = from_environment()
    if settings.releases is None:
        fail(["WAYMARK_RELEASES: is not set, but WAYMARK_MODEL is: set it, or drop WAYMARK_MODEL"])
    return settings, settings.releases
