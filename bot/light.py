"""Serve without TensorFlow, which Rasa imports for components that a model of ours does not have.

It would be a third of the process's memory and of its start. Rasa's own modules that import it
for training get stand-ins that refuse to be used; ``import tensorflow`` fails, which spaCy's own
library is made for. A model with a component that is not known to do without gets the real thing.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, Never

log = logging.getLogger(__name__)
# What stands below was read in this version; with another one TensorFlow is loaded as ever.
RASA = "3.6.21"
_STAND_INS = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
    "rasa.graph_components.validators.default_recipe_validator": ("DefaultV1RecipeValidator",),
}
# A module that has taken names out of a stand-in.
_HOLDER = "rasa.utils.train_utils"
# Components, by the beginning of their class's path, that never touch TensorFlow.
_LIGHT = (
    "bot.",
    "rasa.graph_components.",
    "rasa.core.policies.ensemble.",
    "rasa.core.policies.rule_policy.",
    "rasa.nlu.classifiers.regex_message_handler.",
)


class _StandIn(ModuleType):
    """Holds the place of a module that is not needed."""


class _LeftOut:
    """Refuses to be made: whoever gets here needs TensorFlow."""

    def __init__(self, *_: Any, **__: Any) -> Never:
        raise RuntimeError(f"{type(self).__name__} needs TensorFlow, which was left out")


def prepare(model: Path) -> None:
    """Leave TensorFlow out of this process if a model does without it; else bring it back.

    To be called before Rasa is imported; afterwards there is nothing left to save.
    """
    if not does_without(model):
        bring_back()
    elif version("rasa") != RASA:
        log.warning("Rasa is %s, not %s: TensorFlow is loaded too", version("rasa"), RASA)
    elif "tensorflow" not in sys.modules and _HOLDER not in sys.modules:
        # What is set to None cannot be imported.
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
        for name, classes in _STAND_INS.items():
            stand_in = _StandIn(name)
            for made in classes:
                setattr(stand_in, made, type(made, (_LeftOut,), {}))
            sys.modules[name] = stand_in


def bring_back() -> None:
    """Undo ``prepare``: the next import of TensorFlow, and of all that needs it, is a real one."""
    if sys.modules.get("tensorflow", sys) is None:
        del sys.modules["tensorflow"]
    ours = [name for name in _STAND_INS if isinstance(sys.modules.get(name), _StandIn)]
    for name in ours:
        del sys.modules[name]
    if ours and _HOLDER in sys.modules:
        importlib.reload(sys.modules[_HOLDER])


def does_without(model: Path) -> bool:
    """Say whether every component of a model is known not to need TensorFlow."""
    with tarfile.open(model) as archive:
        content = archive.extractfile("metadata.json")
        metadata = json.load(content) if content is not None else {}
    uses = [
        node["uses"]
        for schema in ("train_schema", "predict_schema")
        for node in metadata[schema]["nodes"].values()
    ]
    return all(name.startswith(_LIGHT) for name in uses)
