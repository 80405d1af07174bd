"""``waymark check``: does it all hold?"""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Optional

import typer

from bot.cli.output import counted, fail, out, plainly


def check(
    against: Optional[Path] = typer.Option(None, help="Hold the facts against a list of units."),
    on: Optional[datetime] = typer.Option(
        None, formats=["%Y-%m-%d"], help="Judge dates as of this day."
    ),
    since: Optional[str] = typer.Option(
        None, help="A git ref or a folder: facts changed since then must have been checked anew."
    ),
    helpline: Optional[Path] = typer.Option(
        None, help="A helpline's file, without its secrets (WAYMARK_HELPLINE, with them)."
    ),
) -> None:
    """Check knowledge, words, training data, danger patterns, places, wiring, a helpline's file."""
    # spaCy imports TensorFlow where it is installed; nothing here needs it, and it takes seconds.
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
    with plainly():
        from bot.checks import everything
        from bot.helpline.check import check_helpline
        from knowledge.completeness import compare
        from knowledge.loader import read
        from knowledge.message import OVERDUE

        knowledge, problems = read()
        own = check_helpline(helpline)
        found = [*map(str, problems), *everything(knowledge), *own.problems]
        if against is not None:
            found += map(str, compare(knowledge, against))
        if since is not None:
            from bot.changes import unchecked
            from bot.settings import ROOT
            from bot.versions import version_of

            day = on.date() if on else date.today()
            found += map(str, unchecked(version_of(since), version_of(str(ROOT)), today=day))
        if on is not None:
            found += [
                f"{fact.where}: {fact.id} was checked on {fact.checked_on}: check it again"
                for fact in (*knowledge.facts, *own.facts)
                if on.date() - fact.checked_on > OVERDUE
            ]
        if found:
            fail([*found, counted(len(found), "problem")])
        guide = sum(fact.rests_on_guide_alone for fact in knowledge.facts)
        likely = sum(fact.confidence == "likely" for fact in knowledge.facts)
        out.print(
            f"{len(knowledge.facts)} facts hold; {likely} are likely rather than certain; "
            f"{guide} rest on the guide alone."
        )
        if own.told:
            out.print(own.told, markup=False)
