"""A text without what cannot be shown, what of it Rasa gets, and a message's own mark."""

from __future__ import annotations

import hashlib

# Rasa reads a leading slash as a forged intent; this letter looks the same and is not one.
SLASH = "\uff0f"


def readable(text: str, most: int) -> str:
    """Return a text without what cannot be shown or stored, and no longer than ``most`` letters."""
    return "".join(
        letter
        for letter in text[:most]
        if letter in "\n\t" or (letter.isprintable() and not "\ud800" <= letter <= "\udfff")
    ).strip()


def safe(text: str, most: int) -> str:
    """Return a text as Rasa may have it: readable, and no forged intent."""
    clean = readable(text, most)
    return SLASH + clean[1:] if clean.startswith("/") else clean


def message_mark(conversation: str, message_id: str) -> str | None:
    """Return what tells this message from every other one, wherever it is answered."""
    if not message_id:
        return None
    return hashlib.sha256(f"{conversation}\0{message_id}".encode()).hexdigest()[:32]
