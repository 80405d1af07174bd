"""``waymark privacy``: what a server with these settings tells people that it keeps."""

from __future__ import annotations

from bot.cli.output import out, plainly


def privacy() -> None:
    """Print what /privacy says with the settings of this environment."""
    with plainly():
        from bot.privacy import privacy_statement
        from bot.settings import from_environment
        from knowledge.words import load_words

        settings = from_environment()
        words = load_words(always={"retention": settings.retention})
        out.print(privacy_statement(settings, words), markup=False, end="")
