"""``waymark privacy``: what a server with these settings tells people that it keeps."""

from __future__ import annotations

from bot.cli.output import out, plainly


def privacy() -> None:
    """Print what /privacy says with the settings of this environment."""
    with plainly():
        from bot.helpline.book import knowledge_of, words_of
        from bot.privacy import privacy_statement
        from bot.settings import from_environment

        settings = from_environment()
        knowledge = knowledge_of(settings.helpline)
        words = words_of(settings.helpline, retention=settings.retention)
        out.print(privacy_statement(settings, knowledge, words), markup=False, end="")
