"""Group what waits by likeness, and propose what each group means; no network, no Rasa."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.checks import Example, training_examples
from bot.nlu.encoder import Floats, encode_kept, shared_encoder
from bot.nlu.kernel import Examples, KernelHead, load_heads
from bot.nlu.letters import plainly_written
from bot.nlu.ngrams import ngram_features
from bot.nlu.reading import shared_reader
from bot.release.card import thresholds
from bot.review.queue import Waiting
from bot.settings import ROOT

ALIKE = 0.72
_NEAREST = 3
_AT_ONCE = 100
_LAST_LAYER = 384
HEADS = ("intent", "harms", "danger")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of a message, and what it was taught that is near."""

    intent: str
    confidence: float
    harm_types: tuple[str, ...] = ()
    danger: bool = False
    home: str | None = None
    other: str | None = None
    nearest: tuple[tuple[float, Example], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A group of like messages; the one that stands for it is read when somebody looks at it."""

    members: tuple[Waiting, ...]
    read: Callable[[], Reading]

    @property
    def key(self) -> int:
        """Return the id of the message that stands for the group."""
        return self.members[0].id

    @property
    def text(self) -> str:
        """Return the message that stands for the group."""
        return self.members[0].text


class Proposer:
    """Reads messages with the heads of a trained model."""

    def __init__(self, model: Path) -> None:
        self._examples, self._heads = _heads(model)
        self._config = thresholds()

    @cached_property
    def taught(self) -> tuple[list[Example], Floats]:
        """Return the training messages and their vectors; computed once, then kept on disk."""
        examples = training_examples()
        texts = [plainly_written(example.text) for example in examples]
        kept = ROOT / ".cache" / "training_vectors.npz"
        return examples, _meaning(encode_kept(texts, kept))

    def propose(self, waiting: Sequence[Waiting]) -> list[Proposal]:
        """Return the groups, the biggest first, each with a proposal for its middle message."""
        if not waiting:
            return []
        # Here, and not when the first group is looked at: a broken file is the command's to tell.
        # One after the other: two threads that load compiled modules may wait for each other for
        # ever.
        shared_reader()
        vectors = shared_encoder().encode([plainly_written(item.text) for item in waiting])
        grouped = groups(_meaning(vectors))
        middles = [rows[0] for rows in grouped]

        @cache
        def block(start: int) -> list[Reading]:
            # Many at once: one by one, each would go through all that the model was taught.
            rows = middles[start : start + _AT_ONCE]
            return list(self._readings([waiting[row].text for row in rows], vectors[rows]))

        def at(place: int) -> Callable[[], Reading]:
            first = place - place % _AT_ONCE
            return lambda: block(first)[place - first]

        return [
            Proposal(tuple(waiting[row] for row in rows), at(place))
            for place, rows in enumerate(grouped)
        ]

    def _readings(self, texts: Sequence[str], vectors: Floats) -> Iterator[Reading]:
        """Yield what is made of each text; ``vectors`` are theirs."""
        kernel = self._examples.kernel(
            vectors, ngram_features([plainly_written(text) for text in texts])
        )
        intents = self._heads["intent"].one_of(kernel)
        harms = self._heads["harms"].any_of(kernel)
        calm = self._heads["danger"].one_of(kernel)[:, self._heads["danger"].labels.index("none")]
        examples, taught = self.taught
        near = _meaning(vectors) @ taught.T
        for at, text in enumerate(texts):
            places = shared_reader().read(text)["places"]["none"]
            nearest = near[at].argsort()[::-1][:_NEAREST]
            yield Reading(
                intent=self._heads["intent"].labels[int(intents[at].argmax())],
                confidence=float(intents[at].max()),
                harm_types=tuple(self._harms(harms[at])),
                danger=1.0 - float(calm[at]) >= float(self._config["danger"]),
                home=places["home"],
                other=places["perpetrator"],
                nearest=tuple((float(near[at, row]), examples[row]) for row in nearest),
            )

    def _harms(self, sure: Floats) -> Iterator[str]:
        """Yield the harm types that are sure enough; the first needs less than those beside it."""
        for place, at in enumerate(sure.argsort()[::-1]):
            if sure[at] >= float(self._config["more_harm" if place else "harm"]):
                yield self._heads["harms"].labels[at]


def groups(vectors: Floats, *, alike: float = ALIKE) -> list[list[int]]:
    """Return rows that are alike together, the biggest group first, its middle row first of all.

    The row with the most neighbours takes them with it, then the next one of those that are left:
    every member is alike to the middle, so no chain ties what is not alike.
    """
    near: NDArray[np.bool_] = vectors @ vectors.T >= alike
    counts = near.sum(axis=1)
    left = np.ones(len(vectors), dtype=bool)
    found: list[list[int]] = []
    while left.any():
        middle = int(counts.argmax())
        rows = np.flatnonzero(near[middle] & left)
        left[rows] = False
        counts -= near[:, rows].sum(axis=1)
        counts[rows] = -1
        found.append([middle, *(int(row) for row in rows if row != middle)])
    return found


def _meaning(vectors: Floats) -> Floats:
    """Return the part that was trained to be compared: the last layer, as unit vectors."""
    last = vectors[:, -_LAST_LAYER:]
    return np.asarray(last / np.linalg.norm(last, axis=1, keepdims=True), dtype=np.float32)


def _heads(model: Path) -> tuple[Examples, dict[str, KernelHead]]:
    with tarfile.open(model) as archive:
        name = next(name for name in archive.getnames() if name.endswith("heads.npz"))
        member = archive.extractfile(name)
        assert member is not None
        return load_heads(io.BytesIO(member.read()), names=HEADS)
