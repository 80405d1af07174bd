"""A linear head on fixed features: fitted by scikit-learn, kept and applied as plain arrays.

Nothing is pickled: a model archive must not be able to run code when it is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

Floats = NDArray[np.float32]
Labels = Sequence[Sequence[str]]
SEED = 20261122


@dataclass(frozen=True)
class LinearHead:
    """Weights of one label a row: ``dense`` (labels, d), ``sparse`` (labels, s), ``bias``."""

    labels: tuple[str, ...]
    dense: Floats
    sparse: csr_matrix
    bias: Floats

    def scores(self, dense: Floats, sparse: csr_matrix) -> Floats:
        """Return raw scores, shape (messages, labels)."""
        return np.asarray(dense @ self.dense.T + (sparse @ self.sparse.T).toarray() + self.bias)

    def one_of(self, dense: Floats, sparse: csr_matrix) -> Floats:
        """Return probabilities that sum to one: exactly one label holds."""
        scores = self.scores(dense, sparse)
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def any_of(self, dense: Floats, sparse: csr_matrix) -> Floats:
        """Return one probability a label: any number of them may hold."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.scores(dense, sparse))))

    def save(self, path: Path) -> None:
        """Write the arrays to one file without pickle."""
        np.savez_compressed(
            path,
            labels=np.array(self.labels),
            dense=self.dense,
            bias=self.bias,
            data=self.sparse.data,
            indices=self.sparse.indices,
            indptr=self.sparse.indptr,
            shape=np.array(self.sparse.shape),
        )

    @classmethod
    def load(cls, path: Path) -> LinearHead:
        """Return the head that ``save`` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            sparse = csr_matrix(
                (arrays["data"], arrays["indices"], arrays["indptr"]), tuple(arrays["shape"])
            )
            return cls(
                labels=tuple(str(label) for label in arrays["labels"]),
                dense=arrays["dense"],
                sparse=sparse,
                bias=arrays["bias"],
            )


def fit_one_of(
    dense: Floats, sparse: csr_matrix, labels: Sequence[str], *, strength: float
) -> LinearHead:
    """Return a head for exactly one label a message, with honest probabilities.

    A linear SVM is fitted in seconds where a softmax regression takes minutes; its margins become
    probabilities by one temperature, chosen on a fifth of the data that the first fit has not seen
    (Guo et al. 2017).

    Args:
        dense: sentence vectors, shape (messages, d).
        sparse: n-gram features, shape (messages, s).
        labels: one a message.
        strength: scikit-learn's C: larger follows the data more closely.
    """
    features, wanted = _joined(dense, sparse), np.array(labels)
    seen, unseen = _split(len(wanted))
    first = _svm(features[seen], wanted[seen], strength)
    margins = _margins(first, features[unseen])
    column = {name: index for index, name in enumerate(first.classes_)}
    known = np.array([label in column for label in wanted[unseen]])
    right = np.array([column[label] for label in wanted[unseen][known]])
    temperature = min(
        np.linspace(0.5, 12, 47), key=lambda scale: _loss(margins[known] * scale, right)
    )
    model = _svm(features, wanted, strength)
    weights, bias = model.coef_ * temperature, model.intercept_ * temperature
    if len(model.classes_) == 2:
        # scikit-learn keeps one row for two classes; two rows make the softmax the same.
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return _head(tuple(str(name) for name in model.classes_), weights, bias, dense.shape[1])


def fit_any_of(
    dense: Floats, sparse: csr_matrix, labels: Labels, *, names: Sequence[str], strength: float
) -> LinearHead:
    """Return a head for any number of labels a message; each label is fitted by itself.

    Margins become probabilities by Platt's sigmoid (1999), fitted on data not seen before.
    """
    from sklearn.linear_model import LogisticRegression

    features = _joined(dense, sparse)
    seen, unseen = _split(len(labels))
    weights, biases = [], []
    for name in names:
        held = np.array([name in row for row in labels])
        if held[seen].sum() < 2 or held[unseen].sum() < 2:
            weights.append(np.zeros(features.shape[1]))
            biases.append(-20.0)
            continue
        first = _svm(features[seen], held[seen], strength, balanced=True)
        margins = first.decision_function(features[unseen])[:, None]
        platt = LogisticRegression(C=10.0, random_state=SEED).fit(margins, held[unseen])
        slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
        model = _svm(features, held, strength, balanced=True)
        weights.append(model.coef_[0] * slope)
        biases.append(float(model.intercept_[0]) * slope + shift)
    return _head(tuple(names), np.vstack(weights), np.array(biases), dense.shape[1])


def _svm(features: csr_matrix, wanted: Any, strength: float, *, balanced: bool = False) -> Any:
    from sklearn.svm import LinearSVC

    weight = "balanced" if balanced else None
    return LinearSVC(C=strength, random_state=SEED, class_weight=weight).fit(features, wanted)


def _split(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return four fifths and one fifth of the rows, the same for the same number of rows."""
    order = np.random.default_rng(SEED).permutation(count)
    return order[count // 5 :], order[: count // 5]


def _margins(model: Any, features: csr_matrix) -> NDArray[np.float64]:
    margins = np.asarray(model.decision_function(features))
    return np.stack([-margins / 2, margins / 2], axis=1) if margins.ndim == 1 else margins


def _loss(scores: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float((log_sum - shifted[np.arange(len(right)), right]).mean())


def _joined(dense: Floats, sparse: csr_matrix) -> csr_matrix:
    return hstack([csr_matrix(dense), sparse], format="csr")


def _head(
    names: tuple[str, ...], weights: NDArray[np.float64], bias: NDArray[np.float64], width: int
) -> LinearHead:
    return LinearHead(
        labels=names,
        dense=weights[:, :width].astype(np.float32),
        sparse=csr_matrix(weights[:, width:].astype(np.float32)),
        bias=bias.astype(np.float32),
    )
