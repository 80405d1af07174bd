"""A model is served only if its hash and signature hold, and retrained only if its data changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.model import MADE_OF, ModelError, card_path, checked, data_hash, is_current, write_card
from bot.settings import ROOT

KEY = b"k" * 32


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a stand-in for a model archive, with its card."""
    path = tmp_path / "waymark.tar.gz"
    path.write_bytes(b"an archive")
    write_card(path, key=KEY)
    return path


def test_a_whole_and_signed_model_is_accepted(model: Path) -> None:
    assert checked(model, key=KEY).data == data_hash()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda m: m.unlink(), "no model"),
        (lambda m: card_path(m).unlink(), "no card"),
        (lambda m: card_path(m).write_text("{"), "no card"),
        (lambda m: m.write_bytes(b"another archive"), "not the one"),
    ],
)
def test_a_spoilt_model_is_refused_in_words(model: Path, spoil: object, said: str) -> None:
    spoil(model)  # type: ignore[operator]
    with pytest.raises(ModelError, match=said):
        checked(model, key=KEY)


def test_another_key_is_refused(model: Path) -> None:
    with pytest.raises(ModelError, match="signature"):
        checked(model, key=b"x" * 32)


def test_a_changed_card_is_refused(model: Path) -> None:
    card = json.loads(card_path(model).read_text())
    card_path(model).write_text(json.dumps({**card, "data": "0" * 64}))
    with pytest.raises(ModelError, match="signature"):
        checked(model, key=KEY)


def test_a_model_that_another_encoder_made_is_refused(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.encoder.SHA256", "0" * 64)
    with pytest.raises(ModelError, match="another encoder"):
        checked(model, key=KEY)


def test_the_data_hash_follows_content_and_not_file_times(tmp_path: Path) -> None:
    for name in MADE_OF:
        source = ROOT / name
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    before = data_hash(tmp_path)
    assert before == data_hash(ROOT)
    (tmp_path / "config.yml").touch()
    assert data_hash(tmp_path) == before
    harm = tmp_path / "knowledge" / "harms.yml"
    harm.write_text(harm.read_text() + "# changed\n")
    assert data_hash(tmp_path) != before


def test_the_model_of_this_checkout_is_current() -> None:
    from bot.settings import Settings, local_key

    assert is_current(Settings().model, key=local_key("model_key"))
