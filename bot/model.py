"""Train the model, keep what it was made of beside it, and refuse one that is not that."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT

MADE_OF = ("config.yml", "domain.yml", "data", "knowledge", "bot/nlu", "bot/places")
_SUFFIXES = (".yml", ".py")
# Where Rasa says which component it trains.
_HOOKS = "rasa.engine.training.hooks"


class ModelError(Exception):
    """A model that may not be served, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands beside a model: its own hash, what it was made of, and a signature."""

    sha256: str
    data: str
    encoder: str
    signature: str

    @property
    def signed(self) -> bytes:
        """Return what the signature covers."""
        return f"{self.sha256}:{self.data}:{self.encoder}".encode()


def data_hash(root: Path = ROOT, names: Sequence[str] = MADE_OF) -> str:
    """Return one hash over all that a model is made of, by content, not by file times."""
    digest = hashlib.sha256()
    for name in names:
        base = root / name
        paths = [base] if base.is_file() else sorted(base.rglob("*"))
        for path in paths:
            if path.is_file() and path.suffix in _SUFFIXES:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def card_path(model: Path) -> Path:
    """Return where a model's card stands."""
    return model.with_name(model.name.split(".")[0] + ".json")


def write_card(model: Path, *, key: bytes, root: Path = ROOT, data: str = "") -> Card:
    """Write the card of a model that was just trained, and return it.

    ``data`` is the hash from before the training: what was changed since then is not in the model.
    """
    from bot.nlu.encoder import SHA256

    unsigned = Card(file_hash(model), data or data_hash(root), encoder=SHA256, signature="")
    signature = hmac.new(key, unsigned.signed, hashlib.sha256).hexdigest()
    card = Card(unsigned.sha256, unsigned.data, unsigned.encoder, signature)
    content = {
        "sha256": card.sha256,
        "data": card.data,
        "encoder": card.encoder,
        "signature": card.signature,
    }
    half = card_path(model).with_name(f".half-{os.getpid()}.json")
    half.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    half.replace(card_path(model))
    return card


def checked(model: Path, *, key: bytes) -> Card:
    """Return the card of a model that is whole, signed and of this encoder, or ``ModelError``."""
    from bot.nlu.encoder import SHA256

    if not model.is_file():
        raise ModelError("there is no model: run 'waymark train'")
    try:
        card = Card(**json.loads(card_path(model).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise ModelError("the model has no card: run 'waymark train'") from None
    if not hmac.compare_digest(card.sha256, file_hash(model)):
        raise ModelError("the model is not the one its card names: run 'waymark train'")
    wanted = hmac.new(key, card.signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(card.signature, wanted):
        raise ModelError("the model's signature does not hold: run 'waymark train' with its key")
    if card.encoder != SHA256:
        raise ModelError("the model was made with another encoder: run 'waymark train'")
    return card


def named(model: Path, *, key: bytes) -> Card:
    """Return the card of a model as ``checked`` does; its errors name the file."""
    try:
        return checked(model, key=key)
    except ModelError as error:
        raise ModelError(f"{model}: {error}") from None


def is_current(model: Path, *, key: bytes, root: Path = ROOT) -> bool:
    """Say whether the model was made of just what stands in the folder now."""
    try:
        return checked(model, key=key).data == data_hash(root)
    except ModelError:
        return False


def train(
    model: Path,
    *,
    key: bytes,
    root: Path = ROOT,
    on_step: Callable[[str], None] = lambda step: None,
) -> Card:
    """Train from ``config.yml``, ``domain.yml`` and ``data/``, and write model and card.

    The same data gives the same predictions. The archive is made under another name and then moved:
    whoever looks sees the old model or the new one, never half of one.

    Args:
        model: where the archive goes.
        key: signs the card.
        root: the folder with the data.
        on_step: told what is under way, a few words each time.
    """
    from bot import light
    from bot.quiet import silence_rasa

    on_step("loading Rasa")
    light.bring_back()
    # Before Rasa is imported: its own default prints every step of every story.
    silence_rasa("WARNING")
    # Its progress bars would run through ours; it reads this to leave them out.
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    import rasa.model_training

    made_of = data_hash(root)
    model.parent.mkdir(parents=True, exist_ok=True)
    half = model.with_name(f".half-{os.getpid()}-{model.name}")
    on_step("reading the messages")
    try:
        with _told(on_step), redirect_stdout(io.StringIO()):
            result = rasa.model_training.train(
                domain=str(root / "domain.yml"),
                config=str(root / "config.yml"),
                training_files=[str(root / "data")],
                output=str(half.parent),
                fixed_model_name=half.name,
                force_training=True,
            )
        if result.code != 0 or not result.model:
            raise ModelError(f"training ended with code {result.code}: see the lines above")
        on_step("signing")
        half.replace(model)
    finally:
        half.unlink(missing_ok=True)
    return write_card(model, key=key, root=root, data=made_of)


@contextmanager
def _told(on_step: Callable[[str], None]) -> Iterator[None]:
    """Pass on which component Rasa trains."""

    class Steps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said = record.getMessage().split("'")
            if said[0].startswith("Starting"):
                on_step(f"training {said[1]}")

    logger, steps = logging.getLogger(_HOOKS), Steps()
    level, passes = logger.level, logger.propagate
    logger.addHandler(steps)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(steps)
        logger.setLevel(level)
        logger.propagate = passes


def file_hash(path: Path) -> str:
    """Return a file's SHA-256 as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
