"""The serving process holds no TensorFlow; training, and a model that needs it, get the real one."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import pytest

from bot.light import RASA, does_without
from bot.settings import Settings
from tests.support.server import ROOT, Server

MODEL = Settings().model
THERE_AND_BACK = """
import sys
from pathlib import Path
from bot import light
light.prepare(Path(sys.argv[1]))
import rasa.utils.train_utils as utils
from rasa.graph_components.validators import default_recipe_validator as validator
assert sys.modules["tensorflow"] is None
try:
    utils.RasaTrainingLogger(1, silent=True)
except RuntimeError as error:
    assert "TensorFlow" in str(error)
else:
    raise AssertionError("a stand-in can be used")
light.bring_back()
import tensorflow
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.graph_components.validators.default_recipe_validator import DefaultV1RecipeValidator
assert issubclass(utils.RasaTrainingLogger, tensorflow.keras.callbacks.Callback)
assert hasattr(DefaultV1RecipeValidator, "validate")
print("back")
"""


def test_the_stand_ins_were_read_in_the_rasa_that_is_installed() -> None:
    assert version("rasa") == RASA, (
        "Rasa has another version: read which of its modules import tensorflow now, "
        "and change _STAND_INS and RASA in bot/light.py"
    )


def test_the_serving_process_answers_without_tensorflow(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        server.until_ready(seconds=200)
        talk = server.talk()
        talk.say("what evidence should i keep")
        assert talk.kinds[0] == "answer"
        mapped = Path(f"/proc/{server.pid}/maps").read_text()
        assert "onnxruntime" in mapped, "no encoder is loaded: this would prove nothing"
        assert "tensorflow" not in mapped


def test_a_training_in_the_same_process_gets_the_real_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THERE_AND_BACK, str(MODEL)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.stdout.strip().endswith("back"), done.stderr


@pytest.mark.parametrize(
    ("component", "without"),
    [
        ("bot.nlu.components.MessageHeads", True),
        ("rasa.nlu.classifiers.diet_classifier.DIETClassifier", False),
        ("rasa.core.policies.ted_policy.TEDPolicy", False),
        ("somebody.elses.Component", False),
    ],
)
def test_a_model_with_an_unknown_component_is_loaded_as_ever(
    tmp_path: Path, component: str, without: bool
) -> None:
    nodes = {"nodes": {"one": {"uses": component}}}
    content = json.dumps({"train_schema": nodes, "predict_schema": nodes}).encode()
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("metadata.json")
        entry.size = len(content)
        archive.addfile(entry, BytesIO(content))
    assert does_without(tmp_path / "model.tar.gz") is without
