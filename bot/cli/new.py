"""``waymark new``: a template that check refuses until it is filled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.output import out, plainly

if TYPE_CHECKING:
    from knowledge.base import Knowledge

app = typer.Typer(
    help="Write a template: each field with its meaning, empty; 'waymark check' says what is left.",
    no_args_is_help=True,
)


@app.command()
def offence(
    place: str = typer.Argument(..., help="scotland, or australia/nsw for a state."),
    name: str = typer.Argument(..., help="The id without the place's prefix: stalking-s39."),
) -> None:
    """Write a file for a new offence in a place."""
    with plainly():
        from bot import templates

        _write(templates.offence(_knowledge(), place, name))


@app.command()
def place(name: str = typer.Argument(..., help="The id: lower-case words joined by _.")) -> None:
    """Write the folder of a new place: its names, emergency numbers, where to report, offences."""
    with plainly():
        from bot import templates

        _write(templates.place(_knowledge(), name))


@app.command()
def harm(name: str = typer.Argument(..., help="The id: lower-case words joined by _.")) -> None:
    """Write the entry of a new harm type, and a file for its messages."""
    with plainly():
        from bot import templates
        from bot.settings import ROOT

        harms = (ROOT / "knowledge" / "harms.yml").read_text(encoding="utf-8")
        _write(templates.harm(_knowledge(), name, harms_file=harms))


@app.command()
def channel(name: str = typer.Argument(..., help="The id: lower-case words joined by _.")) -> None:
    """Write the module of a new channel, with what it has to do as empty functions."""
    with plainly():
        from bot import templates
        from bot.settings import ROOT

        taken = frozenset(path.stem for path in (ROOT / "bot" / "channels").glob("*.py"))
        _write(templates.channel(name, taken=taken))


@app.command()
def helpline(file: Path = typer.Argument(Path("helpline.yml"), help="Where to write it.")) -> None:
    """Write a helpline's file: name, channels, numbers, hours, words, hand-off."""
    with plainly():
        from bot import templates

        templates.write(templates.helpline(file.name), root=file.parent)
        out.print(f"wrote {file}", markup=False)
        out.print(f"'waymark check --helpline {file}' says what is left to fill.", markup=False)


def _knowledge() -> Knowledge:
    from knowledge.loader import read

    # A template beside another that is not filled yet: only what can be read is asked.
    return read()[0]


def _write(files: dict[str, str]) -> None:
    from bot import templates
    from bot.settings import ROOT

    for path in templates.write(files, root=ROOT):
        out.print(f"wrote {path.relative_to(ROOT)}", markup=False)
    out.print("'waymark check' says what is left to fill.")
