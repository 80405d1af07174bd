"""Word and character n-grams as hashed counts: no vocabulary to keep, nothing to forget."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

COLUMNS = 1 << 15
WIDTH = 2 * COLUMNS


@lru_cache(maxsize=1)
def _vectorizers() -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import HashingVectorizer

    shared = {"n_features": COLUMNS, "alternate_sign": False, "norm": "l2", "dtype": np.float32}
    words = HashingVectorizer(
        analyzer="word", ngram_range=(1, 2), token_pattern=r"(?u)\b\w[\w']*\b", **shared
    )
    characters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared)
    return words, characters


def ngram_features(texts: Sequence[str]) -> csr_matrix:
    """Return hashed n-gram counts of unit length, shape (texts, 65536)."""
    lowered = [text.lower() for text in texts]
    words, characters = _vectorizers()
    return hstack([words.transform(lowered), characters.transform(lowered)], format="csr")
