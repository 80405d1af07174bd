"""How much two messages have in common in words, with places, names and numbers masked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.loader import FOLDER

if TYPE_CHECKING:
    from bot.places import Gazetteer

MOST_OVERLAP = 0.8
LEAST_WORDS = 4
_WORD = re.compile(r"[^\W_][\w']*")
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class Nearest:
    """The training message that shares most words with a text, and the share, 0 to 1."""

    text: str
    share: float


def masked_words(text: str) -> frozenset[str]:
    """Return the words of a text; a place, a name and a number each stand for any other."""
    places = _place_words()
    words = _WORD.findall(_NAMED.sub("Name0", text).lower())
    return frozenset(
        "0" if word[0].isdigit() else "place0" if word in places else word for word in words
    )


def share(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the words that both have as a share of all that either has (Jaccard 1901)."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def says_something(text: str) -> bool:
    """Say whether a text has four words or more: everybody says "yes please" alike."""
    return len(_WORD.findall(text)) >= LEAST_WORDS


def nearest(texts: Sequence[str], examples: Sequence[str]) -> list[Nearest]:
    """Return for each text the nearest of the examples, the first among equals."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=masked_words, binary=True)
    known = vectorizer.fit_transform(examples)
    asked = vectorizer.transform(texts)
    known_sizes = known.sum(axis=1).A1
    turned = csr_matrix(known.T)
    found = []
    for row, text in enumerate(texts):
        both = (asked[row] @ turned).toarray()[0]
        shares = both / (known_sizes + len(masked_words(text)) - both).clip(min=1)
        best = int(shares.argmax())
        found.append(Nearest(text=examples[best], share=float(shares[best])))
    return found


@lru_cache(maxsize=1)
def shared_gazetteer() -> Gazetteer:
    """Return the names of places, read once a process."""
    from bot.places import load_gazetteer

    return load_gazetteer(Path(FOLDER) / "places")


@lru_cache(maxsize=1)
def _place_words() -> frozenset[str]:
    """Return place names of one word that are read as places without further proof."""
    names = shared_gazetteer().names
    return frozenset(
        text for text, name in names.items() if " " not in text and len(text) > 3 and not name.gate
    )
