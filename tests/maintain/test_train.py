"""Training is repeatable, says what a model was made of, and refuses data with a mistake in it."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from bot.checks import check_training_data
from bot.cli import train as command
from bot.cli.train import steps_of
from bot.model import card_path, checked
from bot.release.card import model_card_path, read_model_card
from bot.settings import ROOT, Settings, local_key

KEY = b"k" * 32
_FEW = 3
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


@pytest.mark.timeout(1800)
def test_training_leaves_a_whole_model_and_the_same_data_gives_the_same_heads(
    small: Path, tmp_path: Path
) -> None:
    """Once with no vector kept from before, once with all of them; the heads byte for byte."""
    model = tmp_path / "waymark.tar.gz"
    first = heads_after_training(small, model)
    assert len(first) > 100_000
    assert checked(model, key=KEY).sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        card_path(model).name,
        model.name,
    ]
    assert heads_after_training(small, model) == first


def test_the_model_card_says_what_the_model_was_made_of() -> None:
    model = Settings().model
    card, signed = read_model_card(model), checked(model, key=local_key("model_key"))
    assert (card.sha256, card.data, card.encoder) == (signed.sha256, signed.data, signed.encoder)
    assert {"rasa", "numpy", "scikit-learn", "onnxruntime", "waymark"} <= set(card.versions)
    assert card.examples["all"] > 5000 and card.trained_at.startswith("20")
    assert card.thresholds["danger"] and model_card_path(model).name == "waymark.card.json"


def test_the_steps_of_a_training_are_known_before_it_begins() -> None:
    steps = steps_of(ROOT / "config.yml", evaluate=True)
    assert steps[0] == "checking the training messages" and steps[-1] == "evaluating"
    assert {"training MessageHeads", "training RulePolicy", "signing"} <= set(steps)
    assert "evaluating" not in steps_of(ROOT / "config.yml", evaluate=False)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_shows_how_far_it_is_on_a_terminal_and_nothing_elsewhere(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    written = io.StringIO()
    terminal_of = {"TERM": "xterm"}
    console = Console(file=written, force_terminal=terminal, width=100, _environ=terminal_of)
    monkeypatch.setattr(command, "err", console)
    with command._bar(["loading Rasa", "training A", "training B", "signing"]) as tell:
        for step, far in (
            ("loading Rasa", "1/4"),
            ("training B", "3/4"),
            ("training A", "3/4"),
            ("something else", "3/4"),
            ("signing", "4/4"),
        ):
            before = len(written.getvalue())
            tell(step)
            shown = written.getvalue()[before:]
            assert (step in shown and far in shown) if terminal else not shown
    assert terminal or not written.getvalue()


BAD = {
    "broken line": '- intent: greet\n  examples:\n  - {text: "hello there}\n',
    "unknown label": "- intent: greet\n  examples:\n"
    '  - {text: "a b c d", metadata: {harm_types: [stalkin]}}\n',
    "in two intents": '- intent: greet\n  examples:\n  - {text: "how do i get email headers"}\n',
    "bare metadata": '- intent: greet\n  examples:\n  - {text: "hiya there", metadata: 5}\n',
    "no text": "- intent: greet\n  examples:\n  - {metadata: {danger: true}}\n",
    "nearly in two intents": "- intent: greet\n  examples:\n"
    '  - {text: "how do i get the email headers"}\n',
    "unknown intent": '- intent: gret\n  examples:\n  - {text: "hiya you lot"}\n',
    "a yes": "- intent: affirm\n  examples:\n  - {text: yes}\n",
    "a number": "- intent: affirm\n  examples:\n  - {text: 112}\n",
    "a fraction": "- intent: affirm\n  examples:\n  - {text: 1.5}\n",
    "a time of day": "- intent: affirm\n  examples:\n  - {text: 12:30}\n",
    "a list for a text": "- intent: affirm\n  examples:\n  - {text: [one, two]}\n",
    "a bare line": "- intent: greet\n  examples:\n  - hiya you lot\n",
    "one text": "- intent: greet\n  examples: |\n    - hiya you lot\n    - hello you lot\n",
    "no examples": "- intent: greet\n",
    "no block": "",
    "one harm": "- intent: greet\n  examples:\n"
    '  - {text: "hiya you six", metadata: {harm_types: 5}}\n',
    "harm yes": "- intent: greet\n  examples:\n"
    '  - {text: "hiya you nine", metadata: {harm_types: yes}}\n',
    "harm in a list": "- intent: greet\n  examples:\n"
    '  - {text: "hiya you ten", metadata: {harm_types: [no, [threats]]}}\n',
    "danger in quotes": "- intent: greet\n  examples:\n"
    '  - text: "hiya you two"\n    metadata: {danger: "no"}\n',
    "a tag": '- intent: greet\n  examples:\n  - {text: "hiya you all", metadata: !odd {}}\n',
    "a field too many": '- intent: greet\n  synonym: hi\n  examples:\n  - {text: "hiya yous"}\n',
}
WHOLE = {
    "no nlu": 'version: "3.1"\nstories:\n- story: of a file that stands in the wrong place\n',
    "a bare list": '- intent: greet\n  examples:\n  - {text: "hiya you three"}\n',
    "a sentence": "hiya you four\n",
    "a version of no calendar": "version: 2026-13-45\nnlu:\n- intent: greet\n  examples:\n"
    '  - {text: "hiya you five"}\n',
    "a stamp that is none": "- !!timestamp noon\n",
}


def file_of(mistake: str) -> str:
    """Return the name of the file with a mistake; the last of the folder, read after all others."""
    return f"zz_{mistake.replace(' ', '_')}.yml"


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return what the check says of the training data with one file more for each mistake."""
    folder = tmp_path_factory.mktemp("bad") / "nlu"
    shutil.copytree(ROOT / "data" / "nlu", folder)
    for mistake, body in BAD.items():
        (folder / file_of(mistake)).write_text(f'version: "3.1"\nnlu:\n{body}')
    for mistake, text in WHOLE.items():
        (folder / file_of(mistake)).write_text(text)
    (folder / "zz_other_ending.yaml").write_text('version: "3.1"\nnlu: []\n')
    return check_training_data(folder)


@pytest.mark.parametrize(
    ("mistake", "line", "said"),
    [
        ("broken line", 5, "quot"),
        ("unknown label", 5, "did you mean 'stalking'"),
        ("in two intents", 5, "ask_evidence"),
        ("bare metadata", 5, "metadata has no fields"),
        ("no text", 5, "text"),
        ("nearly in two intents", 5, ", which is ask_evidence: say it afresh or drop it"),
        ("unknown intent", 3, "did you mean 'greet'"),
        ("a yes", 5, "put it in quotes"),
        ("a number", 5, "put it in quotes"),
        ("a fraction", 5, "put it in quotes"),
        ("a time of day", 5, "put it in quotes"),
        ("a list for a text", 5, "put it in quotes"),
        ("a bare line", 5, "write 'text: ...'"),
        ("one text", 4, "examples are one text: write 'examples:' and a line '- {text: ...}'"),
        ("no examples", 3, "a block without examples"),
        ("no block", 2, "no block of messages"),
        ("one harm", 5, "harm_types is no list"),
        ("harm yes", 5, "harm_types is no list"),
        ("harm in a list", 5, "harm 'False' is unknown"),
        ("danger in quotes", 6, "danger is neither true nor false: write true or false"),
        ("a tag", 5, "the tag '!odd': leave it out"),
        ("a field too many", 4, "unknown field 'synonym': use intent or examples"),
        ("no nlu", 1, "no block of messages: write 'nlu:'"),
        ("no nlu", 2, "unknown field 'stories'"),
        ("a bare list", 1, "no block of messages"),
        ("a sentence", 1, "no block of messages"),
        ("a version of no calendar", 1, "write 'version: \"3.1\"'"),
        ("a stamp that is none", 1, "no block of messages"),
    ],
)
def test_a_mistake_in_the_training_data_is_named_by_line(
    problems: list[str], mistake: str, line: int, said: str
) -> None:
    found = [problem for problem in problems if file_of(mistake) in problem]
    assert found, "nothing was said"
    assert any(f"{file_of(mistake)}:{line}: " in problem and said in problem for problem in found)


def test_a_file_that_training_would_pass_by_is_named(problems: list[str]) -> None:
    said = "zz_other_ending.yaml:1: training passes this file by: name it nlu/zz_other_ending.yml"
    assert said in problems


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
