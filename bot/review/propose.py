"""Group what waits by likeness, and propose what each group means; no network, no Rasa."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.checks import Example, training_examples
from bot.nlu.encoder import Floats, encode_kept, shared_encoder
from bot.nlu.kernel import Examples, KernelHead, load_heads
from bot.nlu.letters import plainly_written
from bot.nlu.ngrams import ngram_features
from bot.release.card import thresholds
from bot.review.queue import Waiting
from bot.settings import ROOT

ALIKE = 0.72
_NEAREST = 3
_LAST_LAYER = 384
HEADS = ("intent", "harms", "danger")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A group of like messages, what the model makes of it, and what it was taught that is near."""

    members: tuple[Waiting, ...]
    intent: str
    confidence: float
    harm_types: tuple[str, ...]
    danger: bool
    home: str | None
    other: str | None
    nearest: tuple[tuple[float, Example], ...]

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
        texts = [plainly_written(item.text) for item in waiting]
        vectors = shared_encoder().encode(texts)
        found = []
        for rows in groups(_meaning(vectors)):
            found.append(self._proposal([waiting[row] for row in rows], vectors[rows[0]]))
        return found

    def _proposal(self, members: Sequence[Waiting], vector: Floats) -> Proposal:
        from bot.nlu.reading import shared_reader

        text = plainly_written(members[0].text)
        kernel = self._examples.kernel(vector[None, :], ngram_features([text]))
        intents = self._heads["intent"].one_of(kernel)[0]
        harms = self._heads["harms"].any_of(kernel)[0]
        danger = dict(
            zip(self._heads["danger"].labels, self._heads["danger"].one_of(kernel)[0], strict=True)
        )
        surest = harms.argsort()[::-1]
        wanted = [
            float(self._config["harm" if at == 0 else "more_harm"]) for at in range(len(surest))
        ]
        places = shared_reader().read(members[0].text)["places"]["none"]
        examples, taught = self.taught
        near = taught @ _meaning(vector[None, :])[0]
        return Proposal(
            members=tuple(members),
            intent=self._heads["intent"].labels[int(intents.argmax())],
            confidence=float(intents.max()),
            harm_types=tuple(
                self._heads["harms"].labels[at]
                for at, least in zip(surest, wanted, strict=True)
                if harms[at] >= least
            ),
            danger=1.0 - float(danger.get("none", 1.0)) >= float(self._config["danger"]),
            home=places["home"],
            other=places["perpetrator"],
            nearest=tuple(
                (float(near[at]), examples[at]) for at in near.argsort()[::-1][:_NEAREST]
            ),
        )


def groups(vectors: Floats, *, alike: float = ALIKE) -> list[list[int]]:
    """Return rows that are alike together, the biggest group first, its middle row first of all.

    The row with the most neighbours takes them with it, then the next one of those that are left:
    every member is alike to the middle, so no chain ties what is not alike.
    """
    near: NDArray[np.bool_] = vectors @ vectors.T >= alike
    left = np.ones(len(vectors), dtype=bool)
    found: list[list[int]] = []
    while left.any():
        counts = (near & left).sum(axis=1) * left
        middle = int(counts.argmax())
        rows = np.flatnonzero(near[middle] & left)
        left[rows] = False
        left[middle] = False
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
