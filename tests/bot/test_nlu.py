"""The encoder and the heads: the same in, the same out; wrong files refused; nothing pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.components import MessageHeads, SentenceFeatures
from bot.nlu.encoder import (
    EncoderError,
    SentenceEncoder,
    encode_kept,
    packaged_folder,
    shared_encoder,
)
from bot.nlu.kernel import Solver, _split, load_heads, save_heads
from bot.nlu.letters import plainly_written
from bot.nlu.ngrams import WIDTH, ngram_features

TEXTS = [
    "he keeps following me home from work",
    "somebody is stalking me",
    "what is the weather today",
    "will it rain tomorrow",
]


def test_vectors_are_of_unit_length_and_alike_texts_are_near() -> None:
    vectors = shared_encoder().encode(TEXTS)
    assert vectors.shape == (4, 1152)
    assert np.allclose(np.linalg.norm(vectors.reshape(4, 3, 384), axis=2), 1, atol=1e-5)
    last = vectors[:, -384:]
    alike = last @ last.T
    assert alike[0, 1] > alike[0, 2] and alike[2, 3] > alike[1, 2]


def test_a_batch_gives_what_single_texts_give() -> None:
    """Padding must not leak into a shorter text."""
    together = shared_encoder().encode([*TEXTS, "word " * 150])
    alone = np.vstack([shared_encoder().encode([text]) for text in TEXTS])
    assert np.allclose(together[:4], alone, atol=1e-5)


def test_casing_changes_nothing() -> None:
    encoder = shared_encoder()
    assert np.allclose(encoder.encode(["HE IS OUTSIDE"]), encoder.encode(["he is outside"]))


def test_missing_or_other_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="is missing"):
        SentenceEncoder(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(EncoderError, match="another hash"):
        SentenceEncoder(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "model.safetensors").symlink_to(packaged_folder() / "model.safetensors")
    with pytest.raises(EncoderError, match=r"tokenizer\.json is missing"):
        SentenceEncoder(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"tokenizer\.json has another hash"):
        SentenceEncoder(tmp_path)


@pytest.mark.parametrize("broken", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_broken_cache_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    cache = tmp_path / "vectors.npz"
    cache.write_bytes(broken)
    first = encode_kept(TEXTS[:2], cache)
    assert np.array_equal(encode_kept(TEXTS[:2], cache), first)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.npz"]


def test_the_cache_gives_the_same_vectors(tmp_path: Path) -> None:
    cache = tmp_path / "vectors.npz"
    first = encode_kept(TEXTS[:3], cache)
    again = encode_kept(TEXTS, cache)
    assert np.allclose(first, again[:3])
    assert np.allclose(again, shared_encoder().encode(TEXTS), atol=1e-5)


def test_ngrams_have_a_fixed_width_and_ignore_case() -> None:
    assert ngram_features(["Hello there"]).shape == (1, WIDTH)
    assert (ngram_features(["Hello"]) != ngram_features(["hELLO"])).nnz == 0


def learnt() -> tuple[np.ndarray, object, list[str]]:
    """Return features and labels of three easy classes."""
    texts = [f"{word} number {n}" for word in ("red", "green", "blue") for n in range(40)]
    labels = [text.split()[0] for text in texts]
    return shared_encoder().encode(texts), ngram_features(texts), labels


def test_one_label_heads_learn_and_their_probabilities_add_up(tmp_path: Path) -> None:
    dense, sparse, labels = learnt()
    solver = Solver(dense, sparse, smoothing=0.1)
    head, kernel = solver.one_of(labels), solver.examples.kernel(dense, sparse)
    found = head.one_of(kernel)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert [head.labels[i] for i in found.argmax(axis=1)] == labels
    save_heads(tmp_path / "heads.npz", examples=solver.examples, heads={"colour": head})
    examples, heads = load_heads(tmp_path / "heads.npz", names=("colour",))
    assert np.array_equal(heads["colour"].one_of(examples.kernel(dense, sparse)), found)


def test_many_label_heads_find_none_one_or_two_and_never_what_was_not_taught() -> None:
    dense, sparse, labels = learnt()
    rows = [[label, "colour"] if label != "blue" else [] for label in labels]
    solver = Solver(dense, sparse, smoothing=0.1)
    head = solver.any_of(rows, names=("red", "green", "colour", "never"))
    found = head.any_of(solver.examples.kernel(dense, sparse)) >= 0.5
    named = [{head.labels[i] for i in np.where(row)[0]} for row in found]
    assert named == [set(row) for row in rows]


def test_the_same_data_gives_the_same_head() -> None:
    dense, sparse, labels = learnt()
    one, two = (Solver(dense, sparse, smoothing=0.1).one_of(labels) for _ in range(2))
    assert np.array_equal(one.dual, two.dual) and np.array_equal(one.slope, two.slope)


def test_one_message_more_changes_which_are_kept_apart_by_one_at_most() -> None:
    rows = np.random.default_rng(1).normal(size=(203, 8)).astype(np.float32)
    _, before = _split(rows[:-1])
    _, after = _split(rows)
    assert len(before) == 40 and len(set(before) ^ set(after)) <= 2


def test_hidden_and_look_alike_letters_are_read_as_they_look() -> None:
    assert plainly_written("h\u200bе is fоllоwing me") == "he is following me"
    assert plainly_written("he’s “here”") == 'he\'s "here"'
    assert plainly_written("plain words, untouched!") == "plain words, untouched!"


def test_spellings_of_speech_are_read_as_their_words_and_handles_are_left_alone() -> None:
    assert plainly_written("Ppl cannae stop it, he wis oot wi ma fone") == (
        "people cannot stop it, he wis out with ma phone"
    )
    for alone in ("mail me at u.r@w.example", "@fae said it", "the n-word", "section 127(1)(b)"):
        assert plainly_written(alone) == alone


def test_messages_that_are_read_together_are_read_as_each_alone() -> None:
    dense, sparse, labels = learnt()
    solver = Solver(dense, sparse, smoothing=0.1)
    heads = {
        "intent": solver.one_of(labels),
        "harms": solver.any_of([[label] for label in labels], names=("red", "green", "blue")),
        "danger": solver.one_of(["danger" if label == "red" else "none" for label in labels]),
    }
    config = MessageHeads.get_default_config()
    reads = MessageHeads(config, None, None, (solver.examples, heads))
    long = "It was green. It was not red, and then it was blue again. " * 20
    texts = ["red number 7", "", *TEXTS, long, "number 3 is blue, not green", "red number 7"] * 12

    def read(some: list[str]) -> list[dict[str, Any]]:
        messages = SentenceFeatures().process([Message({TEXT: text}) for text in some])
        return [m.as_dict(only_output_properties=True) for m in reads.process(messages)]

    together = read(texts)
    for text, found in zip(texts[:9], together, strict=False):
        (alone,) = read([text])
        assert found["intent"]["name"] == alone["intent"]["name"]
        for part in ("intent", "danger"):
            assert np.isclose(found[part]["confidence"], alone[part]["confidence"], atol=2e-4)
        assert found["danger"]["kind"] == alone["danger"]["kind"]
        assert [harm["name"] for harm in found["harm_types"]] == [
            harm["name"] for harm in alone["harm_types"]
        ]
    assert len(together) == len(texts) > 64 and read([]) == []
