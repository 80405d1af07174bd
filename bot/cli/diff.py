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
        from bot.changes import differences, left_out
        from bot.settings import ROOT
        from bot.versions import version_of

        here = str(ROOT) if new == "." else new
        # What was just edited has to be read whole; what was before may be of an older schema.
        is_, was = version_of(here, whole=True), version_of(old)
        found = list(differences(was, is_))
        for line in (*left_out(was), *found):
            out.print(line, markup=False)
        out.print(f"{counted(len(found), 'difference')}.")
