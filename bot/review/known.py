"""What the scrubber knows: the words of the training messages and the knowledge, places, names."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import yaml

from bot.checks import training_examples
from bot.overlap import shared_gazetteer
from bot.review.scrub import Known, plain_word
from knowledge.loader import load
from knowledge.words import load_words

NAMES = Path(__file__).resolve().parent / "names.yml"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# A word of one message alone may be a name that somebody made up for it.
_LEAST_MESSAGES = 2


@lru_cache(maxsize=1)
def shared_known() -> Known:
    """Return what is known, read once a process."""
    content = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    first, last, words_too = (
        frozenset(content[part].split()) for part in ("first", "last", "also_words")
    )
    names = (first | last) - words_too
    places = frozenset(tuple(name.split()) for name in shared_gazetteer().names)
    return Known(
        vocabulary=_vocabulary() - names,
        names=names,
        words_too=words_too,
        places=places,
    )


def _vocabulary() -> frozenset[str]:
    """Return the words that are written in lower case where they stand inside a sentence."""
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for example in training_examples():
        seen = set()
        for found in _WORD.finditer(example.text):
            inside = found.start() > 1 and example.text[found.start() - 2] not in ".!?:\n"
            if found.group()[0].isupper() and inside and not example.text.isupper():
                capital[plain_word(found.group())] += 1
            elif not found.group()[0].isupper():
                seen.add(plain_word(found.group()))
        lower.update(seen)
    written = [fact.full_text for fact in load().facts]
    written += load_words(always={"retention": "a day"}).texts.values()
    ours = {
        plain_word(word)
        for text in written
        for word in _WORD.findall(text)
        if not word[0].isupper()
    }
    common = {
        word for word, count in lower.items() if count >= _LEAST_MESSAGES and count > capital[word]
    }
    return frozenset(common | ours)
