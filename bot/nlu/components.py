"""The Rasa components around the encoder, the n-grams, the heads and the readers."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import SHA256, encode_kept, shared_encoder
from bot.nlu.linear import LinearHead, fit_any_of, fit_one_of
from bot.nlu.ngrams import ngram_features
from bot.nlu.reading import Reader, shared_reader
from knowledge.schema import HARM_TYPES

MOST_CHARACTERS = 2000
# Only training writes it: vectors of the made-up training messages, by hash.
VECTOR_CACHE = Path(".cache") / "training_vectors.npz"
VECTOR = "sentence_vector"
NGRAMS = "ngrams"
# Somebody who names a law asks about it, whatever else the words look like.
CORRECTION = "correct_information"
FALLBACK, REPORT = "nlu_fallback", "report_harm"
SURE_OF_HARM = 0.6
DENIED = re.compile(r"\b(?:not|isn'?t|wasn'?t)\s+(?:about\s+|really\s+)?[\w']+", re.IGNORECASE)
LAW_INTENT = "ask_offence"
# What the police did, or what was tried: the next rung is asked for, in whatever words.
STAGES = frozenset({"case_closed", "not_charged", "not_recorded", "tried_that"})
LADDER_INTENT = "ask_escalation"
PLACE_INTENT = "inform_location"
UNSURE = frozenset({"nlu_fallback", "out_of_scope", "chitchat", "inform_location", "greet"})
_TYPES = DefaultV1Recipe.ComponentType


@DefaultV1Recipe.register(_TYPES.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeatures(GraphComponent):  # type: ignore[misc]
    """Puts the sentence vector and the n-grams on each message, for the heads behind it.

    They stand in the message under names of their own: as Rasa features they would be copied and
    stacked anew by every classifier.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeatures:
        """Return the component; the encoder loads once a process."""
        return cls()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings and their defaults: none."""
        return {}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Return the encoder's hash: another encoder is another model."""
        return SHA256

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to every training example that has a text."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        texts = [_text(message) for message in messages]
        if texts:
            _put(messages, encode_kept(texts, VECTOR_CACHE), texts)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features to each message."""
        texts = [_text(message) for message in messages]
        if texts:
            _put(messages, shared_encoder().encode(texts), texts)
        return messages


class _Head(GraphComponent):  # type: ignore[misc]
    """What the three heads share: fit on the features, keep arrays, load them."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        head: LinearHead | None = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._head = head

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Return an untrained head."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> GraphComponent:
        """Return the head that training kept."""
        with model_storage.read_from(resource) as folder:
            head = LinearHead.load(Path(folder) / "head.npz")
        return cls(config, model_storage, resource, head)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings and their defaults; ``strength`` is scikit-learn's C."""
        return {"strength": 1.0, "threshold": 0.4, "threshold_more": 0.4}

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the head on all examples with a text and an intent, and keep it."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        dense = np.vstack([m.get(VECTOR) for m in examples])
        sparse = _stacked([m.get(NGRAMS) for m in examples])
        self._head = self._fit(dense, sparse, examples)
        with self._storage.write_to(self._resource) as folder:
            self._head.save(Path(folder) / "head.npz")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: no later component learns from a head."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what the head finds to each message."""
        for message in messages:
            if self._head is not None and message.get(VECTOR) is not None:
                self._read(message, self._head)
        return messages

    @abstractmethod
    def _fit(self, dense: Any, sparse: Any, examples: Sequence[Message]) -> LinearHead:
        """Return the head that these features and examples teach."""

    @abstractmethod
    def _read(self, message: Message, head: LinearHead) -> None:
        """Add to a message what the head finds in it."""


@DefaultV1Recipe.register(_TYPES.INTENT_CLASSIFIER, is_trainable=True)
class IntentHead(_Head):
    """Finds the one intent of a message; below ``threshold`` it says that it does not know."""

    def _fit(self, dense: Any, sparse: Any, examples: Sequence[Message]) -> LinearHead:
        labels = [str(m.get(INTENT)) for m in examples]
        return fit_one_of(dense, sparse, labels, strength=float(self._config["strength"]))

    def _read(self, message: Message, head: LinearHead) -> None:
        row = head.one_of(message.get(VECTOR)[None, :], message.get(NGRAMS))[0]
        order = row.argsort()[::-1][:3]
        ranking = [
            {INTENT_NAME_KEY: head.labels[i], PREDICTED_CONFIDENCE_KEY: float(row[i])}
            for i in order
        ]
        best = ranking[0]
        if best[PREDICTED_CONFIDENCE_KEY] < float(self._config["threshold"]):
            best = {
                INTENT_NAME_KEY: FALLBACK,
                PREDICTED_CONFIDENCE_KEY: best[PREDICTED_CONFIDENCE_KEY],
            }
            ranking = [best, *ranking]
        message.set(INTENT, best, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


@DefaultV1Recipe.register(_TYPES.ENTITY_EXTRACTOR, is_trainable=True)
class HarmHead(_Head):
    """Finds the harm types of a message: none, one or several, each with a confidence."""

    def _fit(self, dense: Any, sparse: Any, examples: Sequence[Message]) -> LinearHead:
        labels = [_metadata(m).get("harm_types") or [] for m in examples]
        return fit_any_of(
            dense, sparse, labels, names=HARM_TYPES, strength=float(self._config["strength"])
        )

    def _read(self, message: Message, head: LinearHead) -> None:
        dense, sparse = message.get(VECTOR)[None, :], message.get(NGRAMS)
        said = _text(message)
        meant = DENIED.sub(" ", said)
        if meant != said and _intent(message) == CORRECTION:
            # "Not hacking, blackmail": what is denied must not be found.
            dense, sparse = shared_encoder().encode([meant]), ngram_features([meant])
        row = head.any_of(dense, sparse)[0]
        found = [
            {"name": head.labels[i], "confidence": round(float(row[i]), 4)}
            for place, i in enumerate(row.argsort()[::-1])
            if row[i] >= float(self._config["threshold" if not place else "threshold_more"])
        ]
        message.set("harm_types", found, add_to_output=True)
        if _intent(message) == FALLBACK and found and found[0]["confidence"] >= SURE_OF_HARM:
            # What is told is clear enough, whatever is asked: it is taken as a report.
            intent = {INTENT_NAME_KEY: REPORT, PREDICTED_CONFIDENCE_KEY: found[0]["confidence"]}
            message.set(INTENT, intent, add_to_output=True)


@DefaultV1Recipe.register(_TYPES.ENTITY_EXTRACTOR, is_trainable=True)
class DangerHead(_Head):
    """The second layer of the danger screen: what the word list cannot see."""

    def _fit(self, dense: Any, sparse: Any, examples: Sequence[Message]) -> LinearHead:
        return fit_one_of(
            dense,
            sparse,
            [_danger_label(m) for m in examples],
            strength=float(self._config["strength"]),
        )

    def _read(self, message: Message, head: LinearHead) -> None:
        row = head.one_of(message.get(VECTOR)[None, :], message.get(NGRAMS))[0]
        scores = {label: float(score) for label, score in zip(head.labels, row, strict=True)}
        kind = max(("danger", "self_harm"), key=lambda name: scores.get(name, 0.0))
        confidence = scores.get(kind, 0.0)
        present = 1.0 - scores.get("none", 1.0) >= float(self._config["threshold"])
        message.set(
            "danger",
            {"kind": kind if present else None, "confidence": round(confidence, 4)},
            add_to_output=True,
        )
        if present:
            shared_reader().tell_danger(kind)


@DefaultV1Recipe.register(_TYPES.ENTITY_EXTRACTOR, is_trainable=False)
class KnowledgeReader(GraphComponent):  # type: ignore[misc]
    """Reads places, laws and topics out of the text, with the names that the knowledge holds."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KnowledgeReader:
        """Return the component; the names load once a process."""
        return cls(shared_reader())

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings and their defaults: none."""
        return {}

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: reading needs no training."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add places, laws and topics to each message."""
        for message in messages:
            found = self._reader.read(_text(message))
            for name, value in found.items():
                message.set(name, value, add_to_output=True)
            if found["only_place"]:
                intent = {INTENT_NAME_KEY: PLACE_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, intent, add_to_output=True)
            elif set(found["topics"]) & STAGES and _intent(message) in (*UNSURE, "cannot_call"):
                intent = {INTENT_NAME_KEY: LADDER_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, intent, add_to_output=True)
            elif found["laws"] and _intent(message) in UNSURE:
                intent = {INTENT_NAME_KEY: LAW_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, intent, add_to_output=True)
        return messages


def _intent(message: Message) -> str:
    return str((message.get(INTENT) or {}).get(INTENT_NAME_KEY))


def _text(message: Message) -> str:
    return str(message.get(TEXT) or "")[:MOST_CHARACTERS]


def _put(messages: Sequence[Message], vectors: Any, texts: Sequence[str]) -> None:
    grams = ngram_features(texts)
    for row, message in enumerate(messages):
        message.set(VECTOR, vectors[row])
        message.set(NGRAMS, grams[row])


def _metadata(message: Message) -> dict[str, Any]:
    metadata = message.get("metadata") or {}
    example = metadata.get("example")
    return example if isinstance(example, dict) else {}


def _danger_label(message: Message) -> str:
    intent = str(message.get(INTENT))
    if intent == "self_harm":
        return "self_harm"
    if intent == "danger_now" or _metadata(message).get("danger"):
        return "danger"
    return "none"


def _stacked(rows: Sequence[Any]) -> Any:
    from scipy.sparse import vstack

    return vstack(rows, format="csr")
