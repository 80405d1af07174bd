"""Training is repeatable, says what a model was made of, and refuses data with a mistake in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from bot.checks import check_training_data
from bot.model import card_path, checked
from bot.release.card import model_card_path, read_model_card
from bot.settings import ROOT, Settings, local_key

KEY = b"k" * 32
_FEW = 8
_TRAIN = """
import sys
from pathlib import Path
from bot.model import train
train(Path(sys.argv[2]), key=b"k" * 32, root=Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything that training reads, and a few messages of each intent."""
    root = tmp_path_factory.mktemp("small")
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, root)
    for name in ("data", "knowledge"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (root / "data" / "nlu").glob("*.yml"):
        content = yaml.safe_load(path.read_text())
        for block in content["nlu"]:
            block["examples"] = block["examples"][:_FEW]
        path.write_text(yaml.safe_dump(content, allow_unicode=True))
    return root


def heads_after_training(root: Path, model: Path) -> bytes:
    """Train in a process of its own, as a maintainer does, and return the heads."""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _TRAIN, str(root), str(model)],
        cwd=root,
        check=True,
        capture_output=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "RASA_TELEMETRY_ENABLED": "false"},
    )
    with tarfile.open(model) as archive:
        name = next(n for n in archive.getnames() if n.endswith("heads.npz"))
        member = archive.extractfile(name)
        assert member is not None
        return member.read()


@pytest.mark.timeout(600)
def test_the_same_data_gives_the_same_heads_byte_for_byte(small: Path, tmp_path: Path) -> None:
    """Once with no vector kept from before, once with all of them, once with some."""
    first = heads_after_training(small, tmp_path / "one.tar.gz")
    second = heads_after_training(small, tmp_path / "two.tar.gz")
    assert len(first) > 100_000
    assert first == second


def test_a_trained_model_is_whole_and_leaves_nothing_half_made(small: Path, tmp_path: Path) -> None:
    model = tmp_path / "waymark.tar.gz"
    heads_after_training(small, model)
    assert checked(model, key=KEY).sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        card_path(model).name,
        model.name,
    ]


def test_the_model_card_says_what_the_model_was_made_of() -> None:
    model = Settings().model
    card, signed = read_model_card(model), checked(model, key=local_key("model_key"))
    assert (card.sha256, card.data, card.encoder) == (signed.sha256, signed.data, signed.encoder)
    assert {"rasa", "numpy", "scikit-learn", "onnxruntime", "waymark"} <= set(card.versions)
    assert card.examples["all"] > 5000 and card.trained_at.startswith("20")
    assert card.thresholds["danger"] and model_card_path(model).name == "waymark.card.json"


def problems_with(tmp_path: Path, name: str, text: str) -> list[str]:
    """Return what the check says of the training data with one file more."""
    folder = tmp_path / "nlu"
    shutil.copytree(ROOT / "data" / "nlu", folder)
    (folder / name).write_text(text)
    return [line for line in check_training_data(folder) if name in line]


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ('  - {text: "hello there}\n', 5, "quot"),
        (
            '  - {text: "a b c d", metadata: {harm_types: [stalkin]}}\n',
            5,
            "did you mean 'stalking'",
        ),
        ('  - {text: "how do i get email headers"}\n', 5, "ask_evidence"),
        ("  - {metadata: {danger: true}}\n", 5, "text"),
    ],
    ids=["broken line", "unknown label", "in two intents", "no text"],
)
def test_a_bad_training_file_is_named_by_line(
    tmp_path: Path, body: str, line: int, said: str
) -> None:
    text = f'version: "3.1"\nnlu:\n- intent: greet\n  examples:\n{body}'
    found = problems_with(tmp_path, "zz_new.yml", text)
    assert found, "nothing was said"
    assert any(f"zz_new.yml:{line}: " in problem and said in problem for problem in found), found


def test_an_unknown_intent_is_named_by_line(tmp_path: Path) -> None:
    text = 'version: "3.1"\nnlu:\n- intent: gret\n  examples:\n  - {text: "hiya you lot"}\n'
    found = problems_with(tmp_path, "zz_new.yml", text)
    assert any("zz_new.yml:3: " in line and "did you mean 'greet'" in line for line in found)


def test_train_refuses_a_bad_file_and_leaves_the_model_alone(tmp_path: Path) -> None:
    """The command itself, on a copy of the project with one broken line."""
    for name in ("bot", "actions", "knowledge", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "data" / "nlu" / "greet.yml").open("a").write('  - {text: "hi, harm: }\n')
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "waymark.tar.gz"
    model.write_bytes(b"the model of yesterday")
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "train"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "data/nlu/greet.yml:" in done.stderr and "Traceback" not in done.stderr
    assert model.read_bytes() == b"the model of yesterday"
