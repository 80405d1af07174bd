"""``waymark facts``, ``show`` and ``stale``: look into the knowledge."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Optional

import typer

from bot.cli.output import fail, out, plainly

if TYPE_CHECKING:
    from knowledge.base import Knowledge
    from knowledge.model import Fact


def facts(
    as_json: bool = typer.Option(False, "--json", help="Print all facts as JSON."),
) -> None:
    """List every fact, a line each, or all of them as JSON."""
    with plainly():
        knowledge = _knowledge()
        if as_json:
            json.dump([as_data(fact) for fact in knowledge.facts], sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
            return
        for fact in knowledge.facts:
            out.print(f"{fact.id}  {fact.kind}  {fact.jurisdiction}  {fact.title}", markup=False)


def show(fact_id: str = typer.Argument(..., help="The fact's id.")) -> None:
    """Show one fact whole, with where it stands."""
    with plainly():
        from knowledge.yaml_lines import did_you_mean

        knowledge = _knowledge()
        fact = knowledge.by_id.get(fact_id)
        if fact is None:
            fail([f"{fact_id}: no such fact: {did_you_mean(fact_id, knowledge.by_id)}"])
        out.print(fact.where, markup=False)
        out.print(json.dumps(as_data(fact), indent=2, ensure_ascii=False), markup=False)


def stale(
    on: Optional[datetime] = typer.Option(
        None, formats=["%Y-%m-%d"], help="As of this day (today)."
    ),
) -> None:
    """List the facts whose last check is more than a year old."""
    with plainly():
        from knowledge.message import OVERDUE

        day = on.date() if on else date.today()
        old = [fact for fact in _knowledge().facts if day - fact.checked_on > OVERDUE]
        for fact in old:
            out.print(f"{fact.where}: {fact.id}: checked on {fact.checked_on}", markup=False)
        out.print(f"{len(old)} facts are due for a check.")


def _knowledge() -> Knowledge:
    """Return the knowledge with the numbers of the helpline that WAYMARK_HELPLINE names."""
    from bot.helpline.book import knowledge_of
    from bot.settings import SettingsError, helpline_from

    problems: list[str] = []
    helpline = helpline_from(os.environ, problems)
    if problems:
        raise SettingsError(problems)
    return knowledge_of(helpline)


def as_data(fact: Fact) -> dict[str, Any]:
    """Return a fact as ``facts --json`` prints it."""
    return {
        "id": fact.id,
        "kind": fact.kind,
        "jurisdiction": fact.jurisdiction,
        "state": fact.state or None,
        "title": fact.title,
        "harm_types": list(fact.harm_types),
        "topics": list(fact.topics),
        "text": fact.full_text,
        "numbers": [{"display": n.display, "dial": n.dial, "via": n.via} for n in fact.numbers],
        "urls": [*fact.urls, *(f"mailto:{email}" for email in fact.emails)],
        "statute": fact.statute or None,
        "section": fact.section or None,
        "max_penalty": fact.max_penalty or None,
        "citations": [
            {
                "title": c.title,
                "url": c.url,
                "section": c.section or None,
                "checked_on": fact.checked_on.isoformat(),
            }
            for c in fact.citations
        ],
        "confidence": fact.confidence,
        "guide_units": list(fact.guide_units),
    }
