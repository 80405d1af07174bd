"""``waymark docs``: make the pages that come from data, or say that they are out of date."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.cli.output import fail, out, plainly

ROOT = Path(__file__).resolve().parent.parent.parent


def docs(
    check: bool = typer.Option(
        False, "--check", help="Change nothing; fail if a page is out of date."
    ),
) -> None:
    """Write what is made from data: pages of docs/, and the numbers that nginx falls back on."""
    with plainly():
        from bot.docs_pages import pages

        old = [
            name
            for name, content in pages().items()
            if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != content
        ]
        if check and old:
            fail([f"{name}:1: is out of date: run 'waymark docs'" for name in old])
        for name in () if check else old:
            (ROOT / name).write_text(pages()[name], encoding="utf-8")
            out.print(f"wrote {name}")
        if not old:
            out.print("The pages are up to date.")
