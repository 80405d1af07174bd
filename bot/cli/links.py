"""``waymark links``: do the cited pages still open?"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import typer

from bot.cli.output import err, fail, out, plainly

OFFLINE = 3


def links(
    place: Optional[str] = typer.Option(None, help="Only the facts of this place."),
    delay: float = typer.Option(1.0, help="Seconds between two pages of one host."),
    timeout: float = typer.Option(15.0, help="Seconds to wait for a page."),
) -> None:
    """Ask each cited address whether it still opens; no other command uses the network.

    Ends with code 1 if a page or a whole host is gone, and with code 3 if there is no network.
    Pages that answer no programs are listed for a person to open. Hosts to leave alone stand, with
    the reason, in knowledge/links_skip.yml.
    """
    with plainly():
        from bot.links import check_links, cited, load_skips, offline
        from knowledge.loader import FOLDER, load
        from knowledge.yaml_lines import did_you_mean

        knowledge = load()
        if place is not None and place not in knowledge.places:
            fail([f"{place}: no such place: {did_you_mean(place, knowledge.places)}"])
        urls = cited(f for f in knowledge.facts if place in (None, f.jurisdiction))
        skips = load_skips(Path(FOLDER) / "links_skip.yml")
        found = []
        with err.status(f"asking for {len(urls)} pages") as status:
            for link in check_links(urls, skips=skips, delay=delay, timeout=timeout):
                found.append(link)
                status.update(f"{len(found)} of {len(urls)} pages")
        if offline(found):
            err.print("No page could be reached: there is no network. Nothing was checked.")
            raise typer.Exit(OFFLINE)
        told = {
            "gone": "is gone: find where it stands now, or cite another page",
            "nameless": "is on a host that is no more: find where it stands now, or cite another",
            "moved": "has moved: open it, and cite the new address",
            "unsure": "answers no programs: open it by hand",
            "unreachable": "could not be reached: try again, then look by hand",
        }
        for link in found:
            if link.state in told:
                out.print(
                    f"{link.where}: {link.url}: {told[link.state]} ({link.note})", markup=False
                )
        counts = {state: sum(link.state == state for link in found) for state in ("opens", *told)}
        skipped = sum(link.state == "skipped" for link in found)
        out.print(", ".join(f"{n} {state}" for state, n in counts.items()) + f", {skipped} skipped")
    if counts["gone"] or counts["nameless"]:
        raise typer.Exit(1)
