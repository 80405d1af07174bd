"""What this server keeps and how, said from its settings: a page cannot promise what is not set."""

from __future__ import annotations

from bot.settings import Settings
from knowledge.words import Words


def privacy_statement(settings: Settings, words: Words) -> str:
    """Return what happens to a person's words on a server with these settings, in paragraphs."""
    lasting = settings.retention_hours > 0
    paragraphs = [
        words("privacy_text"),
        words("privacy_sealed") if lasting else words("privacy_memory"),
        words("privacy_shared") if settings.redis else "",
        words("privacy_logs"),
        words("privacy_handed_over") if settings.hand_off else "",
        words("privacy_operator"),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"
