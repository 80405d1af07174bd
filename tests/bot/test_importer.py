"""Our reading of the training data gives Rasa just what its own reading would."""

from __future__ import annotations

import shutil
from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter

from bot.nlu.importer import FolderImporter
from bot.settings import ROOT

FILES = ("affirm.yml", "ask_cross_border.yml", "danger_in_passing.yml")


def test_messages_and_responses_are_those_of_rasas_own_importer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data" / "responses", data / "responses")
    (data / "nlu").mkdir()
    for name in FILES:
        shutil.copy(ROOT / "data" / "nlu" / name, data / "nlu" / name)
    given = (str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(data)])
    ours, rasas = (maker(*given).get_nlu_data() for maker in (FolderImporter, RasaFileImporter))
    assert len(ours.training_examples) > 50
    assert [m.as_dict() for m in ours.training_examples] == [
        m.as_dict() for m in rasas.training_examples
    ]
    assert ours.responses and ours.responses == rasas.responses


def test_stories_are_read_by_rasa() -> None:
    made = FolderImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")])
    assert len(made.get_stories().story_steps) > 50
