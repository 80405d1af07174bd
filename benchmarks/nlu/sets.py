"""Read CLINC150 and HWU64 from their files; what is wrong is said in one line with the file."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLINC_PARTS = ("train", "val", "test", "oos_train", "oos_val", "oos_test")


class DataError(Exception):
    """A data file is missing or has another shape; the message names the file."""


@dataclass(frozen=True)
class Rows:
    """Messages and the intent of each."""

    texts: list[str]
    intents: list[str]


@dataclass(frozen=True)
class Fold:
    """Row numbers to train on and to test on."""

    train: list[int]
    test: list[int]


@dataclass(frozen=True)
class Hwu:
    """All of HWU64 and its folds."""

    rows: Rows
    folds: list[Fold]


def read_clinc(path: Path) -> dict[str, Rows]:
    """Return the six parts of CLINC150, each a list of [text, intent] in the file."""
    whole = _read(path)
    parts = {}
    for name in CLINC_PARTS:
        pairs = whole.get(name)
        if not isinstance(pairs, list) or not pairs or not all(map(_is_pair, pairs)):
            raise DataError(f"{path}: '{name}' must be a list of [text, intent]")
        parts[name] = Rows([text for text, _ in pairs], [intent for _, intent in pairs])
    return parts


def read_hwu(path: Path) -> Hwu:
    """Return HWU64: ``texts``, ``intents`` and ``folds`` of row numbers in the file."""
    whole = _read(path)
    texts, intents, folds = (whole.get(name) for name in ("texts", "intents", "folds"))
    if not _are_texts(texts) or not _are_texts(intents) or len(texts) != len(intents):
        raise DataError(f"{path}: 'texts' and 'intents' must be lists of texts, equally long")
    if not isinstance(folds, list) or not folds:
        raise DataError(f"{path}: 'folds' must be a list of folds")
    for number, fold in enumerate(folds, start=1):
        for part in ("train", "test"):
            rows = fold.get(part) if isinstance(fold, dict) else None
            if not isinstance(rows, list) or not rows or not _are_rows(rows, len(texts)):
                raise DataError(
                    f"{path}: fold {number}: '{part}' must be row numbers below {len(texts)}"
                )
    return Hwu(Rows(texts, intents), [Fold(fold["train"], fold["test"]) for fold in folds])


def _read(path: Path) -> dict[str, Any]:
    try:
        packed = path.read_bytes()
        # The first two bytes of every gzip file.
        text = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
        whole = json.loads(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path}: is not JSON, plain or gzip") from error
    if not isinstance(whole, dict):
        raise DataError(f"{path}: must hold one JSON object")
    return whole


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and _are_texts(value)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(v, str) for v in values)


def _are_rows(values: list[Any], count: int) -> bool:
    return all(type(value) is int and 0 <= value < count for value in values)
