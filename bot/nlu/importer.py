"""How training reads ``data/``: stories and responses as Rasa does, messages by a faster parser.

Rasa parses each file of messages five times with a parser written in Python: two thirds of the time
that training took. An importer is its own place for another way.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FolderImporter(RasaFileImporter):  # type: ignore[misc]
    """Gives Rasa what stands in ``data/``: messages by our own reading, the rest by Rasa's."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        given = training_data_paths or []
        folders = [Path(path) for path in ([given] if isinstance(given, str) else given)]
        rest = [str(p) for f in folders for p in sorted(f.glob("*")) if p.name != "nlu"]
        self._folders = [folder / "nlu" for folder in folders]
        super().__init__(config_file, domain_path, rest)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the messages and the responses."""
        return self._nlu_data

    @cached_property
    def _nlu_data(self) -> TrainingData:
        return super().get_nlu_data().merge(TrainingData(read_messages(self._folders)))


class TrainingMessage(Message):  # type: ignore[misc]
    """A message that is quick to copy and to tell from another one.

    Rasa copies all of them each time that two sources are put together, and takes a fingerprint of
    every number of every vector. What is computed of a message follows from its words: it is shared
    by the copies, and no part of the fingerprint.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> TrainingMessage:
        """Return a message whose data may be set apart from this one's."""
        return TrainingMessage(self.data, set(self.output_properties), self.time, [*self.features])

    def fingerprint(self) -> str:
        """Return what tells this message from one with other words, labels or kinds of data."""
        said = json.dumps(self.data, sort_keys=True, default=lambda value: type(value).__name__)
        return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()


def read_messages(folders: list[Path]) -> list[Message]:
    """Return the training messages of folders, by file and line; ``waymark check`` judges them."""
    return [
        TrainingMessage(
            Message.build(
                example["text"].strip(), block["intent"], [], None, example.get("metadata")
            ).data
        )
        for folder in folders
        for path in sorted(folder.glob("*.yml"))
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)["nlu"]
        for example in block["examples"]
    ]
