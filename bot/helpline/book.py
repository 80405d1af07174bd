"""The knowledge and the sentences as a server says them: everybody's, and the helpline's own."""

from __future__ import annotations

import importlib
from typing import Any

from bot.helpline.model import Helpline
from bot.helpline.numbers import OWN
from knowledge.base import Knowledge
from knowledge.loader import load
from knowledge.model import Fact
from knowledge.words import Words, load_words
from knowledge.yaml_lines import DataError, Problem


def knowledge_of(helpline: Helpline | None) -> Knowledge:
    """Return the knowledge with a helpline's own numbers; ``DataError`` if it does not hold."""
    knowledge = load()
    if helpline is None:
        return knowledge
    taken = [fact for fact in helpline.facts if fact.id in knowledge.by_id]
    if taken:
        raise DataError(
            Problem(fact.where, f"the fact '{fact.id}' exists already", "rename the number")
            for fact in taken
        )
    return knowledge.with_own(helpline.facts)


def always_said(helpline: Helpline | None, *, retention: str) -> dict[str, str]:
    """Return the blanks that every sentence may have, filled."""
    always = {"retention": retention}
    return always | {"helpline": helpline.name} if helpline else always


def words_of(helpline: Helpline | None, *, retention: str) -> Words:
    """Return the sentences, those of the helpline in its own way."""
    return load_words(
        always=always_said(helpline, retention=retention),
        replaced=dict(helpline.words) if helpline else {},
    )


def executor_of(actions: str, helpline: Helpline | None, *, retention: str) -> Any:
    """Return the executor of a module of actions, saying what a server of these settings says."""
    return importlib.import_module(actions).executor(
        always=always_said(helpline, retention=retention),
        replaced=dict(helpline.words) if helpline else None,
        own=helpline.facts if helpline else (),
    )


def own_line(knowledge: Knowledge, number: str, *, home: str | None) -> Fact | None:
    """Return one of the helpline's own numbers by its id, as it serves a home, or anywhere."""
    found = [
        fact
        for fact in knowledge.facts
        if fact.numbers and (fact.id == number or fact.id.endswith(f"-{OWN}-{number}"))
    ]
    here = [fact for fact in found if fact.jurisdiction == home]
    return next(iter(here or found), None)
