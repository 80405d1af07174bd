"""Heads that answer by likeness to the training examples: kernel ridge regression.

All heads (intent, harm types, danger) share one kernel and one factorisation, so that adding a head
costs next to nothing. Likeness is a Gaussian of the distance between sentence vectors plus the
cosine of the n-grams. Nothing is pickled: a model archive must not be able to run code when it is
loaded.

Source: Saunders, Gammerman and Vovk 1998 (kernel ridge regression); Guo et al. 2017 (temperature);
Platt 1999 (sigmoid).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.nlu.encoder import LAYERS

Floats = NDArray[np.float32]
SEED = 20261122
WIDTH_OF_LIKENESS = 1.0
WEIGHT_OF_NGRAMS = 0.3
_BLOCK = 500


@dataclass(frozen=True)
class Examples:
    """The training messages as the kernel sees them.

    ``dense`` (examples, d) unit vectors; ``grams`` (n-grams, examples), turned for fast products;
    ``centre`` (d,), what the vectors of all messages have in common.
    """

    dense: Floats
    grams: csr_matrix
    centre: Floats

    def kernel(self, dense: Floats, sparse: csr_matrix) -> Floats:
        """Return how like each message is to each example, shape (messages, examples)."""
        return self._likeness(_prepared(dense, self.centre), (sparse @ self.grams).toarray())

    def kernel_among(self, sparse: csr_matrix) -> Floats:
        """Return how like each two examples are; ``sparse`` are their n-grams, a row for each."""
        return self._likeness(self.dense, _products(sparse))

    def _likeness(self, prepared: Floats, cosines: Floats) -> Floats:
        near = prepared @ self.dense.T
        near -= 1.0
        near *= 2.0 * WIDTH_OF_LIKENESS
        np.exp(near, out=near)
        cosines *= WEIGHT_OF_NGRAMS
        near += cosines
        return np.asarray(near, dtype=np.float32)


@dataclass(frozen=True)
class KernelHead:
    """Weights of the examples for each label, and what turns scores into probabilities."""

    labels: tuple[str, ...]
    dual: Floats
    slope: Floats
    shift: Floats

    def scores(self, kernel: Floats) -> Floats:
        """Return calibrated scores, shape (messages, labels)."""
        return np.asarray((kernel @ self.dual) * self.slope + self.shift)

    def one_of(self, kernel: Floats) -> Floats:
        """Return probabilities that sum to one: exactly one label holds."""
        scores = self.scores(kernel)
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def any_of(self, kernel: Floats) -> Floats:
        """Return one probability a label: any number of them may hold."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.scores(kernel))))


class Solver:
    """Fits any number of heads on the same examples; the same data gives the same heads.

    Args:
        dense: sentence vectors, shape (messages, d).
        sparse: n-gram features, shape (messages, s).
        smoothing: the ridge: larger follows the examples less closely.
    """

    def __init__(self, dense: Floats, sparse: csr_matrix, *, smoothing: float) -> None:
        from scipy.linalg import cho_factor

        self.examples = _examples(dense, sparse)
        # Single precision is enough: the ridge keeps the matrix far from singular.
        kernel = self.examples.kernel_among(sparse)
        self._seen, self._unseen = _split(dense)
        self._across = kernel[np.ix_(self._unseen, self._seen)].astype(np.float64)
        part = kernel[np.ix_(self._seen, self._seen)]
        for matrix in (part, kernel):
            matrix[np.diag_indices_from(matrix)] += smoothing
        self._part = cho_factor(part, overwrite_a=True, check_finite=False)
        self._whole = cho_factor(kernel, overwrite_a=True, check_finite=False)

    def one_of(self, labels: Sequence[str]) -> KernelHead:
        """Return a head for exactly one label a message, with honest probabilities.

        Scores become probabilities by one temperature, chosen on a fifth of the data that a first
        fit has not seen.
        """
        names = tuple(sorted(set(labels)))
        column = {name: index for index, name in enumerate(names)}
        wanted = np.array([column[label] for label in labels])
        targets = np.eye(len(names))[wanted]
        scores, right = self._unseen_scores(targets), wanted[self._unseen]
        slope = min(np.geomspace(2, 60, 60), key=lambda scale: _loss(scores * scale, right))
        width = len(names)
        return self._head(names, targets, np.full(width, slope), np.zeros(width))

    def any_of(self, labels: Sequence[Sequence[str]], *, names: Sequence[str]) -> KernelHead:
        """Return a head for any number of labels a message, each calibrated by itself."""
        from sklearn.linear_model import LogisticRegression

        targets = np.array([[name in row for name in names] for row in labels], dtype=np.float64)
        scores, held = self._unseen_scores(targets), targets[self._unseen] > 0
        slopes, shifts = np.zeros(len(names)), np.full(len(names), -20.0)
        for at in range(len(names)):
            # A label with hardly an example is never found, rather than found by chance.
            if held[:, at].sum() >= 2 and targets[self._seen, at].sum() >= 2:
                platt = LogisticRegression(C=100.0, random_state=SEED)
                platt.fit(scores[:, at : at + 1], held[:, at])
                slopes[at], shifts[at] = platt.coef_[0, 0], platt.intercept_[0]
        return self._head(tuple(names), targets, slopes, shifts)

    def _unseen_scores(self, targets: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy.linalg import cho_solve

        dual = cho_solve(self._part, targets[self._seen].astype(np.float32), check_finite=False)
        return np.asarray(self._across @ dual)

    def _head(
        self,
        names: tuple[str, ...],
        targets: NDArray[np.float64],
        slope: NDArray[np.float64],
        shift: NDArray[np.float64],
    ) -> KernelHead:
        from scipy.linalg import cho_solve

        dual = cho_solve(self._whole, targets.astype(np.float32), check_finite=False)
        return KernelHead(
            labels=names,
            dual=dual.astype(np.float32),
            slope=slope.astype(np.float32),
            shift=shift.astype(np.float32),
        )


def _products(rows: csr_matrix) -> Floats:
    """Return the products of each two rows; each pair is computed once, on every core."""
    count = rows.shape[0]
    made = np.empty((count, count), dtype=np.float32)

    def block(start: int) -> None:
        here = slice(start, start + _BLOCK)
        part = (rows[here] @ rows[start:].T.tocsr()).toarray()
        made[here, start:] = part
        made[start:, here] = part.T

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(block, range(0, count, _BLOCK)))
    return made


def save_heads(path: Path, *, examples: Examples, heads: Mapping[str, KernelHead]) -> None:
    """Write examples and heads to one file without pickle."""
    arrays: dict[str, Any] = {
        "dense": examples.dense.astype(np.float16),
        "centre": examples.centre,
        "data": examples.grams.data,
        "indices": examples.grams.indices,
        "indptr": examples.grams.indptr,
        "shape": np.array(examples.grams.shape),
    }
    for name, head in heads.items():
        arrays[f"{name}.labels"] = np.array(head.labels)
        arrays.update({f"{name}.{part}": getattr(head, part) for part in _PARTS})
    np.savez(path, **arrays)


def load_heads(
    path: Path | IO[bytes], *, names: Sequence[str]
) -> tuple[Examples, dict[str, KernelHead]]:
    """Return what ``save_heads`` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        grams = csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]), tuple(arrays["shape"])
        )
        examples = Examples(
            dense=arrays["dense"].astype(np.float32), grams=grams, centre=arrays["centre"]
        )
        heads = {
            name: KernelHead(
                labels=tuple(str(label) for label in arrays[f"{name}.labels"]),
                **{part: arrays[f"{name}.{part}"] for part in _PARTS},
            )
            for name in names
        }
    return examples, heads


_PARTS = ("dual", "slope", "shift")


def _examples(dense: Floats, sparse: csr_matrix) -> Examples:
    centre = dense.mean(axis=0)
    # The last layer was trained to be compared as it is; the ones below share a large common part.
    centre[-(dense.shape[1] // len(LAYERS)) :] = 0.0
    # Kept in half precision, so it is fitted in half precision too.
    kept = _prepared(dense, centre).astype(np.float16).astype(np.float32)
    return Examples(dense=kept, grams=sparse.T.tocsr(), centre=centre.astype(np.float32))


def _prepared(dense: Floats, centre: Floats) -> Floats:
    layers = (dense - centre).reshape(len(dense), len(LAYERS), -1)
    length = np.linalg.norm(layers, axis=2, keepdims=True) * np.sqrt(len(LAYERS))
    return np.asarray((layers / length).reshape(len(dense), -1), dtype=np.float32)


def _split(dense: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return four fifths and one fifth of the rows.

    Which a message belongs to hangs on its own vector: one message more moves one other at most,
    and not the confidence of all.
    """
    marks = [zlib.crc32(np.round(row, 2).tobytes(), SEED) for row in dense]
    order = np.argsort(marks, kind="stable")
    return order[len(order) // 5 :], order[: len(order) // 5]


def _loss(scores: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float((log_sum - shifted[np.arange(len(right)), right]).mean())
