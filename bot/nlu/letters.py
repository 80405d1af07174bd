"""Letters and words as they were meant: look-alikes, hidden characters, spellings of speech."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from bot.danger import DangerPatterns, load_patterns
from knowledge.loader import FOLDER

_QUOTES = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2026": "...",
    "\u2013": "-",
}
# A word that stands alone: not part of a handle, an address, a number or a hyphened word.
_WORD = re.compile(r"(?<![\w'@#./-])\w+(?![\w'@/-]|\.\w)")


def plainly_written(text: str) -> str:
    """Return a text in ASCII as the danger screen reads it, by the screen's own tables.

    Look-alike letters are folded, and the spellings that it knows (``fae``, ``wi``, ``u``, ``ppl``)
    are written as the words that they stand for.
    """
    patterns = _patterns()
    if not text.isascii():
        fold = patterns.letters.fold
        text = "".join(
            char if char.isascii() else _QUOTES.get(char, fold.get(char, " ")) for char in text
        )
    spellings = patterns.words.spellings
    return _WORD.sub(lambda found: spellings.get(found[0].lower(), found[0]), text)


@lru_cache(maxsize=1)
def _patterns() -> DangerPatterns:
    return load_patterns(Path(FOLDER) / "danger")
