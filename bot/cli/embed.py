"""``waymark embed``: the two lines that put the chat on a site, with whom to call in plain HTML."""

from __future__ import annotations

import re
import sys
from typing import Optional

import typer

from bot.cli.output import fail, plainly

_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>[\w.-]+|\[[\da-fA-F:]+\])(?::\d{1,5})?")


def embed(
    home: Optional[str] = typer.Option(
        None, help="Where the site's visitors are; without it, the card names every home."
    ),
    server: Optional[str] = typer.Option(
        None, help="Where the chat is served, as https://host (this machine)."
    ),
    lang: str = typer.Option("en", help="The language of the widget's own words."),
) -> None:
    """Print the HTML that puts the chat on a site: the emergency card and the script with its hash.

    Run it again after every update of the server: the hash is that of the script which this
    version serves, and a browser refuses any other.
    """
    with plainly():
        from bot.channels.card import snippet
        from bot.channels.widget_files import STUB, widget_files
        from bot.helpline.book import knowledge_of, words_of
        from bot.helpline.load import languages as all_languages
        from bot.settings import from_environment

        settings = from_environment()
        if not settings.web:
            fail(["WAYMARK_HELPLINE: 'channels' does not list 'web': list it to embed the chat"])
        knowledge = knowledge_of(settings.helpline)
        words = words_of(settings.helpline, retention=settings.retention)
        home = home or settings.default_home
        address = (server or f"http://localhost:{settings.port}").rstrip("/")
        languages = settings.helpline.languages if settings.helpline else all_languages()
        problems = [
            *_unknown("home", home, sorted(place.id for place in knowledge.homes())),
            *_unknown("lang", lang, list(languages)),
            *_bad_address(address),
        ]
        if problems:
            fail(problems)
        files = widget_files(knowledge, words)
        sys.stdout.write(
            snippet(
                knowledge,
                words,
                server=address,
                home=home,
                lang=lang,
                script=f"{address}/{STUB}",
                integrity=files[STUB].sri,
            )
        )


def _unknown(name: str, value: str | None, known: list[str]) -> list[str]:
    if value is None or value in known:
        return []
    return [f"--{name}: '{value}' is not known: use one of {', '.join(known)}"]


def _bad_address(address: str) -> list[str]:
    from bot.settings import LOOPBACK

    found = _ADDRESS.fullmatch(address)
    if found and (found["scheme"] == "https" or found["host"].strip("[]") in LOOPBACK):
        return []
    return [f"--server: '{address}' is no https address of a server: use https://host"]
