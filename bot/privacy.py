"""What this server keeps and how, said from its settings: a page cannot promise what is not set."""

from __future__ import annotations

from bot.settings import Settings
from knowledge.base import Knowledge
from knowledge.model import Fact
from knowledge.words import Words


def privacy_statement(settings: Settings, knowledge: Knowledge, words: Words) -> str:
    """Return what happens to a person's words on a server with these settings, in paragraphs."""
    lasting = settings.retention_hours > 0
    paragraphs = [
        words("run_by") if settings.helpline else "",
        words("privacy_text"),
        words("privacy_hand_off") if settings.hand_off else "",
        words("privacy_sealed") if lasting else words("privacy_memory"),
        words("privacy_shared") if settings.redis else "",
        words("privacy_logs"),
        words("privacy_handed_over") if settings.hand_off else "",
        words("privacy_operator"),
        "\n".join(_reach(knowledge, words)),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _reach(knowledge: Knowledge, words: Words) -> list[str]:
    """Return how whoever runs the chat is reached, each number once."""
    lines = dict.fromkeys(own_line(fact, words) for fact in knowledge.own_lines(None))
    return [words("own_head"), *lines] if lines else []


def own_line(fact: Fact, words: Words) -> str:
    """Return one of the helpline's own numbers on a line, with its hours where they are known."""
    number = words("list_or").join(number.display for number in fact.numbers)
    if fact.hours:
        return words("own_line_hours", title=fact.title, number=number, hours=fact.hours)
    return words("own_line", title=fact.title, number=number)
