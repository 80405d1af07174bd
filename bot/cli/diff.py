"""``waymark diff``: what people see differently between two versions."""

from __future__ import annotations

import typer

from bot.cli.output import counted, out, plainly


def diff(
    old: str = typer.Argument(..., help="A git ref, or a folder that holds knowledge/."),
    new: str = typer.Argument(".", help="The same; this folder if left out."),
) -> None:
    """Say in plain words who now reads something else, a line each."""
    with plainly():
        from bot.changes import differences
        from bot.settings import ROOT
        from bot.versions import version_of

        here = str(ROOT) if new == "." else new
        found = list(differences(version_of(old), version_of(here)))
        for line in found:
            out.print(line, markup=False)
        out.print(f"{counted(len(found), 'difference')}.")
