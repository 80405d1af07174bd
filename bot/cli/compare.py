"""``waymark compare``: a new model against the released one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import typer

from bot.cli.output import err, out, plainly

if TYPE_CHECKING:
    from bot.compare import Comparison
    from bot.settings import Settings

ROWS = ("tests/validation.yml", "tests/danger_validation.yml")
FLOORS = "tests/floors.yml"


def compare(
    new: Optional[str] = typer.Argument(
        None, help="A model archive or a release (the trained model)."
    ),
    released: Optional[str] = typer.Argument(
        None, help="What it is held against: an archive or a release (the served release)."
    ),
    on: Optional[list[Path]] = typer.Option(
        None,
        "--on",
        help="Messages with labels; may be given again (tests/validation.yml and "
        "tests/danger_validation.yml).",
    ),
    floors: Optional[Path] = typer.Option(None, help="The least figures (tests/floors.yml)."),
    then: Optional[Path] = typer.Option(
        None,
        help="What 'waymark evaluate tests/danger_validation.yml --json' wrote before the change: "
        "phrases and code of then find danger in it, not those of today.",
    ),
    markdown: bool = typer.Option(False, "--markdown", help="Print it for a pull request."),
    plots: Optional[Path] = typer.Option(None, help="Draw the pictures into this folder."),
) -> None:
    """Show what a new model gains and loses, with 95 % intervals.

    Ends with code 1 if danger recall falls at all, or if an intent falls below its floor; with
    --then also if danger recall, or that of the list alone, is below what it was then.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with plainly():
        from bot.release.tables import lines
        from bot.release.tables import markdown as as_markdown
        from bot.settings import from_environment

        settings = from_environment()
        found, old = held(settings, new, released, on=on, floors=floors, then=then, plots=plots)
        if old is None:
            err.print("Nothing was released yet: the new model is held against the floors alone.")
        if markdown:
            out.print(as_markdown(found), markup=False)
        else:
            for line in lines(found):
                out.print(line, markup=False)
    if not found.holds:
        raise typer.Exit(1)


def held(
    settings: Settings,
    new: str | None,
    released: str | None,
    *,
    on: list[Path] | None = None,
    floors: Path | None = None,
    then: Path | None = None,
    plots: Path | None = None,
) -> tuple[Comparison, Path | None]:
    """Return the comparison of two models, and the older one's archive if there is one."""
    from bot.compare import compare as compared
    from bot.compare import load_floors
    from bot.model import named
    from bot.predictions import predictions_of
    from bot.release.rows import labels, rows_of
    from bot.release.store import released as served
    from bot.release.then import fallen, load_then
    from bot.settings import ROOT

    rows = rows_of(on or [ROOT / name for name in ROWS])
    least = load_floors(floors or ROOT / FLOORS, intents=labels()[0])
    danger_then = load_then(then) if then else None
    model = _archive(settings, new) or settings.model
    old = _archive(settings, released) if released else served(settings)
    for archive in (model, *([old] if old else [])):
        named(archive, key=settings.model_key)
    texts = [row.text for row in rows]
    with err.status(f"reading {len(texts)} messages with each model"):
        before = predictions_of(old, texts) if old else None
        now = predictions_of(model, texts)
    found = compared(rows, now, before, floors=least)
    if danger_then is not None:
        found = found.beside(*fallen(danger_then, rows, now))
    if plots is not None:
        from bot.release.plots import draw

        for path in draw(plots, found, rows, now, before):
            err.print(f"drew {path}", markup=False)
    return found, old


def _archive(settings: Settings, name: str | None) -> Path | None:
    """Return the archive that a path or a release's name means."""
    from bot.release.store import ARCHIVE, find_release

    if name is None:
        return None
    path = Path(name)
    if path.is_dir() and (path / ARCHIVE).is_file():
        return path / ARCHIVE
    if path.is_file() or settings.releases is None or path.suffix == ".gz":
        return path
    return settings.releases / find_release(settings.releases, name) / ARCHIVE
