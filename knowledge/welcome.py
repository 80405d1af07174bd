"""The first message of a conversation: what the guide is, what is kept, how to leave."""

from __future__ import annotations

from datetime import date

from knowledge.message import Choice, Message, build
from knowledge.words import Words

FIRST_CHOICES = (
    ("choice_device", '/ask_privacy{"reason": "device"}'),
    ("choice_privacy", "/ask_privacy"),
    ("choice_support", "/ask_support"),
)


def run_by(words: Words, welcome: str) -> list[str]:
    """Return the line that names who runs the chat, where the welcome does not say it already."""
    name = words.always.get("helpline")
    return [words("run_by")] if name and name not in welcome else []


def welcome_message(words: Words, *, today: date) -> Message:
    """Return the greeting: a machine, not a lawyer; how long words are kept; how to leave."""
    choices = tuple(Choice(words(name), payload) for name, payload in FIRST_CHOICES)
    welcome = words("welcome")
    return build(
        "answer",
        [welcome, *run_by(words, welcome), words("welcome_safety")],
        words=words,
        today=today,
        choices=choices,
    )
