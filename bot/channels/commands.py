"""What a person can write to take their words back, or to leave: data in commands.yml."""

from __future__ import annotations

from pathlib import Path

import yaml

PADDING = frozenset(
    {"please", "pls", "plz", "can", "could", "you", "now", "just", "want", "to", "i"}
)


def plain(text: str) -> str:
    """Return a text without case, outer marks and extra spaces, to compare it whole."""
    return " ".join(text.lower().split()).strip(".!?,\"' ")


def unpadded(text: str) -> str:
    """Return a plain text without the words of politeness that a command may come with."""
    return " ".join(word for word in plain(text).split() if word.strip(",.!?") not in PADDING)


def load_commands(path: Path) -> dict[str, str]:
    """Return what a person can write to take their words back: phrase to command."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {str(phrase): str(name) for name, phrases in content.items() for phrase in phrases}
