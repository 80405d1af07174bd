"""Letters as they were meant: hidden characters gone, look-alikes read as what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bot.danger import load_patterns
from knowledge.loader import FOLDER

_QUOTES = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2026": "...",
    "\u2013": "-",
}


def plainly_written(text: str) -> str:
    """Return a text in ASCII, its look-alike letters folded by the danger screen's own table."""
    if text.isascii():
        return text
    fold = _fold()
    return "".join(
        char if char.isascii() else _QUOTES.get(char, fold.get(char, " ")) for char in text
    )


@lru_cache(maxsize=1)
def _fold() -> Mapping[str, str]:
    return load_patterns(Path(FOLDER) / "danger").letters.fold
