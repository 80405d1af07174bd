"""The Rasa components around the encoder, the n-grams, the heads and the readers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
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

from bot.nlu.clauses import clauses, stretches, without_denied
from bot.nlu.encoder import SHA256, encode_kept, shared_encoder
from bot.nlu.kernel import Examples, KernelHead, Solver, load_heads, save_heads
from bot.nlu.letters import plainly_written
from bot.nlu.ngrams import ngram_features
from bot.nlu.reading import Reader, shared_reader
from knowledge.schema import HARM_TYPES

MOST_CHARACTERS = 2000
# Only training writes it: vectors of the made-up training messages, by hash.
VECTOR_CACHE = Path(".cache") / "training_vectors.npz"
# Row 0 is the whole message; in a conversation its clauses follow.
VECTORS = "sentence_vectors"
NGRAMS = "ngrams"
# The row of what is told, without what is denied; its clauses come behind it.
TOLD = "told"
# The first row of what a long message is read by for danger.
STRETCHES = "stretches"
HEADS = ("intent", "harms", "danger")
HEADS_FILE = "heads.npz"
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
# One product for many messages costs far less than one each; for thousands it would be too large.
_TOGETHER = 64
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
        texts = [_features_text(message) for message in messages]
        if texts:
            vectors, grams = encode_kept(texts, VECTOR_CACHE), ngram_features(texts)
            for row, message in enumerate(messages):
                _put(message, vectors[row : row + 1], grams[row])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features to each message; many messages are computed together."""
        parts = [_parts(message) for message in messages]
        place = {text: row for row, text in enumerate(dict.fromkeys(chain.from_iterable(parts)))}
        if place:
            vectors, grams = shared_encoder().encode(list(place)), ngram_features(list(place))
            for message, texts in zip(messages, parts, strict=True):
                rows = [place[text] for text in texts]
                _put(message, vectors[rows], grams[rows])
        return messages


@DefaultV1Recipe.register(_TYPES.INTENT_CLASSIFIER, is_trainable=True)
class MessageHeads(GraphComponent):  # type: ignore[misc]
    """Finds intent, harm types and danger of a message, each with a confidence.

    One component, since the three are answered from one kernel and fitted by one factorisation.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        learnt: tuple[Examples, dict[str, KernelHead]] | None = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._learnt = learnt

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Return untrained heads."""
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
        """Return the heads that training kept; raises ``EncoderError`` if they cannot be used."""
        # Loaded now, not with the first message: a wrong encoder is never served.
        shared_encoder()
        with model_storage.read_from(resource) as folder:
            learnt = load_heads(Path(folder) / HEADS_FILE, names=HEADS)
        return cls(config, model_storage, resource, learnt)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings and their defaults.

        ``smoothing`` is the ridge; the rest are the least confidences: of an intent (one for all,
        and of single intents by name), of the surest harm, of a further harm, of a danger, of
        a danger that one stretch of a long message tells of.
        ``clauses`` is how much of a harm's confidence comes from the clause that tells it best.
        """
        return {
            "smoothing": 0.1,
            "clauses": 0.4,
            "intent": 0.3,
            "intents": {},
            "harm": 0.4,
            "more_harm": 0.5,
            "danger": 0.3,
            "danger_in_long": 0.5,
        }

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the heads on all examples with a text and an intent, and keep them."""
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        solver = Solver(
            np.vstack([m.get(VECTORS) for m in messages]),
            _stacked([m.get(NGRAMS) for m in messages]),
            smoothing=float(self._config["smoothing"]),
        )
        harms = [_metadata(m).get("harm_types") or [] for m in messages]
        heads = {
            "intent": solver.one_of([str(m.get(INTENT)) for m in messages]),
            "harms": solver.any_of(harms, names=HARM_TYPES),
            "danger": solver.one_of([_danger_label(m) for m in messages]),
        }
        self._learnt = solver.examples, heads
        with self._storage.write_to(self._resource) as folder:
            save_heads(Path(folder) / HEADS_FILE, examples=solver.examples, heads=heads)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: no later component learns from a head."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what the heads find to each message."""
        if self._learnt is None:
            return messages
        examples, heads = self._learnt
        for message, kernel in _kernels(messages, examples):
            self._read_intent(message, heads["intent"], kernel[:1])
            long = message.get(STRETCHES)
            self._read_harms(message, heads["harms"], kernel[message.get(TOLD) : long], examples)
            self._read_danger(message, heads["danger"], kernel[[0, *range(long, len(kernel))]])
        return messages

    def _read_intent(self, message: Message, head: KernelHead, kernel: Any) -> None:
        row = head.one_of(kernel)[0]
        order = row.argsort()[::-1][:3]
        ranking = [
            {INTENT_NAME_KEY: head.labels[i], PREDICTED_CONFIDENCE_KEY: float(row[i])}
            for i in order
        ]
        best = ranking[0]
        least = self._config["intents"].get(best[INTENT_NAME_KEY], self._config["intent"])
        if best[PREDICTED_CONFIDENCE_KEY] < float(least):
            best = {
                INTENT_NAME_KEY: FALLBACK,
                PREDICTED_CONFIDENCE_KEY: best[PREDICTED_CONFIDENCE_KEY],
            }
            ranking = [best, *ranking]
        message.set(INTENT, best, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _read_harms(
        self, message: Message, head: KernelHead, kernel: Any, examples: Examples
    ) -> None:
        said = _features_text(message)
        meant = DENIED.sub(" ", said)
        if meant != said and _intent(message) == CORRECTION:
            # "Not hacking, blackmail": what is denied must not be found.
            kernel = examples.kernel(shared_encoder().encode([meant]), ngram_features([meant]))
        rows = head.any_of(kernel)
        row = rows[0]
        if len(rows) > 1:
            # What one clause tells is not drowned by what stands around it.
            weight = float(self._config["clauses"])
            row = (1.0 - weight) * row + weight * rows[1:].max(axis=0)
        found = [
            {"name": head.labels[i], "confidence": round(float(row[i]), 4)}
            for place, i in enumerate(row.argsort()[::-1])
            if row[i] >= float(self._config["more_harm" if place else "harm"])
        ]
        message.set("harm_types", found, add_to_output=True)
        if _intent(message) == FALLBACK and found and found[0]["confidence"] >= SURE_OF_HARM:
            # What is told is clear enough, whatever is asked: it is taken as a report.
            intent = {INTENT_NAME_KEY: REPORT, PREDICTED_CONFIDENCE_KEY: found[0]["confidence"]}
            message.set(INTENT, intent, add_to_output=True)

    def _read_danger(self, message: Message, head: KernelHead, kernel: Any) -> None:
        """Add what the word list cannot see: the second layer of the danger screen."""
        rows = head.one_of(kernel)
        none = rows[:, head.labels.index("none")]
        least = [
            float(self._config["danger"]),
            *[float(self._config["danger_in_long"])] * len(rows),
        ]
        # The surest above what it needs: a stretch out of its story has to be surer.
        at = max(range(len(rows)), key=lambda row: (1.0 - none[row] >= least[row], -none[row]))
        scores = dict(zip(head.labels, map(float, rows[at]), strict=True))
        kind = max(("danger", "self_harm"), key=lambda name: scores.get(name, 0.0))
        present = 1.0 - scores["none"] >= least[at]
        message.set(
            "danger",
            {
                "kind": kind if present else None,
                "confidence": round(1.0 - scores["none"], 4),
            },
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
            last = message.get(INTENT) or {}
            self._reader.tell_intent(_intent(message), float(last.get(PREDICTED_CONFIDENCE_KEY, 0)))
        return messages


def _intent(message: Message) -> str:
    return str((message.get(INTENT) or {}).get(INTENT_NAME_KEY))


def _text(message: Message) -> str:
    return str(message.get(TEXT) or "")[:MOST_CHARACTERS]


def _features_text(message: Message) -> str:
    return plainly_written(_text(message))


def _parts(message: Message) -> list[str]:
    """Return the texts that a message is read by, and note on it which is which."""
    said = _features_text(message)
    told = without_denied(said)
    texts = [said, *([told] if told != said else ()), *clauses(told)]
    message.set(TOLD, int(told != said))
    message.set(STRETCHES, len(texts))
    return [*texts, *stretches(said)]


def _kernels(messages: Sequence[Message], examples: Examples) -> Iterator[tuple[Message, Any]]:
    """Yield each message that has features, and how like each of its texts is to each example."""
    read = [message for message in messages if message.get(VECTORS) is not None]
    for start in range(0, len(read), _TOGETHER):
        some = read[start : start + _TOGETHER]
        vectors = [message.get(VECTORS) for message in some]
        kernel = examples.kernel(np.vstack(vectors), _stacked([m.get(NGRAMS) for m in some]))
        ends = np.cumsum([len(rows) for rows in vectors])[:-1]
        yield from zip(some, np.split(kernel, ends), strict=True)


def _put(message: Message, vectors: Any, grams: Any) -> None:
    message.set(VECTORS, vectors)
    message.set(NGRAMS, grams)


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
