"""Train this project's own intent classifier on a data set's features and measure it."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

import bot.nlu
from benchmarks.nlu.sets import DataError, Hwu, Rows
from bot.nlu.encoder import SHA256, shared_encoder
from bot.nlu.kernel import Solver
from bot.nlu.ngrams import ngram_features

COMPONENT = "bot.nlu.components.MessageHeads"
OUT = "out of scope"
# Modules of bot/nlu that cannot change a sentence vector.
BEHIND_THE_ENCODER = {"components", "kernel", "letters", "ngrams", "reading"}
# Messages answered at a time: the kernel of all of them would fill the memory.
BATCH = 1000
EXAMPLES, SEEDS = 10, (1, 2, 3)
CURVE_POINTS = 41


@dataclass(frozen=True)
class Settings:
    """What config.yml says of the intent classifier."""

    smoothing: float
    threshold: float


@dataclass(frozen=True)
class Features:
    """What the classifier sees of each message."""

    dense: Any
    sparse: Any

    def of(self, rows: Any) -> Features:
        """Return the features of some rows."""
        return Features(self.dense[rows], self.sparse[rows])


@dataclass(frozen=True)
class Encoded:
    """The features of a data set and how long they took when they were computed."""

    features: Features
    encode_ms: float


@dataclass(frozen=True)
class Answers:
    """The classifier's answer to each message and how sure it is of it."""

    intents: NDArray[np.str_]
    sure: NDArray[np.float64]
    fit_s: float
    predict_ms: float


def read_settings(config: Path) -> Settings:
    """Return the smoothing and the threshold of the intent classifier in a config.yml."""
    try:
        pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
        (entry,) = (part for part in pipeline if part["name"] == COMPONENT)
        return Settings(float(entry["smoothing"]), float(entry["intent"]))
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise DataError(f"{config}: has no {COMPONENT} with smoothing and intent") from error


def encoder_key() -> str:
    """Return a hash of the encoder's weights and code: another encoder has other vectors."""
    digest = hashlib.sha256(SHA256.encode())
    for path in sorted(Path(bot.nlu.__file__).parent.glob("*.py")):
        if path.stem not in BEHIND_THE_ENCODER:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def encoded(texts: Sequence[str], cache: Path) -> Encoded:
    """Return the texts' features; vectors that the cache folder holds are not computed again."""
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    kept = cache / f"benchmark-{encoder_key()}-{digest}.npz"
    if kept.is_file():
        with np.load(kept, allow_pickle=False) as arrays:
            dense, encode_ms = arrays["vectors"], float(arrays["encode_ms"])
    else:
        shared_encoder().encode(texts[:1])  # Loading the encoder is not encoding.
        start = time.perf_counter()
        dense = shared_encoder().encode(texts)
        encode_ms = (time.perf_counter() - start) * 1000 / len(texts)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(kept, vectors=dense, encode_ms=encode_ms)
    return Encoded(Features(dense, ngram_features(texts)), encode_ms)


def answers(train: Features, intents: Sequence[str], test: Features, smoothing: float) -> Answers:
    """Fit on one part and answer the other."""
    start = time.perf_counter()
    solver = Solver(train.dense, train.sparse, smoothing=smoothing)
    head = solver.one_of(list(intents))
    fitted = time.perf_counter()
    chances = np.vstack(
        [
            head.one_of(solver.examples.kernel(test.dense[rows], test.sparse[rows]))
            for first in range(0, len(test.dense), BATCH)
            for rows in [slice(first, first + BATCH)]
        ]
    )
    taken = time.perf_counter() - fitted
    return Answers(
        np.array(head.labels)[chances.argmax(axis=1)],
        chances.max(axis=1).astype(np.float64),
        fitted - start,
        taken * 1000 / len(chances),
    )


def measure_clinc(parts: dict[str, Rows], settings: Settings, cache: Path) -> dict[str, Any]:
    """Return every figure on CLINC150: all data, with out-of-scope messages, few examples."""
    texts = [text for rows in parts.values() for text in rows.texts]
    whole = encoded(texts, cache)
    features, start = {}, 0
    for name, rows in parts.items():
        features[name] = whole.features.of(np.arange(start, start + len(rows.texts)))
        start += len(rows.texts)
    wanted = {name: np.array(rows.intents) for name, rows in parts.items()}
    asked = ("val", "oos_val", "test", "oos_test")

    def ask(train: Features, intents: Sequence[str]) -> tuple[dict[str, Answers], Answers]:
        every = answers(train, intents, _joined([features[n] for n in asked]), settings.smoothing)
        split, first = {}, 0
        for name in asked:
            rows = slice(first, first + len(wanted[name]))
            split[name] = Answers(
                every.intents[rows], every.sure[rows], every.fit_s, every.predict_ms
            )
            first = rows.stop
        return split, every

    plain, timing = ask(features["train"], parts["train"].intents)
    figures = _with_threshold(plain, wanted)
    figures |= {
        "in_scope_at_configured_threshold": _strict(
            plain["test"], wanted["test"], settings.threshold
        ),
        "out_of_scope_recall_at_configured_threshold": _refused(
            plain["oos_test"], settings.threshold
        ),
        "curve": _curve(plain["test"], plain["oos_test"], wanted["test"]),
        "fit_s": round(timing.fit_s, 2),
        "predict_ms": round(timing.predict_ms, 3),
    }
    with_class, _ = ask(
        _joined([features["train"], features["oos_train"]]),
        [*parts["train"].intents, *[OUT] * len(parts["oos_train"].intents)],
    )
    few = [_few_shot(features, parts, seed, settings.smoothing) for seed in SEEDS]
    return {
        "encode_ms": round(whole.encode_ms, 2),
        "all": figures,
        "all_with_out_of_scope_class": {
            "in_scope": _strict(with_class["test"], wanted["test"], 0),
            "out_of_scope_recall": _refused(with_class["oos_test"], 0),
            "with_threshold": _with_threshold(with_class, wanted),
        },
        f"{EXAMPLES}_examples": {"median": round(statistics.median(few), 2), "seeds": few},
    }


def measure_hwu(data: Hwu, settings: Settings, cache: Path, folds: Sequence[int]) -> dict[str, Any]:
    """Return the accuracy on some folds of HWU64, which count from one."""
    whole = encoded(data.rows.texts, cache)
    intents = np.array(data.rows.intents)
    accuracies, fit_s, predict_ms = {}, [], []
    for number in folds:
        fold = data.folds[number - 1]
        found = answers(
            whole.features.of(fold.train),
            intents[fold.train].tolist(),
            whole.features.of(fold.test),
            settings.smoothing,
        )
        accuracies[str(number)] = _strict(found, intents[fold.test], 0)
        fit_s.append(found.fit_s)
        predict_ms.append(found.predict_ms)
        print(f"HWU64 fold {number:2}: {accuracies[str(number)]:.2f} %", flush=True)
    return {
        "encode_ms": round(whole.encode_ms, 2),
        "folds": accuracies,
        "mean": round(statistics.fmean(accuracies.values()), 2),
        "sd": round(statistics.stdev(accuracies.values()), 2) if len(accuracies) > 1 else None,
        "fit_s": round(statistics.median(fit_s), 2),
        "predict_ms": round(statistics.median(predict_ms), 3),
    }


def best_threshold(inside: Answers, wanted: Any, outside: Answers) -> float:
    """Return the threshold with most messages right, the highest of equals.

    Right is: in scope, sure enough and the intent found; out of scope and refused.
    """
    right = np.sort(inside.sure[inside.intents == wanted])
    refusable = np.sort(outside.sure[outside.intents != OUT])
    candidates = np.unique(np.concatenate([[0.0], inside.sure, outside.sure]))
    accepted = len(right) - np.searchsorted(right, candidates, side="left")
    refused = np.searchsorted(refusable, candidates, side="left")
    total = accepted + refused
    return float(candidates[np.flatnonzero(total == total.max())[-1]])


def few_rows(intents: Sequence[str], count: int, seed: int) -> list[int]:
    """Return the first rows of each intent in an order that the seed gives."""
    taken: Counter[str] = Counter()
    rows = []
    for row in np.random.default_rng(seed).permutation(len(intents)).tolist():
        if taken[intents[row]] < count:
            taken[intents[row]] += 1
            rows.append(row)
    return rows


def _few_shot(
    features: dict[str, Features], parts: dict[str, Rows], seed: int, smoothing: float
) -> float:
    intents = parts["train"].intents
    rows = few_rows(intents, EXAMPLES, seed)
    train = features["train"].of(rows)
    found = answers(train, [intents[row] for row in rows], features["test"], smoothing)
    return _strict(found, np.array(parts["test"].intents), 0)


def _with_threshold(found: dict[str, Answers], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the figures at the threshold that is best on val and oos_val."""
    threshold = best_threshold(found["val"], wanted["val"], found["oos_val"])
    return {
        "threshold": round(threshold, 4),
        "in_scope_without_threshold": _strict(found["test"], wanted["test"], 0),
        "in_scope": _strict(found["test"], wanted["test"], threshold),
        "out_of_scope_recall": _refused(found["oos_test"], threshold),
    }


def _strict(found: Answers, wanted: Any, threshold: float) -> float:
    """Return the percentage that is right and sure enough: a refusal counts as wrong."""
    right = (found.intents == wanted) & (found.sure >= threshold)
    return round(float(right.mean()) * 100, 2)


def _refused(found: Answers, threshold: float) -> float:
    refused = (found.sure < threshold) | (found.intents == OUT)
    return round(float(refused.mean()) * 100, 2)


def _curve(inside: Answers, outside: Answers, wanted: Any) -> list[list[float]]:
    """Return [in-scope accuracy, out-of-scope recall] at thresholds from none to strict."""
    thresholds = [0.0, *np.quantile(outside.sure, np.linspace(0, 0.98, CURVE_POINTS)).tolist()]
    return [[_strict(inside, wanted, t), _refused(outside, t)] for t in thresholds]


def _joined(parts: Sequence[Features]) -> Features:
    from scipy.sparse import vstack

    dense = np.vstack([part.dense for part in parts])
    return Features(dense, vstack([part.sparse for part in parts], format="csr"))
